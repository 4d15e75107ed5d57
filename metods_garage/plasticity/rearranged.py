"""The exact rearrangement of the rule: no W^(s) between W_{t-1} and W_t is built.

With the tables c and d of `write_tables`, and a^(j), b^(j) the two sides of what v^(j) writes
(both are v^(j) in the Hebbian write),

    W^(s)   = c_s W_{t-1} + alpha (*) sum_{j<s} d_{s,j} a^(j) b^(j)T
    W^(s) x = c_s (W_{t-1} x) + sum_{j<s} d_{s,j} a^(j) (*) (alpha (b^(j) (*) x))

so that a time-step costs S products with W_{t-1}, products of vectors with alpha, which all trials
share, and one rank-S update.
"""

from __future__ import annotations

from metods_garage.plasticity.activations import ACTIVATIONS
from metods_garage.plasticity.normalization import normalize_weights
from metods_garage.plasticity.rule import Projection, Rule, written_factors
from metods_garage.plasticity.write_tables import tensor_write_tables

import torch

Tensor = torch.Tensor
Tables = tuple[list[Tensor], list[list[Tensor]]]


def rearranged_step(
    v: Tensor,
    W: Tensor,
    kappa: Tensor,
    tables: Tables,
    alpha: Tensor,
    projection: Projection | None,
    rule: Rule,
) -> tuple[Tensor, Tensor]:
    """One time-step with the tables of beta; alpha is a matrix [N, N]."""
    sigma = ACTIVATIONS[rule.activation]
    c, d = tables
    vs, factors = [v], [written_factors(v, projection, rule)]
    S = kappa.shape[0]
    for s in range(1, S + 1):
        x = vs[s - 1]
        u = c[s - 1] * torch.bmm(x.unsqueeze(1), W.mT).squeeze(1)  # c W x
        for j in range(s - 1):
            a, b = factors[j]
            u = u + d[s - 1][j] * a * ((b * x) @ alpha.T)
        v_s = kappa[s - 1, s] * sigma(u)
        for kappa_l, v_l in zip(kappa[s - 1, :s], vs, strict=True):
            v_s = v_s + kappa_l * v_l
        vs.append(v_s)
        if s < S:
            factors.append(written_factors(v_s, projection, rule))
    post = torch.stack([d[S][j] * a for j, (a, _) in enumerate(factors)], dim=-1)
    pre = torch.stack([b for _, b in factors], dim=-2)
    W = c[S] * W + alpha * torch.bmm(post, pre)
    return vs[-1], normalize_weights(W, rule.normalize, rule.cap, rule.normalize_axis)


def rearranged_unroll(
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
    """`rearranged_step` over time, differentiated by autograd. Shapes as in `metods_unroll`."""
    N = v.shape[-1]
    alpha = torch.as_tensor(alpha, dtype=v.dtype, device=v.device).expand(N, N)
    tables = tensor_write_tables(beta)
    out = []
    for t in range(v.shape[1]):
        if reset is not None and W0 is not None:
            W = torch.where(reset[:, t, None, None], W0, W)
        v_S, W = rearranged_step(v[:, t], W, kappa, tables, alpha, projection, rule)
        out.append(v_S)
    return torch.stack(out, dim=1), W
