"""A step of trials from observation to action, compiled; `acting_step` is its torch side.

What a trial does is the same to the last bit whichever trials are beside it. Vectors and rows of
matrices are padded with zeros to n numbers, as in the kernel of the rule. All parameters come in
one array: to hand an array over costs as much as work on a hundred numbers.
"""

from __future__ import annotations

from metods_garage.plasticity.kernel.arguments import (
    BLOCK_OF_ROWS,
    NOT_NORMALIZED,
    Coefficients,
    Form,
    Scratch,
)
from metods_garage.plasticity.kernel.compiled import compiled, inlined
from metods_garage.plasticity.kernel.products import set_products, set_transposed
from metods_garage.plasticity.kernel.simd import lanes, load, store, total, zero_vector
from metods_garage.plasticity.kernel.step import read, write
from metods_garage.plasticity.kernel.vectors import copy_numbers, set_all, tanh_of

import numpy as np

# Where the array `layout` has what. Behind it are, for each layer, its numbers of inputs and of
# outputs, and whether a tanh follows.
N_NEURONS, N_INNER_STEPS, N_SEEN, N_ACTED = 0, 1, 2, 3
ACTIVATION, PROJECTION, NORMALIZE, OUTGOING = 4, 5, 6, 7
N_EMBEDDING, N_TRUNK, N_POLICY, N_VALUE, WIDEST = 8, 9, 10, 11, 12
LAYERS = 13


def n_scratch(n_inner_steps, n_neurons, n_padded, widest):
    """How many numbers of scratch memory `act` needs.

    Args:
        n_inner_steps: S.
        n_neurons: N.
        n_padded: n.
        widest: The largest number of inputs or outputs of a layer, padded.
    """
    S, N = n_inner_steps, n_neurons
    n_vectors = 8 * S + 7 + BLOCK_OF_ROWS + 3 * max(1, S * (S - 1) // 2)  # see `_scratch`
    return (6 * N + n_vectors) * n_padded + 3 * widest


@compiled
def load_weights(W, own):
    """Sets own [B, N, n] to the transposes of W [B, N, N], as `act` takes them."""
    for trial in range(W.shape[0]):
        set_transposed(W[trial], own[trial])


@compiled
def store_weights(own, W):
    """Sets W [B, N, N] to what own [B, N, n] is the transpose of."""
    for trial in range(W.shape[0]):
        for i in range(W.shape[1]):
            for k in range(W.shape[1]):
                W[trial, i, k] = own[trial, k, i]


@compiled
def act(first, last, row, seen, noise, W, numbers, layout, memory, outputs, actions, told):
    """Take a step of trials first..last - 1.

    Args:
        first: Number of the first trial.
        last: One past the last.
        row: Where the first trial's entries are in the arrays with R rows; the others' follow.
        seen: Observations [R, O].
        noise: Standard normal numbers [R, A] to draw a Gaussian's actions with; [R, 0] draws none.
        W: Weights [B, N, n] as of `load_weights`; set to those after the step.
        numbers: The parameters, in the order in which they are taken below.
        layout: What there is of them, and the form of the rule.
        memory: Scratch of `n_scratch` numbers, zeros at first.
        outputs: Set to the outputs of the policy head's network [R, K]: a Gaussian's means.
        actions: Set to the actions [R, A].
        told: Set to values, and to the norms of the weights after the step [R, 2].

    Returns:
        Whether all that was seen and done is finite.
    """
    S, N, n, n_seen = layout[N_INNER_STEPS], layout[N_NEURONS], W.shape[2], layout[N_SEEN]
    A = layout[N_ACTED]
    coefficients, at = _coefficients(numbers, S, N, n, layout[PROJECTION] != 0)
    mean, std = numbers[at : at + n_seen], numbers[at + n_seen : at + 2 * n_seen]
    at += 2 * n_seen
    clip, cap, at = numbers[at], numbers[at + 1], at + 2
    deviation, at = numbers[at : at + A], at + A
    form = Form(
        layout[ACTIVATION], layout[PROJECTION], layout[NORMALIZE], layout[OUTGOING] != 0,
        np.float64(cap),
    )  # fmt: skip
    scratch, rest = _scratch(memory, S, N, n)
    three = rest[: 3 * layout[WIDEST]].reshape((3, layout[WIDEST]))
    x, y, features = three[0:1], three[1:2], three[2:3]
    V, Y, pending = scratch.V[0], scratch.Y[0], scratch.rows[2]
    to_trunk = layout[N_EMBEDDING]
    to_policy = to_trunk + layout[N_TRUNK]
    to_value = to_policy + layout[N_POLICY]
    end = to_value + layout[N_VALUE]
    summed = numbers.dtype.type(0)
    for trial in range(first, last):
        r = row + trial - first
        summed += _set_normalized(seen[r], mean, std, clip, x[0])
        layers_at = _through(numbers, at, layout, 0, to_trunk, x, y)
        copy_numbers(x[0], V[0, :N])
        set_all(1.0, pending)
        read(V, Y, scratch.U_bar, scratch.M[0], scratch.A[0], W[trial], pending, coefficients, form)
        write(W[trial], V, Y, scratch, pending, coefficients, form)
        told[r, 1] = np.sqrt(_finish_write(W[trial], pending, form))
        copy_numbers(V[S], features[0])
        layers_at = _through(numbers, layers_at, layout, to_trunk, to_policy, features, y)
        copy_numbers(features[0], x[0])
        layers_at = _through(numbers, layers_at, layout, to_policy, to_value, x, y)
        copy_numbers(x[0], outputs[r])
        _through(numbers, layers_at, layout, to_value, end, features, y)
        told[r, 0] = features[0, 0]
        _draw(outputs[r], deviation, noise[r], actions[r])
        summed += features[0, 0] + _sum(outputs[r]) + _sum(actions[r])
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
    alpha, at = _matrices(numbers, 0, 1, N, n)
    alpha_T, at = _matrices(numbers, at, 1, N, n)
    P, at = _matrices(numbers, at, 1, n_projected, n)
    P_T, at = _matrices(numbers, at, 1, n_projected, n)
    kappa, at = _matrices(numbers, at, 1, S, S + 1)
    c, at = _matrices(numbers, at, 1, 1, S + 1)
    d, at = _matrices(numbers, at, 1, S + 1, S)
    coefficients = Coefficients(
        kappa=kappa[0], c=c[0, 0], d=d[0], alpha=alpha[0], alpha_T=alpha_T[0], P=P[0], P_T=P_T[0]
    )
    return coefficients, at


@inlined
def _scratch(memory, S, N, n):
    """The rule's scratch memory for one step, and the memory that is left."""
    pairs = max(1, S * (S - 1) // 2)
    W, at = _matrices(memory, 0, 2, N, n)
    reset_W, at = _matrices(memory, at, 1, N, n)
    G, at = _matrices(memory, at, 1, N, n)
    alpha_bar, at = _matrices(memory, at, 1, N, n)
    P_bar, at = _matrices(memory, at, 1, N, n)
    V, at = _matrices(memory, at, 1, S + 1, n)
    Y, at = _matrices(memory, at, 1, S, n)
    scales, at = _matrices(memory, at, 1, 2, n)
    M, at = _matrices(memory, at, 1, pairs, n)
    A, at = _matrices(memory, at, 1, pairs, n)
    Q, at = _matrices(memory, at, 1, pairs, n)
    Y_bar, at = _matrices(memory, at, 1, S, n)
    V_bar, at = _matrices(memory, at, 1, S + 1, n)
    U_bar, at = _matrices(memory, at, 1, S, n)
    H, at = _matrices(memory, at, 1, BLOCK_OF_ROWS, n)
    sides, at = _matrices(memory, at, 1, S, n)
    rows, at = _matrices(memory, at, 1, 3, n)
    products, at = _matrices(memory, at, 2, S, n)
    scratch = Scratch(
        V=V, Y=Y, W=W, reset_W=reset_W[0], scale=scales[0, 0], pull=scales[0, 1], M=M, A=A, Q=Q,
        Y_bar=Y_bar, V_bar=V_bar[0], U_bar=U_bar[0], G=G[0], H=H[0], alpha_bar=alpha_bar[0],
        P_bar=P_bar[0], sides=sides[0], rows=rows[0], products=products[0],
        more_products=products[1],
    )  # fmt: skip
    return scratch, memory[at:]


@inlined
def _matrices(memory, at, n, n_rows, n_columns):
    """n matrices from a place in the memory on, and the place behind them."""
    end = at + n * n_rows * n_columns
    return memory[at:end].reshape((n, n_rows, n_columns)), end


@inlined
def _set_normalized(seen, mean, std, clip, out):
    """out = (seen - mean) / std within -clip and clip, NaN staying NaN; returns sum(seen)."""
    summed = mean.dtype.type(0)
    for k in range(seen.shape[0]):
        seen_k = mean.dtype.type(seen[k])
        summed += seen_k
        z = (seen_k - mean[k]) / std[k]
        z = clip if z > clip else z
        out[k] = -clip if z < -clip else z
    return summed


@inlined
def _through(numbers, at, layout, first, last, x, y):
    """Takes x[0] in place through layers first..last - 1; returns where their parameters end."""
    for layer in range(first, last):
        n_in, n_out = layout[LAYERS + 3 * layer], layout[LAYERS + 3 * layer + 1]
        bias_at = at + n_in * n_out
        weights = numbers[at:bias_at].reshape((n_in, n_out))
        bias = numbers[bias_at : bias_at + n_out]
        at = bias_at + n_out
        set_products(x, 1, weights, y)
        x_0, y_0 = x[0], y[0]
        with_tanh = layout[LAYERS + 3 * layer + 2] != 0
        for k in range(0, n_out, lanes(numbers)):
            z = load(y_0, k) + load(bias, k)
            store(x_0, k, tanh_of(z) if with_tanh else z)
    return at


@inlined
def _draw(mean, deviation, noise, out):
    """out = mean + deviation (*) noise."""
    for k in range(out.shape[0]):
        out[k] = mean[k] + deviation[k] * mean.dtype.type(noise[k])


@inlined
def _sum(x):
    """The sum of x."""
    summed = x.dtype.type(0)
    for k in range(x.shape[0]):
        summed += x[k]
    return summed
