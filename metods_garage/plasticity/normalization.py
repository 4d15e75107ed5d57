"""Normalisation of the synaptic weights, once per time-step."""

from __future__ import annotations

import torch

#: The norms that `normalize` accepts.
NORMALIZATIONS = (None, 'l1', 'l2', 'cap')

#: name -> the dimension of W [B, N, N] along which a norm is taken. In `W v` row i holds what
#: comes into neuron i; column j holds what goes out of neuron j.
NORMALIZE_AXES = {'incoming': -1, 'outgoing': -2}

# Weights that are all zero have no direction: they stay zero, and their gradient stays finite.
_SMALLEST_NORM = 1e-8


def normalize_weights(
    W: torch.Tensor, normalize: str | None, cap: float = 1.0, axis: str = 'incoming'
) -> torch.Tensor:
    """Scale every neuron's weights to norm 1, or to an L2 norm of at most `cap`.

    Args:
        W: Weights [B, N, N].
        normalize: None (W is returned as it is), 'l1', 'l2' or 'cap'.
        cap: The largest L2 norm that 'cap' allows.
        axis: 'incoming' (rows of W) or 'outgoing' (columns).

    Returns:
        The normalised weights [B, N, N].
    """
    if normalize is None:
        return W
    dim = NORMALIZE_AXES[axis]
    if normalize == 'l1':
        return W / W.abs().sum(dim, keepdim=True).clamp_min(_SMALLEST_NORM)
    norm = W.square().sum(dim, keepdim=True).clamp_min(_SMALLEST_NORM**2).sqrt()
    if normalize == 'l2':
        return W / norm
    return W * (cap / norm).clamp_max(1.0)
