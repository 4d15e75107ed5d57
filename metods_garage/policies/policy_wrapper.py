"""What a policy that acts as another one does has in common with any such policy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from metods_garage.policies.recurrent_policy import RecurrentPolicy

import numpy as np
from garage.torch.policies import Policy

__all__ = ['PolicyWrapper']


class PolicyWrapper(Policy):
    """Acts as a recurrent policy does; a subclass says when the memory is another.

    It has :meth:`reset` to define, and may define ``_before_step``, which is called once before
    each step, by :meth:`get_action` too.

    Args:
        policy: The policy that acts.
        name: Name of this one.
    """

    def __init__(self, policy: RecurrentPolicy, name: str) -> None:
        super().__init__(policy.env_spec, name)
        self._policy = policy

    @property
    def env_spec(self) -> Any:
        """garage.EnvSpec: Specification of the environment."""
        return self._env_spec

    def get_action(
        self, observation: Any, *, deterministic: bool = False
    ) -> tuple[Any, dict[str, np.ndarray]]:
        """As :meth:`RecurrentPolicy.get_action`."""
        actions, infos = self.get_actions([observation], deterministic=deterministic)
        return actions[0], {key: value[0] for key, value in infos.items()}

    def get_actions(
        self,
        observations: Any,
        generators: Sequence[np.random.Generator] | None = None,
        *,
        deterministic: bool = False,
    ) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """As :meth:`RecurrentPolicy.get_actions`."""
        self._before_step(len(observations))
        return self._policy.get_actions(observations, generators, deterministic=deterministic)

    def _before_step(self, n_trials: int) -> None:
        """What there is to do before a step of that many trials."""
