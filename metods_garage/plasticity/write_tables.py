"""The tables c and d of the exact rearrangement, which follow from beta alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import torch

Scalar = TypeVar('Scalar', float, torch.Tensor)


def write_tables(
    beta: Sequence[Sequence[Scalar]], one: Scalar
) -> tuple[list[Scalar], list[list[Scalar]]]:
    """Express every W^(s) of a time-step by the weights that it started from.

    With w_j the j-th written matrix, alpha (*) (v^(j) (x) v^(j)), the write recursion

        W^(s) = sum_{l<s} beta_s^(l) W^(l) + beta_s^(s) w_{s-1},    W^(0) = W_{t-1}

    unrolls into W^(s) = c_s W_{t-1} + sum_{j<s} d_{s,j} w_j, where

        c_0 = 1,  c_s = sum_{l<s} beta_s^(l) c_l
        d_{s,j} = sum_{j<l<s} beta_s^(l) d_{l,j}  for j < s - 1,   d_{s,s-1} = beta_s^(s).

    Args:
        beta: Coefficients, S rows of at least s + 1 entries; floats, or 0-dimensional tensors
            when gradients are wanted.
        one: The number 1, of the same kind.

    Returns:
        c, of S + 1 entries, and d, S + 1 rows of which row s has s entries.
    """
    c: list[Scalar] = [one]
    d: list[list[Scalar]] = [[]]
    for s, row in enumerate(beta, start=1):
        c.append(_dot(row[:s], c))
        d.append([_dot(row[j + 1 : s], [d[k][j] for k in range(j + 1, s)]) for j in range(s - 1)])
        d[s].append(row[s])
    return c, d


def tensor_write_tables(
    beta: torch.Tensor,
) -> tuple[list[torch.Tensor], list[list[torch.Tensor]]]:
    """`write_tables` of a tensor beta [S, S + 1], differentiable in it."""
    rows = [list(row.unbind()) for row in beta.unbind()]
    return write_tables(rows, torch.ones((), dtype=beta.dtype, device=beta.device))


def write_table_gradient(
    beta: torch.Tensor, c_bar: torch.Tensor, d_bar: torch.Tensor
) -> torch.Tensor:
    """Take gradients of the tables back to beta.

    Args:
        beta: Coefficients [S, S + 1].
        c_bar: bar c [S + 1].
        d_bar: bar d [S + 1, S], of which row s has s entries that count.

    Returns:
        bar beta [S, S + 1].
    """
    with torch.enable_grad():
        leaf = beta.detach().requires_grad_()
        c, d = tensor_write_tables(leaf)
        loss = (torch.stack(c) * c_bar).sum()
        for s, row in enumerate(d[1:], start=1):
            loss = loss + (torch.stack(row) * d_bar[s, :s]).sum()
        return torch.autograd.grad(loss, leaf)[0]


def _dot(x: Sequence[Scalar], y: Sequence[Scalar]) -> Scalar:
    total = x[0] * y[0]
    for x_i, y_i in zip(x[1:], y[1:], strict=True):
        total = total + x_i * y_i
    return total
