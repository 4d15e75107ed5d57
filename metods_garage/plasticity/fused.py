"""The rearranged rule through the compiled kernel, for tensors on the CPU.

As in `checkpointed`, the forward pass keeps what each read gave and the weights of every
sqrt(T)-th step; here also what the norm multiplied by. Trials are shared out over
`torch.get_num_threads()` threads; a trial's numbers do not depend on how.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType
from typing import Any

from metods_garage.plasticity.checkpointed import stretch_length
from metods_garage.plasticity.checks import refuse_forward_derivative, refuse_second_derivative
from metods_garage.plasticity.rule import Projection, Rule
from metods_garage.plasticity.write_tables import write_table_gradient, write_tables

import numpy as np
import torch

Tensor = torch.Tensor

#: The largest number S of inner steps that the kernel is tested with.
MAX_INNER_STEPS = 8

_DTYPES = (torch.float32, torch.float64)
_ACTIVATIONS = {'tanh': 0, 'relu': 1, 'identity': 2}
_NORMALIZATIONS = {None: 0, 'l1': 1, 'l2': 2, 'cap': 3}

# Below so many multiply-adds a thread costs more than it saves.
_MULTIPLY_ADDS_PER_THREAD = 4_000_000


def why_not_fused(
    v: Tensor, n_inner_steps: int, projection: Projection | None, rule: Rule
) -> str | None:
    """What of an unroll the kernel does not cover, or None if it covers all of it."""
    if v.device.type != 'cpu':
        return f'v is on {v.device}, and the kernel is for the CPU'
    if v.dtype not in _DTYPES:
        return f'v has dtype {v.dtype}, and the kernel is for float32 and float64'
    if rule.activation not in _ACTIVATIONS:
        return f'activation {rule.activation!r} is not one of {", ".join(_ACTIVATIONS)}'
    if isinstance(projection, torch.nn.Module):
        return 'the projection is a module, as in the mlp write'
    if n_inner_steps > MAX_INNER_STEPS:
        return f'S is {n_inner_steps}, above {MAX_INNER_STEPS}'
    return None


@functools.cache
def compiled_kernel() -> ModuleType:
    """The compiled kernel; numba is imported when it is first asked for.

    Raises:
        KernelCacheError: If the machine code can't be kept on disk.
    """
    from metods_garage.plasticity import kernel

    return kernel


def fused_unroll(
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
    """The rule over T steps, compiled. Shapes as in `metods_unroll`.

    Raises:
        ValueError: If the kernel does not cover an option.
        RuntimeError: If a derivative in forward mode is asked for.
        KernelCacheError: If the machine code can't be kept on disk.
    """
    reason = why_not_fused(v, kappa.shape[0], projection, rule)
    if reason is not None:
        raise ValueError(f"backend 'fused' can't be used: {reason}; use backend='auto'")
    assert not isinstance(projection, torch.nn.Module)
    B, _, N = v.shape
    alpha = torch.as_tensor(alpha, dtype=v.dtype, device=v.device).expand(N, N)
    W0 = None if W0 is None or reset is None else W0.expand(B, N, N)
    tensors = (v, W, kappa, beta, alpha, projection, W0)
    refuse_forward_derivative(tensors)
    if torch.is_grad_enabled() and any(x is not None and x.requires_grad for x in tensors):
        return _FusedUnroll.apply(rule, reset, *tensors)
    problem = _Problem(rule, reset, *tensors)
    return problem.forward(0)[:2]


class _Problem:
    """The arguments of an unroll as the kernel takes them."""

    def __init__(
        self,
        rule: Rule,
        reset: Tensor | None,
        v: Tensor,
        W: Tensor | None,
        kappa: Tensor,
        beta: Tensor,
        alpha: Tensor,
        projection: Tensor | None,
        W0: Tensor | None,
    ) -> None:
        self._kernel = compiled_kernel()
        B, _, N = v.shape
        S = kappa.shape[0]
        self.v = _array(v)
        self.W = W
        c, d = write_tables(beta.tolist(), 1.0)
        self.coefficients = self._kernel.Coefficients(
            kappa=_array(kappa),
            c=np.array(c, self.v.dtype),
            d=np.array([row + [0.0] * (S - len(row)) for row in d], self.v.dtype),
            **self._with_transpose('alpha', alpha),
            **self._with_transpose('P', v.new_empty(0, 0) if projection is None else projection),
        )
        projected = 0 if projection is None else 1 + (rule.project == 'post')
        self.form = self._kernel.Form(
            activation=_ACTIVATIONS[rule.activation],
            projection=projected,
            normalize=_NORMALIZATIONS[rule.normalize],
            outgoing=rule.normalize_axis == 'outgoing',
            cap=float(rule.cap),
        )
        self.reset = np.empty((B, 0), np.bool_) if reset is None else _array(reset)
        self.W0 = np.empty((B, 0, 0), self.v.dtype) if W0 is None else _array(W0)

    def _with_transpose(self, name: str, x: Tensor) -> dict[str, np.ndarray]:
        padded_matrix = self._kernel.padded_matrix
        return {name: padded_matrix(_array(x)), f'{name}_T': padded_matrix(_array(x.T))}

    def forward(self, length: int) -> tuple[Tensor, Tensor, tuple[Tensor, ...]]:
        """The outputs, the last weights, and what is kept if every `length`-th W is."""
        B, T, N = self.v.shape
        S = self.coefficients.kappa.shape[0]
        assert self.W is not None
        W = self.W.detach().contiguous()
        out, W_T = W.new_empty(B, T, N), torch.empty_like(W)
        R = W.new_empty(B, T if length else 0, S, N)
        Ws = W.new_empty(B, -(-T // length) if length else 0, N, N)
        normalizes = self.form.normalize != _NORMALIZATIONS[None]
        scale = W.new_empty(B, T if length else 0, N if normalizes else 0)
        kept = self._kernel.Kept(R.numpy(), scale.numpy(), Ws.numpy(), length)
        self._share_out(
            self._kernel.forward, 1, self.v, W.numpy(), self.reset, self.W0, self.coefficients,
            self.form, out.numpy(), W_T.numpy(), kept,
        )  # fmt: skip
        return out, W_T, (R, scale, Ws)

    def backward(
        self,
        out_bar: Tensor,
        W_bar: Tensor,
        kept: tuple[Tensor, Tensor, Tensor],
        wants: tuple[bool, bool],
    ) -> Any:
        """Every gradient, as the kernel's `Gradients`; `wants` is for alpha and the projection."""
        B, T, N = self.v.shape
        S = self.coefficients.kappa.shape[0]
        alpha, P = ((B, N, N) if wanted else (B, 0, 0) for wanted in wants)
        gradients = self._kernel.Gradients(
            v=np.empty_like(self.v),
            W=_array(W_bar).copy(),
            W0=np.zeros_like(self.W0),
            kappa=np.zeros((B, S, S + 1)),
            c=np.zeros((B, S + 1)),
            d=np.zeros((B, S + 1, S)),
            alpha=np.zeros(alpha, self.v.dtype),
            P=np.zeros(P, self.v.dtype),
        )
        length = stretch_length(T)
        self._share_out(
            self._kernel.backward, length, self.v, _array(out_bar), self.reset, self.W0,
            self.coefficients, self.form,
            self._kernel.Kept(*(x.numpy() for x in kept), length), gradients,
        )  # fmt: skip
        return gradients

    def _share_out(self, compute: Callable[..., None], K: int, *args: Any) -> None:
        """Call compute(first, last, scratch for K steps, *args) on some trials in each thread."""
        B, T, N = self.v.shape
        S = self.coefficients.kappa.shape[0]
        most = B * T * S * N * N // _MULTIPLY_ADDS_PER_THREAD
        n_threads = max(1, min(torch.get_num_threads(), B, most))

        def compute_trials(first: int, last: int) -> None:
            compute(first, last, self._kernel.new_scratch(K, S, N, self.v.dtype), *args)

        if n_threads == 1:
            compute_trials(0, B)
            return
        borders = [B * i // n_threads for i in range(n_threads + 1)]
        # Threads that last would not survive the forks that samplers make.
        with ThreadPoolExecutor(n_threads - 1) as pool:
            others = [
                pool.submit(compute_trials, first, last)
                for first, last in zip(borders[1:-1], borders[2:], strict=True)
            ]
            compute_trials(0, borders[1])
            for other in others:
                other.result()


class _FusedUnroll(torch.autograd.Function):
    """See the head of the file. Not differentiable twice."""

    @staticmethod
    def forward(
        ctx: Any, rule: Rule, reset: Tensor | None, v: Tensor, W: Tensor, *others: Any
    ) -> tuple[Tensor, Tensor]:
        problem = _Problem(rule, reset, v, W, *others)
        out, W_T, kept = problem.forward(stretch_length(v.shape[1]))
        ctx.rule = rule
        ctx.save_for_backward(reset, *kept, v, *others)
        return out, W_T

    @staticmethod
    def backward(ctx: Any, out_bar: Tensor, W_bar: Tensor) -> tuple[Tensor | None, ...]:
        refuse_second_derivative()
        reset, R, scale, Ws, v, *others = ctx.saved_tensors
        _, beta, _, _, W0 = others
        problem = _Problem(ctx.rule, reset, v, None, *others)
        wants_alpha, wants_projection = ctx.needs_input_grad[6:8]
        got = problem.backward(out_bar, W_bar, (R, scale, Ws), (wants_alpha, wants_projection))
        kappa, c, d = (torch.from_numpy(x.sum(0)) for x in (got.kappa, got.c, got.d))
        return (
            None,
            None,
            torch.from_numpy(got.v),
            torch.from_numpy(got.W),
            kappa.to(v.dtype),
            write_table_gradient(beta.double(), c, d).to(v.dtype),
            torch.from_numpy(got.alpha).sum(0) if wants_alpha else None,
            torch.from_numpy(got.P).sum(0) if wants_projection else None,
            None if W0 is None else torch.from_numpy(got.W0),
        )


def _array(x: Tensor) -> np.ndarray:
    """A C-contiguous array of a tensor; the tensor's own memory where that is possible."""
    array: np.ndarray = x.detach().contiguous().numpy()
    return array
