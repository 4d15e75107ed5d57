"""What acting does before and after a recurrent core, compiled; `acting_step` is its torch side.

`acting_metods_kernel` and `acting_gru_kernel` have the steps, one core each. What a trial does is
the same to the last bit whichever trials are beside it. Vectors and rows of matrices are padded
with zeros to n numbers, as in the kernel of the rule. All parameters come in one array, the core's
first: to hand an array over costs as much as work on a hundred numbers.
"""

from __future__ import annotations

from typing import NamedTuple

from metods_garage.plasticity.kernel.compiled import compiled, inlined
from metods_garage.plasticity.kernel.products import set_products, set_transposed
from metods_garage.plasticity.kernel.simd import lanes, load, store
from metods_garage.plasticity.kernel.vectors import copy_numbers, tanh_of

import numpy as np

# Where the array `layout` has what. From CORE on is what the core says of itself, up to LAYERS;
# behind it are, for each layer, its numbers of inputs and of outputs, and whether a tanh follows.
N_SEEN, N_ACTED, N_EMBEDDING, N_TRUNK, N_POLICY, N_VALUE, WIDEST = 0, 1, 2, 3, 4, 5, 6
CORE, LAYERS = 7, 13


class Surroundings(NamedTuple):
    """What is around a core.

    Attributes:
        mean: Of the observations [O].
        std: Of the observations [O].
        clip: Bound of the observations when normalised.
        deviation: Of a Gaussian's actions [A].
        layers: Parameters of all layers.
        x: Scratch [1, widest]; what goes into the core.
        y: Scratch [1, widest].
        features: Scratch [1, widest]; what comes out of the core.
    """

    mean: np.ndarray
    std: np.ndarray
    clip: np.floating
    deviation: np.ndarray
    layers: np.ndarray
    x: np.ndarray
    y: np.ndarray
    features: np.ndarray


@compiled
def load_memory(held, own):
    """Sets own [B, Q, n] to the transposes of held [B, P, Q], as a step takes them."""
    for trial in range(held.shape[0]):
        set_transposed(held[trial], own[trial])


@compiled
def store_memory(own, held):
    """Sets held [B, P, Q] to what own [B, Q, n] is the transpose of."""
    for trial in range(held.shape[0]):
        for i in range(held.shape[1]):
            for k in range(held.shape[2]):
                held[trial, i, k] = own[trial, k, i]


@inlined
def surroundings(numbers, layout, memory):
    """What is around the core.

    Args:
        numbers: The parameters that follow those of the core.
        layout: What there is of them.
        memory: Scratch of 3 widest numbers.
    """
    n_seen, A, widest = layout[N_SEEN], layout[N_ACTED], layout[WIDEST]
    three = memory[: 3 * widest].reshape((3, widest))
    at = 2 * n_seen + 1
    return Surroundings(
        mean=numbers[:n_seen],
        std=numbers[n_seen : 2 * n_seen],
        clip=numbers[2 * n_seen],
        deviation=numbers[at : at + A],
        layers=numbers[at + A :],
        x=three[0:1],
        y=three[1:2],
        features=three[2:3],
    )


@inlined
def set_core_input(seen, around, layout):
    """Sets around.x to the core's input.

    Args:
        seen: An observation [O].
        around: What is around the core.
        layout: What there is of it.

    Returns:
        Where the parameters of the layers behind the core start, and a number that is finite if the
        observation is.
    """
    summed = _set_normalized(seen, around.mean, around.std, around.clip, around.x[0])
    at = _through(around.layers, 0, layout, 0, layout[N_EMBEDDING], around.x, around.y)
    return at, summed


@inlined
def set_results(around, at, layout, noise, outputs, actions, told):
    """Sets what is done and told from around.features, which it overwrites.

    Args:
        around: What is around the core.
        at: Where the parameters of the layers behind the core start.
        layout: What there is of them.
        noise: [A].
        outputs: Set to the outputs of the policy head's network [K].
        actions: Set to the actions [A].
        told: Its first number is set to the value [2].

    Returns:
        A number that is finite if all of this is.
    """
    to_trunk = layout[N_EMBEDDING]
    to_policy = to_trunk + layout[N_TRUNK]
    to_value = to_policy + layout[N_POLICY]
    x, y, features = around.x, around.y, around.features
    at = _through(around.layers, at, layout, to_trunk, to_policy, features, y)
    copy_numbers(features[0], x[0])
    at = _through(around.layers, at, layout, to_policy, to_value, x, y)
    copy_numbers(x[0], outputs)
    _through(around.layers, at, layout, to_value, to_value + layout[N_VALUE], features, y)
    told[0] = features[0, 0]
    _draw(outputs, around.deviation, noise, actions)
    return features[0, 0] + _sum(outputs) + _sum(actions)


@inlined
def matrices(memory, at, n, n_rows, n_columns):
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
