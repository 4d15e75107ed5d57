"""A policy after adaptation to a task."""

from __future__ import annotations

import copy
from collections.abc import Sequence

from metods_garage.modules import State
from metods_garage.policies import memory
from metods_garage.policies.policy_wrapper import PolicyWrapper
from metods_garage.policies.recurrent_policy import RecurrentPolicy

import numpy as np
import torch

__all__ = ['AdaptedPolicy']


class AdaptedPolicy(PolicyWrapper):
    """Keeps the memory that exploration reached, and returns to it at each reset.

    The memory is part of the state dict, so that :meth:`get_param_values` carries the adaptation to
    samplers in other processes.

    Args:
        policy: The policy whose parameters to use; it is copied.
        state: The memory to return to, of one trial or of as many as will be acted in at a time.
    """

    def __init__(self, policy: RecurrentPolicy, state: State) -> None:
        super().__init__(copy.deepcopy(policy), f'Adapted{policy.name}')
        self._is_single = isinstance(state, torch.Tensor)
        for i, part in enumerate(memory.tensors(memory.clone(state))):
            self.register_buffer(f'_adapted_state_{i}', part)
        self._n_parts = len(memory.tensors(state))
        self.reset([True] * memory.n_trials(state))

    @property
    def adapted_state(self) -> State:
        """The memory that exploration reached."""
        parts = tuple(getattr(self, f'_adapted_state_{i}') for i in range(self._n_parts))
        return parts[0] if self._is_single else parts

    def reset(self, do_resets: Sequence[bool] | np.ndarray | None = None) -> None:
        """Returns the marked trials to the adapted memory.

        Args:
            do_resets: One boolean per trial; None for a single trial, reset.

        Raises:
            ValueError: If the number of trials is not one that the adapted memory can start.
        """
        self._policy.reset_to(self.adapted_state, do_resets)
