"""A step of MetODS from observation to action, compiled; see `acting_kernel`."""

from __future__ import annotations

from metods_garage.modules.acting_kernel import (
    CORE,
    matrices,
    set_core_input,
    set_results,
    surroundings,
)
from metods_garage.plasticity.kernel.arguments import (
    BLOCK_OF_ROWS,
    NOT_NORMALIZED,
    Coefficients,
    Form,
    Scratch,
)
from metods_garage.plasticity.kernel.compiled import compiled, inlined
from metods_garage.plasticity.kernel.simd import lanes, load, store, total, zero_vector
from metods_garage.plasticity.kernel.step import read, write
from metods_garage.plasticity.kernel.vectors import copy_numbers, set_all

import numpy as np

# Where the array `layout` has what the core says of itself.
N_NEURONS, N_INNER_STEPS, ACTIVATION, PROJECTION, NORMALIZE, OUTGOING = range(CORE, CORE + 6)


def n_scratch(n_inner_steps, n_neurons, n_padded):
    """How many numbers of scratch memory the core needs in `act`.

    Args:
        n_inner_steps: S.
        n_neurons: N.
        n_padded: n.
    """
    S, N = n_inner_steps, n_neurons
    n_vectors = 8 * S + 7 + BLOCK_OF_ROWS + 3 * max(1, S * (S - 1) // 2)  # see `_scratch`
    return (6 * N + n_vectors) * n_padded


@compiled
def act(first, last, row, seen, noise, W, numbers, layout, memory, outputs, actions, told):
    """Take a step of trials first..last - 1.

    Args:
        first: Number of the first trial.
        last: One past the last.
        row: Where the first trial's entries are in the arrays with R rows; the others' follow.
        seen: Observations [R, O].
        noise: Standard normal numbers [R, A] to draw a Gaussian's actions with; [R, 0] draws none.
        W: Weights [B, N, n] as of `load_memory`; set to those after the step.
        numbers: The parameters, in the order in which they are taken below.
        layout: What there is of them, and the form of the rule.
        memory: Scratch of `n_scratch` numbers and what `surroundings` takes, zeros at first.
        outputs: Set to the outputs of the policy head's network [R, K]: a Gaussian's means.
        actions: Set to the actions [R, A].
        told: Set to values, and to the norms of the weights after the step [R, 2].

    Returns:
        Whether all that was seen and done is finite.
    """
    S, N, n = layout[N_INNER_STEPS], layout[N_NEURONS], W.shape[2]
    coefficients, at = _coefficients(numbers, S, N, n, layout[PROJECTION] != 0)
    form = Form(
        layout[ACTIVATION], layout[PROJECTION], layout[NORMALIZE], layout[OUTGOING] != 0,
        np.float64(numbers[at]),
    )  # fmt: skip
    scratch, rest = _scratch(memory, S, N, n)
    around = surroundings(numbers[at + 1 :], layout, rest)
    V, Y, pending = scratch.V[0], scratch.Y[0], scratch.rows[2]
    summed = numbers.dtype.type(0)
    for trial in range(first, last):
        r = row + trial - first
        layers_at, of_seen = set_core_input(seen[r], around, layout)
        copy_numbers(around.x[0], V[0, :N])
        set_all(1.0, pending)
        read(V, Y, scratch.U_bar, scratch.M[0], scratch.A[0], W[trial], pending, coefficients, form)
        write(W[trial], V, Y, scratch, pending, coefficients, form)
        told[r, 1] = np.sqrt(_finish_write(W[trial], pending, form))
        copy_numbers(V[S], around.features[0])
        summed += of_seen + set_results(
            around, layers_at, layout, noise[r], outputs[r], actions[r], told[r]
        )
    return np.isfinite(summed)


@compiled
def _finish_write(W_T, pending, form):
    """W_T with what is pending, which is then nothing; returns the sum of the squares."""
    if form.normalize == NOT_NORMALIZED or form.outgoing:
        set_all(1.0, pending)  # nothing is pending then
    N, i = W_T.shape[0], 0
    a = b = c = d = zero_vector(W_T)  # four sums, as each has to wait for its last addition
    while i + 4 <= N:
        w0, w1, w2, w3 = W_T[i], W_T[i + 1], W_T[i + 2], W_T[i + 3]
        for k in range(0, W_T.shape[1], lanes(W_T)):
            scale = load(pending, k)
            x0, x1, x2, x3 = (
                scale * load(w0, k),
                scale * load(w1, k),
                scale * load(w2, k),
                scale * load(w3, k),
            )
            store(w0, k, x0)
            store(w1, k, x1)
            store(w2, k, x2)
            store(w3, k, x3)
            a, b, c, d = a + x0 * x0, b + x1 * x1, c + x2 * x2, d + x3 * x3
        i += 4
    while i < N:
        for k in range(0, W_T.shape[1], lanes(W_T)):
            x0 = load(pending, k) * load(W_T[i], k)
            store(W_T[i], k, x0)
            a += x0 * x0
        i += 1
    return total((a + b) + (c + d))


@inlined
def _coefficients(numbers, S, N, n, with_projection):
    """The meta-parameters of the rule, and where what follows them starts."""
    n_projected = N if with_projection else 0
    # matrices first, as their rows are to begin where vectors do
    alpha, at = matrices(numbers, 0, 1, N, n)
    alpha_T, at = matrices(numbers, at, 1, N, n)
    P, at = matrices(numbers, at, 1, n_projected, n)
    P_T, at = matrices(numbers, at, 1, n_projected, n)
    kappa, at = matrices(numbers, at, 1, S, S + 1)
    c, at = matrices(numbers, at, 1, 1, S + 1)
    d, at = matrices(numbers, at, 1, S + 1, S)
    coefficients = Coefficients(
        kappa=kappa[0], c=c[0, 0], d=d[0], alpha=alpha[0], alpha_T=alpha_T[0], P=P[0], P_T=P_T[0]
    )
    return coefficients, at


@inlined
def _scratch(memory, S, N, n):
    """The rule's scratch memory for one step, and the memory that is left."""
    pairs = max(1, S * (S - 1) // 2)
    W, at = matrices(memory, 0, 2, N, n)
    reset_W, at = matrices(memory, at, 1, N, n)
    G, at = matrices(memory, at, 1, N, n)
    alpha_bar, at = matrices(memory, at, 1, N, n)
    P_bar, at = matrices(memory, at, 1, N, n)
    V, at = matrices(memory, at, 1, S + 1, n)
    Y, at = matrices(memory, at, 1, S, n)
    scales, at = matrices(memory, at, 1, 2, n)
    M, at = matrices(memory, at, 1, pairs, n)
    A, at = matrices(memory, at, 1, pairs, n)
    Q, at = matrices(memory, at, 1, pairs, n)
    Y_bar, at = matrices(memory, at, 1, S, n)
    V_bar, at = matrices(memory, at, 1, S + 1, n)
    U_bar, at = matrices(memory, at, 1, S, n)
    H, at = matrices(memory, at, 1, BLOCK_OF_ROWS, n)
    sides, at = matrices(memory, at, 1, S, n)
    rows, at = matrices(memory, at, 1, 3, n)
    products, at = matrices(memory, at, 2, S, n)
    scratch = Scratch(
        V=V, Y=Y, W=W, reset_W=reset_W[0], scale=scales[0, 0], pull=scales[0, 1], M=M, A=A, Q=Q,
        Y_bar=Y_bar, V_bar=V_bar[0], U_bar=U_bar[0], G=G[0], H=H[0], alpha_bar=alpha_bar[0],
        P_bar=P_bar[0], sides=sides[0], rows=rows[0], products=products[0],
        more_products=products[1],
    )  # fmt: skip
    return scratch, memory[at:]
