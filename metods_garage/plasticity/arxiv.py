"""The earlier rule of MetODS (arXiv version, D eq. 7), in its own row-vector convention.

    out = h + sigma(h w)                     read with the weights from before the step
    w  <- w + eta (*) (h (x) (beta h))       w_ij += eta_ij h_i (beta h)_j
    w  <- w with every column normalised

(the policy's g is left to the heads). With W = w^T it is the general rule at S = 1 with every
kappa = beta = 1, alpha = eta^T and the post-synaptic side of the outer product projected by beta;
`arxiv_unroll` computes it that way, and `arxiv_step` is the literal form that it is tested against.
"""

from __future__ import annotations

from metods_garage.plasticity.activations import ACTIVATIONS
from metods_garage.plasticity.normalization import normalize_weights
from metods_garage.plasticity.unroll import metods_unroll

import torch

Tensor = torch.Tensor


def arxiv_step(
    h: Tensor,
    w: Tensor,
    eta: Tensor,
    beta: Tensor,
    *,
    activation: str = 'tanh',
    normalize: str | None = 'l2',
    cap: float = 1.0,
) -> tuple[Tensor, Tensor]:
    """One step of the earlier rule, literally.

    Args:
        h: Input [B, N].
        w: Weights [B, N, N], of which w_ij leads from neuron i to neuron j.
        eta: Plasticity [N, N].
        beta: Linear post-synaptic map [N, N].
        activation: sigma: 'tanh', 'relu', 'softmax' or 'identity'.
        normalize: None, 'l1', 'l2' or 'cap', over the columns of w.
        cap: The largest norm that 'cap' allows.

    Returns:
        The output [B, N] and the updated weights [B, N, N].
    """
    out = h + ACTIVATIONS[activation]((h.unsqueeze(1) @ w).squeeze(1))
    w = w + eta * (h.unsqueeze(-1) * (h @ beta.T).unsqueeze(-2))
    return out, normalize_weights(w, normalize, cap, axis='outgoing')  # columns, as w is W^T


def arxiv_unroll(
    h: Tensor,
    w: Tensor,
    eta: Tensor,
    beta: Tensor,
    *,
    reset: Tensor | None = None,
    w0: Tensor | None = None,
    activation: str = 'tanh',
    normalize: str | None = 'l2',
    cap: float = 1.0,
    backend: str = 'auto',
) -> tuple[Tensor, Tensor]:
    """The earlier rule over the T steps of B trials, computed as a case of the general rule.

    Args:
        h: Inputs [B, T, N].
        w: Weights [B, N, N] before the first step.
        eta: Plasticity [N, N].
        beta: Linear post-synaptic map [N, N].
        reset: Boolean [B, T]; True puts `w0` back before that step.
        w0: Weights [N, N] or [B, N, N] that a reset puts back.
        activation: As in `arxiv_step`.
        normalize: As in `arxiv_step`.
        cap: As in `arxiv_step`.
        backend: As in `metods_unroll`.

    Returns:
        The outputs [B, T, N] and the weights [B, N, N] after the last step.

    Raises:
        ValueError: If a shape, device or option does not fit.
        TypeError: If a dtype does not fit.
    """
    ones = h.new_ones(1, 2)
    out, W = metods_unroll(
        h,
        w.mT,
        ones,
        ones,
        eta.mT,
        reset=reset,
        W0=None if w0 is None else w0.mT,
        activation=activation,
        projection=beta,
        project='post',
        normalize=normalize,
        cap=cap,
        backend=backend,
    )
    return out, W.mT
