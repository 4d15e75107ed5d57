"""Drawing actions, with randomness that belongs to the trial and not to the process.

With one generator per trial, what a trial does depends on nothing but its own seed: not on how many
trials were collected beside it, on which worker, or on what was drawn before.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from torch.distributions import Categorical, Distribution

__all__ = ['draw', 'draw_categorical', 'gaussian_infos', 'standard_normal']

_HALF_LOG_2PI = math.log(math.sqrt(2 * math.pi))


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


def standard_normal(
    n_trials: int,
    size: int,
    generators: Sequence[np.random.Generator] | None,
    deterministic: bool,
) -> np.ndarray:
    """epsilon of `draw`, for each trial.

    Args:
        n_trials: B.
        size: Numbers A for one action.
        generators: One per trial, or None to draw from torch's global generator.
        deterministic: Whether it is zero instead.

    Returns:
        [B, A], float64.
    """
    noise = np.zeros((n_trials, size))
    if deterministic:
        return noise
    if generators is None:
        noise[:] = torch.randn(n_trials, size, dtype=torch.float64).numpy()
    else:
        for row, generator in zip(noise, generators, strict=True):
            generator.standard_normal(out=row)
    return noise


def gaussian_infos(
    action: np.ndarray, mean: np.ndarray, log_std: np.ndarray
) -> dict[str, np.ndarray]:
    """What is told of actions a = mu + sigma * epsilon, without tensors.

    Args:
        action: [..., A].
        mean: [..., A].
        log_std: [A].

    Returns:
        'log_prob' [...], 'mean' and 'log_std' [..., A].
    """
    std = np.exp(log_std)
    log_std = np.log(std)  # as its distribution would say it
    z = (action - mean) / std
    log_prob = (-0.5 * z * z - log_std).sum(-1) - mean.dtype.type(len(std) * _HALF_LOG_2PI)
    told_std = np.empty_like(mean)
    told_std[:] = log_std
    return {'log_prob': log_prob, 'mean': mean, 'log_std': told_std}


def draw_categorical(
    scores: np.ndarray, generators: Sequence[np.random.Generator] | None, deterministic: bool
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """`draw` and what is told of its actions, without tensors.

    Args:
        scores: Logits up to a constant, [B, K].
        generators: One per trial, or None to draw from torch's global generator.
        deterministic: Whether to take the most probable action instead.

    Returns:
        Actions [B] (int64), and 'log_prob' [B].
    """
    shifted = scores - scores.max(-1, keepdims=True)
    powers = np.exp(shifted)
    total = powers.sum(-1, keepdims=True)
    if deterministic:
        action = shifted.argmax(-1)
    else:
        cumulative = (powers / total).cumsum(-1, dtype=np.float64)
        if generators is None:
            u = torch.rand(len(scores), dtype=torch.float64).numpy()
        else:
            u = np.array([generator.random() for generator in generators])
        u *= cumulative[:, -1]
        action = np.minimum((cumulative <= u[:, np.newaxis]).sum(-1), scores.shape[1] - 1)
    log_prob = (shifted - np.log(total))[np.arange(len(scores)), action]
    return action, {'log_prob': log_prob}
