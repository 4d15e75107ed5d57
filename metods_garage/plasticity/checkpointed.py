"""The rearranged rule over long trials: W is kept every sqrt(T) steps and rebuilt in between.

The forward pass keeps what each read gave (S N numbers per step and trial) and about sqrt(T) copies
of W. The backward pass goes through the stretches between those copies from last to first, rebuilds
W of every step of the one at hand by rank-S updates, and applies `adjoint`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from metods_garage.plasticity.adjoint import Adjoint, rebuild
from metods_garage.plasticity.checks import refuse_second_derivative
from metods_garage.plasticity.fast_step import FastStep
from metods_garage.plasticity.resets import Resets
from metods_garage.plasticity.rule import Projection, Rule

import torch

Tensor = torch.Tensor


def checkpointed_unroll(
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
    """The rule over T steps in O(sqrt(T)) copies of W. Shapes as in `metods_unroll`."""
    B, _, N = v.shape
    alpha = torch.as_tensor(alpha, dtype=v.dtype, device=v.device).expand(N, N).contiguous()
    W0 = None if W0 is None else W0.expand(B, N, N)
    leaves = _projection_tensors(projection)
    tensors = [x for x in (v, W, kappa, beta, alpha, W0, *leaves) if x is not None]
    if torch.is_grad_enabled() and any(x.requires_grad for x in tensors):
        module = projection if isinstance(projection, torch.nn.Module) else None
        return _CheckpointedUnroll.apply(module, rule, reset, v, W, kappa, beta, alpha, W0, *leaves)
    with torch.no_grad():
        step = FastStep(kappa, beta, alpha, projection, rule)
        return _forward(step, v, W, Resets(reset, W0), None)


def stretch_length(n_steps: int) -> int:
    """The number of steps between two kept copies of W."""
    return math.isqrt(n_steps - 1) + 1  # sqrt(T), rounded up


def _projection_tensors(projection: Projection | None) -> list[Tensor]:
    if projection is None:
        return []
    if isinstance(projection, Tensor):
        return [projection]
    return [p for p in projection.parameters() if p.requires_grad]


def _projection_of(module: torch.nn.Module | None, tensors: Sequence[Tensor]) -> Projection | None:
    """The projection that `tensors` came from: a module's parameters, or the matrix itself."""
    if module is not None:
        return module
    return tensors[0] if tensors else None


class _Kept:
    """What the forward pass keeps: r_s of every step, and W before every stretch."""

    def __init__(self, v: Tensor, W: Tensor, n_inner_steps: int) -> None:
        B, T, N = v.shape
        self.length = stretch_length(T)
        self.R = v.new_empty(T, n_inner_steps, B, N)
        self.Ws = v.new_empty(-(-T // self.length), B, N, N)

    def keep(self, W: Tensor, t: int) -> Tensor:
        """Keep W before step t if a stretch starts there; returns where to put r of the step."""
        if t % self.length == 0:
            self.Ws[t // self.length] = W
        return self.R[t]


def _forward(
    step: FastStep, v: Tensor, W: Tensor, resets: Resets, kept: _Kept | None
) -> tuple[Tensor, Tensor]:
    B, T, N = v.shape
    out = v.new_empty(T, B, N)
    for t in range(T):
        R = None if kept is None else kept.keep(W, t)
        W = resets.apply(W, t)
        V, post, pre = step.read(v[:, t], W, R)
        out[t] = V[-1]
        W = step.advance(W, post, pre)
    return out.transpose(0, 1), W


class _CheckpointedUnroll(torch.autograd.Function):
    """See the head of the file. Not differentiable twice."""

    @staticmethod
    def forward(
        ctx: Any,
        module: torch.nn.Module | None,
        rule: Rule,
        reset: Tensor | None,
        v: Tensor,
        W: Tensor,
        kappa: Tensor,
        beta: Tensor,
        alpha: Tensor,
        W0: Tensor | None,
        *leaves: Tensor,
    ) -> tuple[Tensor, Tensor]:
        projection = _projection_of(module, leaves)
        step = FastStep(kappa, beta, alpha, projection, rule)
        kept = _Kept(v, W, step.n_inner_steps)
        out, W_T = _forward(step, v, W, Resets(reset, W0), kept)
        ctx.module, ctx.rule = module, rule
        ctx.save_for_backward(reset, v, kappa, beta, alpha, W0, kept.R, kept.Ws, *leaves)
        return out, W_T

    @staticmethod
    def backward(ctx: Any, out_bar: Tensor, W_bar: Tensor) -> tuple[Tensor | None, ...]:
        refuse_second_derivative()
        reset, v, kappa, beta, alpha, W0, R, Ws, *leaves = ctx.saved_tensors
        if ctx.module is None:
            leaves = [leaf.detach().requires_grad_() for leaf in leaves]
        projection = _projection_of(ctx.module, leaves)
        step = FastStep(kappa, beta, alpha, projection, ctx.rule)
        resets = Resets(reset, W0)
        adjoint = Adjoint(step, leaves, W_bar, want_alpha=ctx.needs_input_grad[7])
        v, out_bar = v.transpose(0, 1), out_bar.transpose(0, 1)
        v_bar = torch.empty_like(v)
        length = stretch_length(v.shape[0])
        for i in reversed(range(Ws.shape[0])):
            steps = slice(i * length, (i + 1) * length)
            stretch = rebuild(step, v[steps], R[steps], Ws[i], steps.start, resets)
            v_bar[steps] = adjoint.through_stretch(stretch, out_bar[steps], steps.start, resets)
        grads = adjoint.gradients
        tensors = (
            v_bar.transpose(0, 1),
            grads.G,
            grads.kappa,
            grads.beta(beta),
            grads.total_alpha(),
            grads.W0,
            *grads.projection,
        )
        return (None, None, None, *tensors)
