"""Drawing actions, with randomness that belongs to the trial and not to the process.

With one generator per trial, what a trial does depends on nothing but its own seed: not on how many
trials were collected beside it, on which worker, or on what was drawn before.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch.distributions import Categorical, Distribution

__all__ = ['draw']


def draw(dist: Distribution, generators: Sequence[np.random.Generator] | None) -> torch.Tensor:
    """One action per trial.

    Args:
        dist: Batch of ``B`` distributions, Gaussian or categorical.
        generators: One per trial, or None to draw from torch's global generator.

    Returns:
        Actions, ``[B]`` (int64) for a categorical, ``[B, A]`` for a Gaussian.

    Raises:
        ValueError: If there is not exactly one generator per trial.
    """
    if generators is None:
        return dist.sample()
    if len(generators) != dist.batch_shape[0]:
        raise ValueError(
            f'got {len(generators)} generators for {dist.batch_shape[0]} trials: '
            f'pass one np.random.Generator per trial'
        )
    if isinstance(dist, Categorical):
        return _categorical(dist, generators)
    mean = dist.mean
    noise = np.stack([g.standard_normal(mean.shape[1:]) for g in generators])
    # a = mu + sigma * epsilon
    return mean + dist.stddev * torch.as_tensor(noise, dtype=mean.dtype, device=mean.device)


def _categorical(dist: Categorical, generators: Sequence[np.random.Generator]) -> torch.Tensor:
    # Inverse transform: the first action whose cumulative probability exceeds u. Scaling u by the
    # total keeps it below the last one, whose sum is 1 only up to rounding.
    cumulative = dist.probs.double().cumsum(-1)
    u = torch.tensor([g.random() for g in generators], dtype=torch.float64)
    u = (u.to(cumulative.device) * cumulative[:, -1]).unsqueeze(-1)
    return (cumulative <= u).sum(-1).clamp(max=cumulative.shape[-1] - 1)
