"""Proximal policy optimization over whole trials."""

from __future__ import annotations

from typing import Any

from metods_garage.algos.recurrent_meta_rl import RecurrentMetaRL
from metods_garage.policies import RecurrentPolicy

import numpy as np
import torch

__all__ = ['RecurrentPPO']


class RecurrentPPO(RecurrentMetaRL):
    """Recurrent PPO: several epochs over minibatches of whole trials, with the clipped ratio [1].

    A minibatch holds whole trials, since a step can only be replayed from the start of its trial.

    Args:
        policy: The policy to train.
        sampler: As in :class:`~metods_garage.algos.RecurrentMetaRL`, like all that is not below.
        task_sampler: A garage ``TaskSampler`` of training tasks.
        n_epochs: Passes over the meta-batch per iteration.
        n_minibatches: Minibatches that the trials are dealt into, anew in each epoch.
        clip_range: How far the probability ratio may move from 1 before its gradient is cut.
        **others: The other arguments of :class:`~metods_garage.algos.RecurrentMetaRL`.

    Raises:
        ValueError: If a number is outside its range, or there are more minibatches than trials.

    References:
        [1] Schulman et al., Proximal Policy Optimization Algorithms, 2017.
    """

    def __init__(
        self,
        policy: RecurrentPolicy,
        sampler: Any,
        task_sampler: Any,
        *,
        n_epochs: int = 4,
        n_minibatches: int = 2,
        clip_range: float = 0.2,
        **others: Any,
    ) -> None:
        super().__init__(policy, sampler, task_sampler, **others)
        if n_epochs < 1:
            raise ValueError(f'n_epochs is {n_epochs}, but must be at least 1')
        if not 1 <= n_minibatches <= self._meta_batch_size:
            raise ValueError(
                f'n_minibatches is {n_minibatches}, but must be between 1 and meta_batch_size '
                f'({self._meta_batch_size}): a minibatch holds whole trials'
            )
        if not clip_range > 0:
            raise ValueError(f'clip_range is {clip_range}, but must be above 0')
        self._n_epochs = n_epochs
        self._n_minibatches = n_minibatches
        self._clip_range = clip_range

    def _policy_loss(
        self, log_prob: torch.Tensor, sampled_log_prob: torch.Tensor, advantages: torch.Tensor
    ) -> torch.Tensor:
        # L = -min(ratio A, clip(ratio, 1 - epsilon, 1 + epsilon) A),  ratio = pi / pi_old
        ratio = (log_prob - sampled_log_prob).exp()
        clipped = ratio.clamp(1 - self._clip_range, 1 + self._clip_range)
        return -torch.minimum(ratio * advantages, clipped * advantages)

    def _diagnostics(self, log_ratio: torch.Tensor) -> dict[str, torch.Tensor]:
        outside = (log_ratio.exp() - 1).abs() > self._clip_range
        return super()._diagnostics(log_ratio) | {'ClipFraction': outside.to(log_ratio)}

    def _minibatches(self, n_trials: int) -> list[np.ndarray]:
        return [
            rows
            for _ in range(self._n_epochs)
            for rows in np.array_split(self._rng.permutation(n_trials), self._n_minibatches)
        ]
