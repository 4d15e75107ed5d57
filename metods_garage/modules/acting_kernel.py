"""A step of trials from observation to action, compiled; `acting_step` is its torch side.

What a trial does is the same to the last bit whichever trials are beside it. All parameters come in
one array: to hand an array over costs as much as work on a hundred numbers.
"""

from __future__ import annotations

from metods_garage.plasticity.kernel.arguments import Coefficients, Form, Scratch
from metods_garage.plasticity.kernel.compiled import compiled, inlined
from metods_garage.plasticity.kernel.matrices import matvec
from metods_garage.plasticity.kernel.step import read, write
from metods_garage.plasticity.kernel.vectors import dot, set_vector, tanh_in_place

import numpy as np

# Where the array `layout` has what. Behind it are, for each layer, its numbers of inputs and of
# outputs, and whether a tanh follows.
N_NEURONS, N_INNER_STEPS, N_SEEN, N_ACTED = 0, 1, 2, 3
ACTIVATION, PROJECTION, NORMALIZE, OUTGOING = 4, 5, 6, 7
N_EMBEDDING, N_TRUNK, N_POLICY, N_VALUE = 8, 9, 10, 11
LAYERS = 12


def n_scratch(n_inner_steps, n_neurons, widest):
    """How many numbers of scratch memory `act` needs.

    Args:
        n_inner_steps: S.
        n_neurons: N.
        widest: The largest number of inputs or outputs of a layer.
    """
    S, N = n_inner_steps, n_neurons
    n_vectors = 8 * S + 5 + 3 * max(1, S * (S - 1) // 2)  # see `_scratch`
    return 3 * N * N + n_vectors * N + 3 * widest


@compiled
def act(
    first, last, row, seen, noise, W, next_W, numbers, layout, memory, outputs, actions, told
):  # fmt: skip
    """Take a step of trials first..last - 1.

    Args:
        first: Number of the first trial.
        last: One past the last.
        row: Where the first trial's entries are in the arrays with R rows; the others' follow.
        seen: Observations [R, O].
        noise: Standard normal numbers [R, A] to draw a Gaussian's actions with; [R, 0] draws none.
        W: Weights [B, N, N] before the step.
        next_W: Set to the weights after it; another array.
        numbers: The parameters, in the order in which they are taken below.
        layout: What there is of them, and the form of the rule.
        memory: Scratch of `n_scratch` numbers.
        outputs: Set to the outputs of the policy head's network [R, K]: a Gaussian's means.
        actions: Set to the actions [R, A].
        told: Set to values, and to the norms of the weights after the step [R, 2].

    Returns:
        Whether all that was seen and done is finite.
    """
    S, N, n_seen, A = layout[N_INNER_STEPS], layout[N_NEURONS], layout[N_SEEN], layout[N_ACTED]
    mean, std, at = numbers[:n_seen], numbers[n_seen : 2 * n_seen], 2 * n_seen
    clip, cap, at = numbers[at], numbers[at + 1], at + 2
    deviation, at = numbers[at : at + A], at + A
    coefficients, at = _coefficients(numbers, at, S, N, layout[PROJECTION] != 0)
    form = Form(
        layout[ACTIVATION], layout[PROJECTION], layout[NORMALIZE], layout[OUTGOING] != 0,
        np.float64(cap),
    )  # fmt: skip
    scratch, rest = _scratch(memory, S, N)
    width = rest.shape[0] // 3
    x, y, features = rest[:width], rest[width : 2 * width], rest[2 * width : 3 * width]
    V, Y = scratch.V[0], scratch.Y[0]
    to_trunk = layout[N_EMBEDDING]
    to_policy = to_trunk + layout[N_TRUNK]
    to_value = to_policy + layout[N_POLICY]
    end = to_value + layout[N_VALUE]
    total = numbers.dtype.type(0)
    for trial in range(first, last):
        r = row + trial - first
        total += _set_normalized(seen[r], mean, std, clip, x)
        layers_at = _through(numbers, at, layout, 0, to_trunk, x, y)
        set_vector(x, V[0])
        read(V, Y, scratch.U_bar, scratch.M[0], scratch.A[0], W[trial], coefficients, form)
        write(W[trial], next_W[trial], V, Y, scratch, 0, coefficients, form)
        told[r, 1] = np.sqrt(_sum_of_squares(next_W[trial]))
        set_vector(V[S], features[:N])
        layers_at = _through(numbers, layers_at, layout, to_trunk, to_policy, features, y)
        set_vector(features, x)
        layers_at = _through(numbers, layers_at, layout, to_policy, to_value, x, y)
        set_vector(x, outputs[r])
        _through(numbers, layers_at, layout, to_value, end, features, y)
        told[r, 0] = features[0]
        _draw(outputs[r], deviation, noise[r], actions[r])
        total += features[0] + _sum(outputs[r]) + _sum(actions[r])
    return np.isfinite(total)


@inlined
def _coefficients(numbers, at, S, N, with_projection):
    """The meta-parameters of the rule, and where what follows them starts."""
    n_kappa, n_d, n_P = S * (S + 1), (S + 1) * S, N * N if with_projection else 0
    c_at = at + n_kappa
    d_at = c_at + S + 1
    alpha_at = d_at + n_d
    P_at = alpha_at + N * N
    end = P_at + n_P
    n_columns = N if with_projection else 0
    coefficients = Coefficients(
        kappa=numbers[at:c_at].reshape((S, S + 1)),
        c=numbers[c_at:d_at],
        d=numbers[d_at:alpha_at].reshape((S + 1, S)),
        alpha=numbers[alpha_at:P_at].reshape((N, N)),
        P=numbers[P_at:end].reshape((n_columns, n_columns)),
    )
    return coefficients, end


@inlined
def _scratch(memory, S, N):
    """The kernel's scratch memory for one step, and the memory that is left."""
    pairs = max(1, S * (S - 1) // 2)
    W, at = _matrices(memory, 0, 2, N, N)
    H, at = _matrices(memory, at, 1, N, N)
    V, at = _matrices(memory, at, 1, S + 1, N)
    Y, at = _matrices(memory, at, 1, S, N)
    scale, at = _matrices(memory, at, 1, 1, N)
    pull, at = _matrices(memory, at, 1, 1, N)
    M, at = _matrices(memory, at, 1, pairs, N)
    A, at = _matrices(memory, at, 1, pairs, N)
    Q, at = _matrices(memory, at, 1, pairs, N)
    Y_bar, at = _matrices(memory, at, 1, S, N)
    V_bar, at = _matrices(memory, at, 1, S + 1, N)
    U_bar, at = _matrices(memory, at, 1, S, N)
    DA, at = _matrices(memory, at, 1, N, S)
    row, at = _matrices(memory, at, 1, 1, N)
    products, at = _matrices(memory, at, 1, S, N)
    more_products, at = _matrices(memory, at, 1, S, N)
    scratch = Scratch(
        V=V, Y=Y, W=W, scale=scale[0], pull=pull[0], M=M, A=A, Q=Q, Y_bar=Y_bar, V_bar=V_bar[0],
        U_bar=U_bar[0], H=H[0], DA=DA[0], row=row[0, 0], products=products[0],
        more_products=more_products[0],
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
    total = mean.dtype.type(0)
    for k in range(seen.shape[0]):
        seen_k = mean.dtype.type(seen[k])
        total += seen_k
        z = (seen_k - mean[k]) / std[k]
        z = clip if z > clip else z
        out[k] = -clip if z < -clip else z
    return total


@inlined
def _through(numbers, at, layout, first, last, x, y):
    """Takes x in place through layers first..last - 1; returns where their parameters end."""
    for layer in range(first, last):
        n_in, n_out = layout[LAYERS + 3 * layer], layout[LAYERS + 3 * layer + 1]
        bias_at = at + n_out * n_in
        bias = numbers[bias_at : bias_at + n_out]
        matvec(numbers[at:bias_at].reshape((n_out, n_in)), x[:n_in], y[:n_out])
        for k in range(n_out):
            x[k] = y[k] + bias[k]
        if layout[LAYERS + 3 * layer + 2] != 0:
            tanh_in_place(x[:n_out])
        at = bias_at + n_out
    return at


@inlined
def _sum_of_squares(x):
    """The sum of the squares of a matrix."""
    total = x.dtype.type(0)
    for i in range(x.shape[0]):
        total += dot(x[i], x[i])
    return total


@inlined
def _draw(mean, deviation, noise, out):
    """out = mean + deviation (*) noise."""
    for k in range(out.shape[0]):
        out[k] = mean[k] + deviation[k] * mean.dtype.type(noise[k])


@inlined
def _sum(x):
    """The sum of x."""
    total = x.dtype.type(0)
    for k in range(x.shape[0]):
        total += x[k]
    return total
