"""Advantage actor-critic over whole trials."""

from __future__ import annotations

from metods_garage.algos.recurrent_meta_rl import RecurrentMetaRL

import numpy as np
import torch

__all__ = ['RecurrentA2C']


class RecurrentA2C(RecurrentMetaRL):
    """Recurrent A2C: one step of the optimizer per meta-batch of trials.

    This is how [1] trains MetODS: advantage actor-critic with generalized advantages, a weighted
    value loss and an entropy bonus, the gradient taken through the whole trial.

    The arguments are those of :class:`~metods_garage.algos.RecurrentMetaRL`.

    References:
        [1] Chalvidal, Serre and VanRullen, Meta-Reinforcement Learning with Self-Modifying
        Networks, NeurIPS 2022.
    """

    def _policy_loss(
        self, log_prob: torch.Tensor, sampled_log_prob: torch.Tensor, advantages: torch.Tensor
    ) -> torch.Tensor:
        # L = -log pi(a_t) A_t
        return -log_prob * advantages

    def _minibatches(self, n_trials: int) -> list[np.ndarray]:
        return [np.arange(n_trials)]
