"""A policy whose memory is taken away between the episodes of a trial."""

from __future__ import annotations

from collections.abc import Sequence

from metods_garage.policies import memory
from metods_garage.policies.policy_wrapper import PolicyWrapper
from metods_garage.policies.recurrent_policy import RecurrentPolicy

import numpy as np
import torch

__all__ = ['BORDER_MEMORIES', 'BorderPolicy']

#: What a trial goes on with after each of its episodes.
BORDER_MEMORIES = ('emptied', 'exchanged')


class BorderPolicy(PolicyWrapper):
    """Acts as a recurrent policy does, from another memory at the start of each later episode.

    What an agent gains over the episodes of a trial may be what it remembers of the task, or may
    come with any memory that has been acted with for a while. The two are told apart by giving
    each trial the memory of another one, which knows another goal and has been acted with for as
    long; and both from what an episode yields by itself, by emptying memories.

    All trials have to reach the border between two episodes at the same step.

    Args:
        policy: The trained policy; it is used, not copied.
        at_border: 'emptied', for the memory of the start of a trial; or 'exchanged', for that of
            the trial before it in the batch, the first one's being that of the last.
        episode_steps: Steps of every episode.

    Raises:
        ValueError: If `at_border` is neither.
    """

    def __init__(self, policy: RecurrentPolicy, at_border: str, episode_steps: int) -> None:
        if at_border not in BORDER_MEMORIES:
            raise ValueError(f'at_border={at_border!r}: it is one of {", ".join(BORDER_MEMORIES)}')
        super().__init__(policy, f'{policy.name}, memory {at_border}')
        self._at_border = at_border
        self._episode_steps = episode_steps
        self._n_steps = 0

    def reset(self, do_resets: Sequence[bool] | np.ndarray | None = None) -> None:
        """Start all trials.

        Args:
            do_resets: One true value per trial; None for a single trial.

        Raises:
            ValueError: If some are to be kept, or a trial has none to exchange its memory with.
        """
        mask = np.atleast_1d(np.asarray([True] if do_resets is None else do_resets, dtype=bool))
        if not mask.all():
            raise ValueError('trials whose memories are exchanged start together')
        if self._at_border == 'exchanged' and len(mask) < 2:
            raise ValueError(
                'one trial alone has no other to exchange its memory with: give the policy two or '
                'more at a time'
            )
        self._policy.reset(mask)
        self._n_steps = 0

    def _before_step(self, n_trials: int) -> None:
        if self._n_steps and self._n_steps % self._episode_steps == 0:
            self._cross(n_trials)
        self._n_steps += 1

    def _cross(self, n_trials: int) -> None:
        if self._at_border == 'emptied':
            self._policy.reset([True] * n_trials)
            return
        others = torch.arange(n_trials).roll(1)
        self._policy.reset_to(
            memory.permuted(self._policy.clone_state(), others), [True] * n_trials
        )
