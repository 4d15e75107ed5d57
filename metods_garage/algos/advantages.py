"""Returns and advantages over whole trials.

As in RL2, the return runs through the borders between the episodes of a trial: what is done in an
early episode is credited with what it makes possible in later ones. A trial's end is an end:
nothing is bootstrapped after it.

Shapes: ``B`` trials of at most ``T`` steps, batch first. A shorter trial is padded at its end, and
``valid`` says which steps are real.

References:
    [1] Schulman et al., High-Dimensional Continuous Control Using Generalized Advantage
    Estimation, ICLR 2016.
    [2] Duan et al., RL2: Fast Reinforcement Learning via Slow Reinforcement Learning, 2016.
"""

from __future__ import annotations

import torch

__all__ = ['explained_variance', 'generalized_advantages', 'standardized']


def generalized_advantages(
    r_t: torch.Tensor,
    v_t: torch.Tensor,
    valid: torch.Tensor,
    *,
    discount: float,
    lambda_: float,
    cut: torch.Tensor | None = None,
) -> torch.Tensor:
    """Generalized advantage estimates [1] of every step of every trial.

    Args:
        r_t: Rewards, ``[B, T]``.
        v_t: Values predicted before each step, ``[B, T]``.
        valid: True on the real steps, ``[B, T]`` bool; each row is a run of True from the left.
        discount: gamma, per step.
        lambda_: lambda of GAE; 1 gives the Monte Carlo return minus the value.
        cut: True on steps that nothing before them gets credit for, ``[B, T]`` bool: pass the
            starts of episodes to estimate every episode by itself. None credits the whole trial.

    Returns:
        Advantages, ``[B, T]``, zero on padding.
    """
    _check_shapes(r_t, v_t, valid, cut)
    # m_{t+1}: whether step t + 1 exists and counts towards step t; 0 after a trial's last step.
    follows = torch.zeros_like(r_t)
    follows[:, :-1] = valid[:, 1:].to(r_t)
    if cut is not None:
        follows[:, :-1] *= (~cut[:, 1:]).to(r_t)
    v_next = torch.zeros_like(v_t)
    v_next[:, :-1] = v_t[:, 1:]
    # delta_t = r_t + gamma m_{t+1} v_{t+1} - v_t        (where, as padding may hold anything)
    delta = r_t + discount * torch.where(follows > 0, v_next, 0.0) - v_t
    delta = torch.where(valid, delta, 0.0)
    advantages = torch.zeros_like(delta)
    running = torch.zeros_like(delta[:, 0])
    for t in reversed(range(delta.shape[1])):
        # A_t = delta_t + gamma lambda m_{t+1} A_{t+1}
        running = delta[:, t] + discount * lambda_ * follows[:, t] * running
        advantages[:, t] = running
    return advantages


def standardized(x: torch.Tensor, valid: torch.Tensor, epsilon: float = 1e-8) -> torch.Tensor:
    """Shifts and scales to mean 0 and standard deviation 1 over the valid steps.

    Args:
        x: ``[B, T]``.
        valid: True on the real steps, ``[B, T]`` bool.
        epsilon: Added to the standard deviation.

    Returns:
        ``[B, T]``, zero on padding.
    """
    real = x[valid]
    scaled = (x - real.mean()) / (real.std(unbiased=False) + epsilon)
    return torch.where(valid, scaled, 0.0)


def explained_variance(
    prediction: torch.Tensor, target: torch.Tensor, valid: torch.Tensor
) -> torch.Tensor:
    """Share of the target's variance that the prediction accounts for.

    Args:
        prediction: ``[B, T]``.
        target: ``[B, T]``.
        valid: True on the real steps, ``[B, T]`` bool.

    Returns:
        Scalar: 1 for a perfect prediction, 0 for a constant one, below 0 for a worse one; NaN where
        the target does not vary.
    """
    variance = target[valid].var(unbiased=False)
    residual = (target - prediction)[valid].var(unbiased=False)
    return torch.where(variance > 0, 1 - residual / variance, torch.nan)


def _check_shapes(
    r_t: torch.Tensor, v_t: torch.Tensor, valid: torch.Tensor, cut: torch.Tensor | None
) -> None:
    named = {'values': v_t, 'valid': valid} | ({} if cut is None else {'cut': cut})
    if r_t.ndim != 2:
        raise ValueError(f'rewards must be [trials, steps], got shape {tuple(r_t.shape)}')
    for name, x in named.items():
        if x.shape != r_t.shape:
            raise ValueError(
                f'{name} has shape {tuple(x.shape)}, but rewards have {tuple(r_t.shape)}: '
                f'both are [trials, steps]'
            )
