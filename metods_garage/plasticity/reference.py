"""The rule, written as on paper: every W^(s) is built, and autograd differentiates it.

This is what every faster form is compared with. Notation of REFERENCE: (x) is the outer product,
(*) the element-wise one, row s - 1 of kappa and beta holds the coefficients (s, 0..s).
"""

from __future__ import annotations

from metods_garage.plasticity.activations import ACTIVATIONS
from metods_garage.plasticity.normalization import normalize_weights
from metods_garage.plasticity.rule import Projection, Rule, written_factors

import torch

Tensor = torch.Tensor


def reference_step(
    v: Tensor,
    W: Tensor,
    kappa: Tensor,
    beta: Tensor,
    alpha: Tensor | float,
    projection: Projection | None,
    rule: Rule,
) -> tuple[Tensor, Tensor]:
    """One time-step, literally (N eq. 3 and 4). Shapes as in `metods_step`."""
    sigma = ACTIVATIONS[rule.activation]
    vs, Ws = [v], [W]
    for s in range(1, kappa.shape[0] + 1):
        read = sigma((Ws[s - 1] @ vs[s - 1].unsqueeze(-1)).squeeze(-1))
        post, pre = written_factors(vs[s - 1], projection, rule)
        written = alpha * (post.unsqueeze(-1) * pre.unsqueeze(-2))
        # v^(s) = sum_{l<s} kappa_s^(l) v^(l) + kappa_s^(s) sigma(W^(s-1) v^(s-1))
        v_s = kappa[s - 1, s] * read
        # W^(s) = sum_{l<s} beta_s^(l) W^(l) + beta_s^(s) alpha (*) (v^(s-1) (x) v^(s-1))
        W_s = beta[s - 1, s] * written
        for kappa_l, v_l, beta_l, W_l in zip(
            kappa[s - 1, :s], vs, beta[s - 1, :s], Ws, strict=True
        ):
            v_s = v_s + kappa_l * v_l
            W_s = W_s + beta_l * W_l
        vs.append(v_s)
        Ws.append(W_s)
    return vs[-1], normalize_weights(Ws[-1], rule.normalize, rule.cap, rule.normalize_axis)


def reference_unroll(
    v: Tensor,
    W: Tensor,
    kappa: Tensor,
    beta: Tensor,
    alpha: Tensor | float,
    projection: Projection | None,
    rule: Rule,
    reset: Tensor | None,
    W0: Tensor | None,
) -> tuple[Tensor, Tensor]:
    """`reference_step` over time. Shapes as in `metods_unroll`."""
    out = []
    for t in range(v.shape[1]):
        if reset is not None and W0 is not None:
            W = torch.where(reset[:, t, None, None], W0, W)
        v_S, W = reference_step(v[:, t], W, kappa, beta, alpha, projection, rule)
        out.append(v_S)
    return torch.stack(out, dim=1), W
