"""Normalisation of the weights, as in `plasticity.normalization`, and its gradient."""

from __future__ import annotations

from metods_garage.plasticity.kernel.arguments import CAP, L1, NOT_NORMALIZED
from metods_garage.plasticity.kernel.compiled import compiled
from metods_garage.plasticity.kernel.vectors import (
    add_product,
    add_product_with_signs,
    add_scaled_signs,
    add_sizes,
    dot,
    multiply_in_place,
    scale_and_add,
    scale_in_place,
    set_zero,
)

import numpy as np

_SMALLEST_NORM = 1e-8  # as in `plasticity.normalization`


@compiled
def set_scale_and_pull(scale, pull, form):
    """From sums of sizes (L1) or of squares in `scale` [N], in place: what weights are multiplied
    by, and the factor of the part of the gradient along them that is lost; see `through_norm`.
    """
    number = scale.dtype.type
    zero, one, cap = number(0), number(1), number(form.cap)
    smallest = number(_SMALLEST_NORM if form.normalize == L1 else _SMALLEST_NORM**2)
    for k in range(scale.shape[0]):
        total = scale[k]
        tiny = total < smallest
        total = smallest if tiny else total
        inverse = one / (total if form.normalize == L1 else np.sqrt(total))
        if form.normalize == CAP:
            below = cap * inverse > one
            scale[k] = one if below else cap * inverse
            pull[k] = zero if below or tiny else inverse / cap
        else:
            scale[k] = inverse
            pull[k] = zero if tiny else inverse


@compiled
def set_column_norms(W, total, form):
    """Sets total [N] to the sums of sizes (L1) or of squares of the columns of W."""
    set_zero(total)
    for i in range(W.shape[0]):
        if form.normalize == L1:
            add_sizes(W[i], total)
        else:
            add_product(W[i], W[i], total)


@compiled
def through_norm(G, W, scale, pull, form, row):
    """bar W~ from G = bar W, in place, for W = scale (*) W~: scale G - pull W <G, W>, where with
    the L1 norm the first W is its sign.
    """
    if form.normalize == NOT_NORMALIZED:
        return
    if not form.outgoing:
        for i in range(G.shape[0]):
            along = -pull[i] * dot(G[i], W[i])
            if form.normalize == L1:
                scale_in_place(scale[i], G[i])
                add_scaled_signs(along, W[i], G[i])
            else:
                scale_and_add(scale[i], along, W[i], G[i])
        return
    set_zero(row)
    for i in range(G.shape[0]):
        add_product(G[i], W[i], row)
    for k in range(G.shape[1]):
        row[k] = -pull[k] * row[k]
    for i in range(G.shape[0]):
        multiply_in_place(scale, G[i])
        if form.normalize == L1:
            add_product_with_signs(row, W[i], G[i])
        else:
            add_product(row, W[i], G[i])
