"""Embedding, core and heads as one network over whole trials."""

from __future__ import annotations

from collections.abc import Sequence

from metods_garage.modules.core import RecurrentCore, State, unroll_in_parts
from metods_garage.modules.heads import PolicyHead, ValueHead
from metods_garage.modules.running_normalizer import RunningNormalizer

import torch
from torch.distributions import Distribution

Tensor = torch.Tensor


class RecurrentActorCritic(torch.nn.Module):
    """(policy, value) = g(core(f(observation))), over the steps of trials.

    With a trunk, what both heads have in common: (policy, value) = g(trunk(core(f(observation)))).

    Args:
        embedding: f, mapping observations [..., O] to the core's input [..., I];
            `torch.nn.Identity()` feeds the core with observations.
        core: The recurrent core.
        policy_head: From the core's output, or the trunk's, to a distribution over actions.
        value_head: From the same to a value.
        observation_normalizer: Applied to observations before f, or None. It is part of the state
            dict; `forward` never updates it.
        trunk: Between the core and both heads, or None.
    """

    def __init__(
        self,
        embedding: torch.nn.Module,
        core: RecurrentCore,
        policy_head: PolicyHead,
        value_head: ValueHead,
        observation_normalizer: RunningNormalizer | None = None,
        trunk: torch.nn.Module | None = None,
    ) -> None:
        super().__init__()
        self.observation_normalizer = observation_normalizer
        self.embedding = embedding
        self.core = core
        self.trunk = trunk
        self.policy_head = policy_head
        self.value_head = value_head

    def initial_state(self, batch_size: int, generator: torch.Generator | None = None) -> State:
        """The core's state at the start of `batch_size` trials."""
        return self.core.initial_state(batch_size, generator)

    def step(self, obs: Tensor, state: State) -> tuple[Distribution, Tensor, State]:
        """One step of B trials.

        Args:
            obs: Observations [B, O].
            state: The core's state before the step.

        Returns:
            The distribution over actions (batch shape [B]), values [B], and the state after.
        """
        features, state = self.core.step(self._embed(obs), state)
        dist, value = self._heads(features)
        return dist, value, state

    def unroll(
        self,
        obs: Tensor,
        state: State | None = None,
        reset: Tensor | None = None,
        cuts: Sequence[int] = (),
    ) -> tuple[Distribution, Tensor, Tensor, State]:
        """T steps of B trials.

        Args:
            obs: Observations [B, T, O].
            state: The core's state before the first step; None is the initial state.
            reset: Boolean [B, T]; True puts the initial state back before that step.
            cuts: Steps before which no gradient passes through the state; see `unroll_in_parts`.

        Returns:
            The distribution over actions (batch shape [B, T]), values [B, T], the core's outputs
            [B, T, Y], and the state after the last step.

        Raises:
            ValueError: If the observations are not [B, T, O].
        """
        if state is None:
            state = self.initial_state(obs.shape[0])
        features, state = unroll_in_parts(self.core, self._embed(obs), state, reset, cuts)
        dist, value = self._heads(features)
        return dist, value, features, state

    def forward(
        self, obs: Tensor, state: State | None = None, reset: Tensor | None = None
    ) -> tuple[Distribution, Tensor, Tensor, State]:
        """`unroll`."""
        return self.unroll(obs, state, reset)

    def _embed(self, obs: Tensor) -> Tensor:
        if self.observation_normalizer is not None:
            obs = self.observation_normalizer(obs)
        return self.embedding(obs)

    def _heads(self, features: Tensor) -> tuple[Distribution, Tensor]:
        if self.trunk is not None:
            features = self.trunk(features)
        return self.policy_head(features), self.value_head(features)
