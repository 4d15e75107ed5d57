"""Normalisation of the weights, as in `plasticity.normalization`, and its gradient."""

from __future__ import annotations

from metods_garage.plasticity.kernel.arguments import CAP, L1
from metods_garage.plasticity.kernel.compiled import compiled, inlined
from metods_garage.plasticity.kernel.simd import lanes, load, size, store, total, zero_vector
from metods_garage.plasticity.kernel.vectors import sign

import numpy as np

_SMALLEST_NORM = 1e-8  # as in `plasticity.normalization`


@compiled
def set_scale(scale, form):
    """From sums of sizes (L1) or of squares in `scale`, in place: what the norm multiplies by."""
    number = scale.dtype.type
    one, cap = number(1), number(form.cap)
    smallest = _smallest_sum(scale, form)
    for k in range(scale.shape[0]):
        inverse = _inverse_norm(max(scale[k], smallest), form)
        if form.normalize == CAP:
            scale[k] = min(cap * inverse, one)
        else:
            scale[k] = inverse


@compiled
def set_pull(scale, pull, form):
    """The factor of the part of the gradient along the weights that is lost; see derivation.md."""
    number = scale.dtype.type
    zero, one, cap = number(0), number(1), number(form.cap)
    largest = _inverse_norm(_smallest_sum(scale, form), form)
    for k in range(scale.shape[0]):
        if form.normalize == CAP:
            pull[k] = scale[k] / (cap * cap) if scale[k] < one else zero
        else:
            pull[k] = scale[k] if scale[k] < largest else zero


@inlined
def _smallest_sum(scale, form):
    return scale.dtype.type(_SMALLEST_NORM if form.normalize == L1 else _SMALLEST_NORM**2)


@inlined
def _inverse_norm(summed, form):
    one = type(summed)(1)
    return one / (summed if form.normalize == L1 else np.sqrt(summed))


@compiled
def set_row_sums(W, sums, form):
    """Sums of sizes (L1) or of squares along each row of W."""
    for i in range(W.shape[0]):
        row, part = W[i], zero_vector(W)
        for k in range(0, W.shape[1], lanes(W)):
            w = load(row, k)
            part += size(w) if form.normalize == L1 else w * w
        sums[i] = total(part)


@compiled
def set_column_sums(W, sums, form):
    """Sums of sizes (L1) or of squares along each column of W."""
    for k in range(0, W.shape[1], lanes(W)):
        part = zero_vector(W)
        for i in range(W.shape[0]):
            w = load(W[i], k)
            part += size(w) if form.normalize == L1 else w * w
        store(sums, k, part)


@compiled
def through_column_norms(G, W, scale, pull, form):
    """bar W~ from G = bar W, in place, for W = W~ scale: G scale - pull W <G, W>, where with the L1
    norm the first W is its sign.
    """
    for k in range(0, G.shape[1], lanes(G)):
        along = zero_vector(G)
        for i in range(G.shape[0]):
            along += load(G[i], k) * load(W[i], k)
        along = along * load(pull, k)
        for i in range(G.shape[0]):
            y = load(W[i], k)
            y = sign(y) if form.normalize == L1 else y
            store(G[i], k, load(scale, k) * load(G[i], k) - along * y)
