"""The heads g: from the output of a core to a distribution over actions, and to a value."""

from __future__ import annotations

import abc
import math

from metods_garage.modules.embedding import xavier_linear

import torch
from torch.distributions import Categorical, Distribution, Independent, Normal

Tensor = torch.Tensor

# v grows to about 5; without this factor the first policy is far from uniform.
_POLICY_OUTPUT_SCALE = 0.1


def perceptron(
    input_size: int, output_size: int, *, hidden_size: int | None, linear: bool
) -> torch.nn.Sequential:
    """A perceptron with one hidden tanh layer and a linear output, or one linear layer.

    Args:
        input_size: Size of the input.
        output_size: Size of the output.
        hidden_size: Units of the hidden layer; None is `input_size`.
        linear: Leave the hidden layer out.
    """
    if linear:
        return torch.nn.Sequential(xavier_linear(input_size, output_size))
    hidden_size = hidden_size or input_size
    return torch.nn.Sequential(
        xavier_linear(input_size, hidden_size),
        torch.nn.Tanh(),
        xavier_linear(hidden_size, output_size),
    )


class PolicyHead(torch.nn.Module, abc.ABC):
    """A head that maps features [..., Y] to a distribution with batch shape [...].

    Args:
        input_size: Size Y of the features.
        output_size: Number of outputs of the perceptron.
        hidden_size: Units of the hidden layer; None is `input_size`.
        linear: Use one linear layer.
    """

    def __init__(
        self, input_size: int, output_size: int, *, hidden_size: int | None, linear: bool
    ) -> None:
        super().__init__()
        self.network = perceptron(input_size, output_size, hidden_size=hidden_size, linear=linear)
        with torch.no_grad():
            last = self.network[-1]
            assert isinstance(last, torch.nn.Linear)
            last.weight.mul_(_POLICY_OUTPUT_SCALE)

    @abc.abstractmethod
    def forward(self, features: Tensor) -> Distribution:
        """The distribution over actions at features [..., Y]."""

    @abc.abstractmethod
    def most_likely(self, distribution: Distribution) -> Tensor:
        """The action that the distribution holds most likely: its mean, or its argmax."""


class CategoricalPolicyHead(PolicyHead):
    """Discrete actions.

    Args:
        input_size: Size Y of the features.
        n_actions: Number of actions.
        hidden_size: Units of the hidden layer; None is `input_size`.
        linear: Use one linear layer.
    """

    def __init__(
        self,
        input_size: int,
        n_actions: int,
        *,
        hidden_size: int | None = None,
        linear: bool = False,
    ) -> None:
        super().__init__(input_size, n_actions, hidden_size=hidden_size, linear=linear)

    def forward(self, features: Tensor) -> Categorical:
        """A `Categorical` with batch shape [...]."""
        return Categorical(logits=self.network(features), validate_args=False)

    def most_likely(self, distribution: Distribution) -> Tensor:
        """The argmax [...] of the probabilities."""
        assert isinstance(distribution, Categorical)
        return distribution.logits.argmax(-1)


class GaussianPolicyHead(PolicyHead):
    """Continuous actions with a diagonal normal distribution.

    Args:
        input_size: Size Y of the features.
        action_size: Dimension A of the actions.
        std: The standard deviation, at the start if it is learned.
        learn_std: Learn one standard deviation per dimension of the action.
        hidden_size: Units of the hidden layer; None is `input_size`.
        linear: Use one linear layer.

    Raises:
        ValueError: If the standard deviation is not positive.
    """

    log_std: Tensor

    def __init__(
        self,
        input_size: int,
        action_size: int,
        *,
        std: float = 1.0,
        learn_std: bool = True,
        hidden_size: int | None = None,
        linear: bool = False,
    ) -> None:
        super().__init__(input_size, action_size, hidden_size=hidden_size, linear=linear)
        if not std > 0:
            raise ValueError(f'std is {std}; it must be a positive number')
        log_std = torch.full((action_size,), math.log(std))
        if learn_std:
            self.log_std = torch.nn.Parameter(log_std)
        else:
            self.register_buffer('log_std', log_std)

    def forward(self, features: Tensor) -> Independent:
        """A diagonal normal distribution with batch shape [...] and event shape [A]."""
        mean = self.network(features)
        normal = Normal(mean, self.log_std.exp().expand_as(mean), validate_args=False)
        return Independent(normal, 1, validate_args=False)

    def most_likely(self, distribution: Distribution) -> Tensor:
        """The mean [..., A]."""
        return distribution.mean


class ValueHead(torch.nn.Module):
    """The value of a state, one number.

    Args:
        input_size: Size Y of the features.
        hidden_size: Units of the hidden layer; None is `input_size`.
        linear: Use one linear layer.
    """

    def __init__(
        self, input_size: int, *, hidden_size: int | None = None, linear: bool = False
    ) -> None:
        super().__init__()
        self.network = perceptron(input_size, 1, hidden_size=hidden_size, linear=linear)

    def forward(self, features: Tensor) -> Tensor:
        """The value [...] at features [..., Y]."""
        return self.network(features).squeeze(-1)
