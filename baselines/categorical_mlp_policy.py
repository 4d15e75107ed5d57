"""A perceptron over discrete actions, which garage does not have in torch."""

from typing import Any

import torch
from garage import EnvSpec
from garage.torch.modules import MLPModule
from garage.torch.policies.stochastic_policy import StochasticPolicy


class CategoricalMLPPolicy(StochasticPolicy):
    """Discrete actions from the logits of a perceptron without memory.

    Args:
        env_spec (EnvSpec): Specification of the environment, with Discrete actions.
        hidden_sizes (tuple[int]): Units of the hidden layers, of tanh.
        name (str): Name of the policy.

    """

    def __init__(
        self,
        env_spec: EnvSpec,
        hidden_sizes: tuple[int, ...] = (100, 100),
        name: str = 'CategoricalMLPPolicy',
    ) -> None:
        super().__init__(env_spec, name)
        self._module = MLPModule(
            input_dim=env_spec.observation_space.flat_dim,
            output_dim=env_spec.action_space.n,
            hidden_sizes=hidden_sizes,
            hidden_nonlinearity=torch.tanh,
            output_nonlinearity=None,
        )

    @property
    def env_spec(self) -> EnvSpec:
        """EnvSpec: Specification of the environment."""
        return self._env_spec

    def forward(
        self, observations: torch.Tensor
    ) -> tuple[torch.distributions.Categorical, dict[str, Any]]:
        """The distribution over actions at observations [..., O]."""
        logits = self._module(observations)
        return torch.distributions.Categorical(logits=logits), {'logits': logits}
