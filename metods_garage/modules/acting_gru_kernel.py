"""A step of a gated recurrent unit from observation to action, compiled; see `acting_kernel`."""

from __future__ import annotations

from metods_garage.modules.acting_kernel import (
    CORE,
    matrices,
    set_core_input,
    set_results,
    surroundings,
)
from metods_garage.modules.gru_kernel import set_state
from metods_garage.plasticity.kernel.compiled import compiled
from metods_garage.plasticity.kernel.products import add_products
from metods_garage.plasticity.kernel.vectors import copy_numbers, dot

import numpy as np

# Where the array `layout` has what the core says of itself.
N_INPUTS, N_UNITS = CORE, CORE + 1


def n_scratch(n_padded):
    """How many numbers of scratch memory the core needs in `act`, for n padded units."""
    return 6 * n_padded


@compiled
def act(first, last, row, seen, noise, h, numbers, layout, memory, outputs, actions, told):
    """Take a step of trials first..last - 1.

    Args:
        first: Number of the first trial.
        last: One past the last.
        row: Where the first trial's entries are in the arrays with R rows; the others' follow.
        seen: Observations [R, O].
        noise: Standard normal numbers [R, A] to draw a Gaussian's actions with; [R, 0] draws none.
        h: States [B, 1, n] as of `load_memory`; set to those after the step.
        numbers: The parameters, in the order in which they are taken below.
        layout: What there is of them.
        memory: Scratch of `n_scratch` numbers and what `surroundings` takes, zeros at first.
        outputs: Set to the outputs of the policy head's network [R, K]: a Gaussian's means.
        actions: Set to the actions [R, A].
        told: Set to values, and to the norms of the states after the step [R, 2].

    Returns:
        Whether all that was seen and done is finite.
    """
    I, H, n = layout[N_INPUTS], layout[N_UNITS], h.shape[2]  # noqa: E741
    W_ih_T, at = matrices(numbers, 0, 1, I, 3 * n)
    W_hh_T, at = matrices(numbers, at, 1, H, 3 * n)
    biases, at = matrices(numbers, at, 1, 2, 3 * n)
    sums = memory[: 6 * n].reshape((2, 1, 3 * n))
    around = surroundings(numbers[at:], layout, memory[6 * n :])
    summed = numbers.dtype.type(0)
    for trial in range(first, last):
        r = row + trial - first
        layers_at, of_seen = set_core_input(seen[r], around, layout)
        copy_numbers(biases[0, 0], sums[0, 0])
        copy_numbers(biases[0, 1], sums[1, 0])
        add_products(around.x, 0, 1, W_ih_T[0], I, sums[0])
        add_products(h[trial], 0, 1, W_hh_T[0], H, sums[1])
        set_state(sums[1, 0], sums[0, 0], h[trial, 0])
        told[r, 1] = np.sqrt(dot(h[trial, 0], h[trial, 0]))
        copy_numbers(h[trial, 0], around.features[0])
        summed += of_seen + set_results(
            around, layers_at, layout, noise[r], outputs[r], actions[r], told[r]
        )
    return np.isfinite(summed)
