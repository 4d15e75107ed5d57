"""The steps of a gated recurrent unit and of its gradient, compiled for `gru_unroll`.

A step reads all of W_hh. Here it is read once for three trials, and what else a step does is small
beside that. Vectors and rows of matrices are padded with zeros to n numbers, as in the kernel of
the rule, and arrays over time are [B, T, ...] with the numbers of all steps of a trial in one row.
"""

from __future__ import annotations

from metods_garage.plasticity.kernel.compiled import compiled, inlined
from metods_garage.plasticity.kernel.products import add_products
from metods_garage.plasticity.kernel.simd import lanes, load, store
from metods_garage.plasticity.kernel.vectors import copy_numbers, tanh_of


@compiled
def forward(W_T, bias, state, sums, gates, recurrent, h):
    """Run the unit over all steps.

    Args:
        W_T: Transpose of W_hh [n, 3 n].
        bias: b_hh [3 n].
        state: State before the first step [B, n]; set to that after the last.
        sums: Scratch [B, 3 n].
        gates: W_ih x + b_ih of the gates r, z and of the candidate c [B, T 3 n]; set to r, z, c.
        recurrent: Set to the part of c's argument that r multiplies [B, T n]; [B, 0] keeps none.
        h: Set to the states after the steps [B, T n].
    """
    B, n = state.shape
    for t in range(h.shape[1] // n):
        for b in range(B):
            copy_numbers(bias, sums[b])
        add_products(state, 0, B, W_T, n, sums)
        for b in range(B):
            set_state(sums[b], gates[b, 3 * n * t : 3 * n * (t + 1)], state[b])
            copy_numbers(state[b], h[b, n * t : n * (t + 1)])
            if recurrent.shape[1] > 0:
                copy_numbers(sums[b, 2 * n :], recurrent[b, n * t : n * (t + 1)])


@compiled
def backward(start, stop, W, h_0, before, gates, recurrent, h, out_bar, a_bar, h_bar):
    """Take the gradient back through steps start..stop - 1, to the arguments of the gates.

    Args:
        start: The first of the steps.
        stop: One past the last.
        W: W_hh [3 n, n] with the rows of c before those of r and z.
        h_0: State before the first step [B, n].
        before: Scratch [n].
        gates: As `forward` left them.
        recurrent: As `forward` left it.
        h: As `forward` left it.
        out_bar: Gradient with respect to h [B, T n].
        a_bar: Set to the gradients with respect to the recurrent part of c's argument, and to the
            arguments of r, z and c, of these steps [B, (stop - start) 4 n].
        h_bar: Gradient that reaches the state after the last of the steps from later ones [B, n];
            set to that of the state before the first.
    """
    B, n = h_0.shape
    for t in range(stop - 1, start - 1, -1):
        at = 4 * n * (t - start)
        for b in range(B):
            if t == 0:
                copy_numbers(h_0[b], before)
            else:
                copy_numbers(h[b, n * (t - 1) : n * t], before)
            _set_gradients(
                gates[b, 3 * n * t : 3 * n * (t + 1)],
                recurrent[b, n * t : n * (t + 1)],
                before,
                out_bar[b, n * t : n * (t + 1)],
                a_bar[b, at : at + 4 * n],
                h_bar[b],
            )
        add_products(a_bar, at, B, W, 3 * n, h_bar)


@inlined
def set_state(sums, gates, h):
    """h = (1 - z) (*) c + z (*) h, and gates = r, z, c."""
    n = h.shape[0]
    for k in range(0, n, lanes(h)):
        r = _sigmoid(load(gates, k) + load(sums, k))
        z = _sigmoid(load(gates, n + k) + load(sums, n + k))
        c = tanh_of(load(gates, 2 * n + k) + r * load(sums, 2 * n + k))
        store(gates, k, r)
        store(gates, n + k, z)
        store(gates, 2 * n + k, c)
        store(h, k, c + z * (load(h, k) - c))


@inlined
def _set_gradients(gates, recurrent, h_before, out_bar, a_bar, h_bar):
    """Those of one step; h_bar becomes what reaches h_before past the gates."""
    n = h_bar.shape[0]
    for k in range(0, n, lanes(h_bar)):
        r, z, c = load(gates, k), load(gates, n + k), load(gates, 2 * n + k)
        h = load(h_bar, k) + load(out_bar, k)
        c_bar = h * (1.0 - z) * (1.0 - c * c)
        store(a_bar, k, c_bar * r)
        store(a_bar, n + k, c_bar * load(recurrent, k) * r * (1.0 - r))
        store(a_bar, 2 * n + k, h * (load(h_before, k) - c) * z * (1.0 - z))
        store(a_bar, 3 * n + k, c_bar)
        store(h_bar, k, h * z)


@inlined
def _sigmoid(x):
    """1 / (1 + exp(-x)) of every number of a vector value."""
    return 0.5 * tanh_of(0.5 * x) + 0.5
