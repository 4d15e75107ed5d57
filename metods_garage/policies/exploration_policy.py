"""A policy that explores a task over several episodes."""

from __future__ import annotations

import copy
from collections.abc import Sequence

from metods_garage.policies.policy_wrapper import PolicyWrapper
from metods_garage.policies.recurrent_policy import RecurrentPolicy

import numpy as np

__all__ = ['ExplorationPolicy']


class ExplorationPolicy(PolicyWrapper):
    """Carries its memory through resets, so that all its episodes are one trial.

    garage's workers reset the policy at the start of every episode, and garage's
    :class:`~garage.experiment.MetaEvaluator` explores a task in several episodes. One of these is
    made for each task and starts with an empty memory.

    Args:
        policy: The policy whose parameters to use; it is copied.
    """

    def __init__(self, policy: RecurrentPolicy) -> None:
        super().__init__(copy.deepcopy(policy), f'Exploration{policy.name}')
        self._started = False

    @property
    def policy(self) -> RecurrentPolicy:
        """The policy that acts, with the memory of the trial."""
        return self._policy

    def reset(self, do_resets: Sequence[bool] | np.ndarray | None = None) -> None:
        """Starts the trial the first time; later calls leave the memory as it is.

        Args:
            do_resets: One boolean per trial; only its length counts, and only the first time.
        """
        if not self._started:
            self._policy.reset([True] if do_resets is None else [True] * len(do_resets))
            self._started = True

    def _before_step(self, n_trials: int) -> None:
        self.reset([True] * n_trials)
