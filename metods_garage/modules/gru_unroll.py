"""A gated recurrent unit over the steps of trials on the CPU, with its gradient written out.

`torch.nn.GRU` records a score of operations per step there, and adds to the gradient of W_hh at
each. Here the input's part of all gates is one product, `gru_kernel` takes the steps, forward and
backward, and the gradients of the weights are one product each over a thousand steps or more.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from types import ModuleType
from typing import Any

from metods_garage.plasticity.fused import compiled_kernel

import numpy as np
import torch
from torch.autograd.function import once_differentiable
from torch.nn.functional import pad

Tensor = torch.Tensor

_DTYPES = (torch.float32, torch.float64)

# Over so many steps, those of all trials counted, the gradients of the gates' arguments are taken
# and then used up: enough for large products, and their memory stays in the cache.
_STEPS_AT_ONCE = 1024


def can_unroll(x: Tensor) -> bool:
    """Whether `gru_unroll` takes such inputs: float32 or float64 on the CPU, of a step or more."""
    return x.device.type == 'cpu' and x.dtype in _DTYPES and x.shape[1] > 0


def gru_unroll(
    x: Tensor, h_0: Tensor, W_ih: Tensor, W_hh: Tensor, b_ih: Tensor, b_hh: Tensor
) -> Tensor:
    """The states of `torch.nn.GRU`, differentiable once with respect to every argument.

    Args:
        x: Inputs [B, T, I] with T >= 1, as `can_unroll` takes them.
        h_0: State before the first step [B, H].
        W_ih: [3 H, I], with the rows of the gates r, z and the candidate n below each other.
        W_hh: [3 H, H].
        b_ih: [3 H].
        b_hh: [3 H].

    Returns:
        The states after the steps [B, T, H].

    Raises:
        ValueError: If shapes, dtypes or devices do not fit together.
        KernelCacheError: If the machine code can't be kept on disk.
    """
    H, I = W_hh.shape[-1], x.shape[-1]  # noqa: E741
    expected = {
        'x': (x, (*x.shape[:2], I)),
        'h_0': (h_0, (x.shape[0], H)),
        'W_ih': (W_ih, (3 * H, I)),
        'W_hh': (W_hh, (3 * H, H)),
        'b_ih': (b_ih, (3 * H,)),
        'b_hh': (b_hh, (3 * H,)),
    }
    if not can_unroll(x):
        raise ValueError(f'x [B, T, I] is {_described(x)}; float32 or float64 on the CPU, T >= 1')
    for name, (tensor, shape) in expected.items():
        if (*tensor.shape, tensor.dtype, tensor.device) != (*shape, x.dtype, x.device):
            raise ValueError(
                f'{name} is {_described(tensor)}; {shape} is expected beside x, {_described(x)}'
            )
    tensors = (x, h_0, W_ih, W_hh, b_ih, b_hh)
    keeps = torch.is_grad_enabled() and any(tensor.requires_grad for tensor in tensors)
    states: Tensor = _GRUUnroll.apply(keeps, *tensors)
    return states


class _GRUUnroll(torch.autograd.Function):
    """See the head of the file. n is H padded, c the candidate."""

    @staticmethod
    def forward(
        ctx: Any, keeps: bool, x: Tensor, h_0: Tensor, W_ih: Tensor, W_hh: Tensor, b_ih: Tensor,
        b_hh: Tensor,
    ) -> Tensor:  # fmt: skip
        B, T, I = x.shape  # noqa: E741
        H, n = h_0.shape[1], _padded_size(h_0)
        gates = torch.addmm(_padded_gates(b_ih, n), x.reshape(B * T, I), _padded_gates(W_ih, n).T)
        recurrent = x.new_empty(B, T * n if keeps else 0)
        h = x.new_empty(B, T * n)
        _kernel().forward(
            _array(_padded_recurrent(W_hh, n).T), _array(_padded_gates(b_hh, n)),
            _array(_padded(h_0, n)).copy(), np.empty((B, 3 * n), h.numpy().dtype),
            gates.view(B, T * 3 * n).numpy(), recurrent.numpy(), h.numpy(),
        )  # fmt: skip
        out = h.view(B, T, n)[..., :H].contiguous()
        if keeps:
            ctx.save_for_backward(x, h_0, W_ih, W_hh, gates, recurrent, out)
        return out

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, out_bar: Tensor) -> tuple[Tensor | None, ...]:
        x, h_0, W_ih, W_hh, gates, recurrent, out = ctx.saved_tensors
        (B, T, _), H, n = x.shape, h_0.shape[1], _padded_size(h_0)
        gradients = _Gradients(ctx.needs_input_grad[1:], x, W_ih, n)
        h_bar = x.new_zeros(B, n)
        before = np.empty(n, h_bar.numpy().dtype)
        # the rows of c before those of r and z, so that a_bar has those of both sides side by side
        W_c_first = _array(_padded_recurrent(W_hh, n).view(3, n, n).roll(1, 0).view(3 * n, n))
        h_0_array, h = _array(_padded(h_0, n)), _array(_padded(out, n).reshape(B, T * n))
        kept = (gates.view(B, T * 3 * n).numpy(), recurrent.numpy(), h)
        out_bar_array = _array(_padded(out_bar, n).reshape(B, T * n))
        length = max(1, _STEPS_AT_ONCE // max(1, B))
        for stop in range(T, 0, -length):
            start = max(0, stop - length)
            a_bar = x.new_empty(B, (stop - start) * 4 * n)
            _kernel().backward(
                start, stop, W_c_first, h_0_array, before, *kept, out_bar_array, a_bar.numpy(),
                h_bar.numpy(),
            )  # fmt: skip
            states = [h_0.unsqueeze(1)] if start == 0 else []
            states.append(out[:, max(0, start - 1) : stop - 1])
            gradients.add(start, stop, a_bar.view(-1, 4 * n), torch.cat(states, dim=1))
        h_0_bar = h_bar[:, :H] if ctx.needs_input_grad[2] else None
        return None, gradients.x, h_0_bar, *gradients.of_weights(H)


class _Gradients:
    """Those of x and of the weights, summed up over spans of steps; None where none is wanted."""

    def __init__(self, wanted: Sequence[bool], x: Tensor, W_ih: Tensor, n: int) -> None:
        wants_x, _, self._wants_W_ih, self._wants_W_hh, self._wants_b_ih, self._wants_b_hh = wanted
        self._inputs = x
        self._W_ih_padded = _padded_gates(W_ih, n)
        self._W_ih = torch.zeros_like(self._W_ih_padded)
        self._W_hh = x.new_zeros(3 * n, n)
        self._b = x.new_zeros(4 * n)
        self.x = x.new_empty(x.shape) if wants_x else None

    def add(self, start: int, stop: int, a_bar: Tensor, h: Tensor) -> None:
        """Add what steps start..stop - 1 give.

        Args:
            start: The first of the steps.
            stop: One past the last.
            a_bar: As the kernel's `backward` left it [B (stop - start), 4 n].
            h: The states before the steps [B, stop - start, H].
        """
        n = a_bar.shape[1] // 4
        of_state, of_input = a_bar[:, : 3 * n], a_bar[:, n:]
        x = self._inputs[:, start:stop]
        if self.x is not None:
            self.x[:, start:stop] = (of_input @ self._W_ih_padded).view(x.shape)
        if self._wants_W_ih:
            self._W_ih.addmm_(of_input.T, x.flatten(0, 1))
        if self._wants_W_hh:
            self._W_hh[:, : h.shape[2]].addmm_(of_state.T, h.flatten(0, 1))
        if self._wants_b_ih or self._wants_b_hh:
            self._b += a_bar.sum(0)

    def of_weights(self, H: int) -> tuple[Tensor | None, ...]:
        """Those of W_ih, W_hh, b_ih and b_hh, without what pads them."""
        n = len(self._b) // 4

        def unpadded(of_gates: Tensor) -> Tensor:
            return of_gates.view(3, n, -1)[:, :H]

        return (
            unpadded(self._W_ih).reshape(3 * H, -1) if self._wants_W_ih else None,
            unpadded(self._W_hh)[..., :H].roll(-1, 0).reshape(3 * H, H)
            if self._wants_W_hh
            else None,
            unpadded(self._b[n:]).reshape(3 * H) if self._wants_b_ih else None,
            unpadded(self._b[: 3 * n]).roll(-1, 0).reshape(3 * H) if self._wants_b_hh else None,
        )


@functools.cache
def _kernel() -> ModuleType:
    """The compiled steps; numba is imported when they are first asked for."""
    from metods_garage.modules import gru_kernel

    return gru_kernel


def _padded_size(h: Tensor) -> int:
    """n for states like these [B, H]."""
    n: int = compiled_kernel().padded(h.shape[1], h.detach().numpy().dtype)
    return n


def _padded(x: Tensor, n: int) -> Tensor:
    """x [..., H] with zeros behind it to [..., n]."""
    return x if x.shape[-1] == n else pad(x, (0, n - x.shape[-1]))


def _padded_gates(x: Tensor, n: int) -> Tensor:
    """x [3 H, ...] with zeros below each gate's rows to [3 n, ...]."""
    H = x.shape[0] // 3
    if H == n:
        return x
    return pad(x.reshape(3, H, -1), (0, 0, 0, n - H)).view(3 * n, *x.shape[1:])


def _padded_recurrent(W_hh: Tensor, n: int) -> Tensor:
    """W_hh [3 H, H] with zeros to [3 n, n]."""
    return _padded_gates(_padded(W_hh, n), n)


def _array(x: Tensor) -> np.ndarray:
    """A C-contiguous array of a tensor."""
    array: np.ndarray = x.detach().contiguous().numpy()
    return array


def _described(x: Tensor) -> str:
    return f'{tuple(x.shape)} of {x.dtype} on {x.device}'
