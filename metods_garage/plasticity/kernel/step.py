"""One time-step of the rearranged rule: the S reads, then the write."""

from __future__ import annotations

from metods_garage.plasticity.kernel.arguments import (
    L1,
    NO_PROJECTION,
    NOT_NORMALIZED,
    PROJECT_POST,
    PROJECT_PRE,
    RELU,
    TANH,
)
from metods_garage.plasticity.kernel.compiled import compiled, inlined
from metods_garage.plasticity.kernel.matrices import matvec, matvecs
from metods_garage.plasticity.kernel.norms import set_column_norms, set_scale_and_pull
from metods_garage.plasticity.kernel.vectors import (
    add_combination,
    add_scaled,
    add_scaled_product,
    multiply_in_place,
    scale_in_place,
    set_product,
    set_scaled,
    set_updated,
    sum_of_sizes,
    tanh_in_place,
)


@compiled
def read(V, Y, R, M, A, W, coefficients, form):
    """The S reads of a step: from v^(0) in V[0] to V, Y (the projections) and R."""
    kappa, c, d, alpha = coefficients.kappa, coefficients.c, coefficients.d, coefficients.alpha
    post = Y if form.projection == PROJECT_POST else V
    pre = Y if form.projection == PROJECT_PRE else V
    for s in range(1, kappa.shape[0] + 1):
        x, r = V[s - 1], R[s - 1]
        if form.projection != NO_PROJECTION:
            matvec(coefficients.P, x, Y[s - 1])
        matvec(W, x, r)
        scale_in_place(c[s - 1], r)
        for j in range(s - 1):
            set_product(pre[j], x, M[j])
        matvecs(alpha, M, s - 1, A)
        for j in range(s - 1):
            add_scaled_product(d[s - 1, j], post[j], A[j], r)
        _activate(r, form)
        set_scaled(kappa[s - 1, s], r, V[s])
        add_combination(kappa[s - 1], V, s, V[s])


@compiled
def write(W, next_W, V, Y, scratch, k, coefficients, form):
    """Sets next_W, another array than W, to W_t; and row k of scratch.scale and scratch.pull to
    what `through_norm` needs.
    """
    alpha, c = coefficients.alpha, coefficients.c
    S, N = coefficients.kappa.shape[0], W.shape[0]
    DA, row, scale = scratch.DA, scratch.row, scratch.scale[k]
    pre = Y if form.projection == PROJECT_PRE else V
    set_written_coefficients(V, Y, DA, coefficients, form)
    for i in range(N):
        set_written_row(DA[i], pre, S, row)
        scale[i] = set_updated(c[S], W[i], alpha[i], row, next_W[i])
    if form.normalize == NOT_NORMALIZED:
        return
    if form.outgoing:
        set_column_norms(next_W, scale, form)
    elif form.normalize == L1:
        for i in range(N):
            scale[i] = sum_of_sizes(next_W[i])
    set_scale_and_pull(scale, scratch.pull[k], form)
    for i in range(N):
        if form.outgoing:
            multiply_in_place(scale, next_W[i])
        else:
            scale_in_place(scale[i], next_W[i])


@compiled
def set_written_coefficients(V, Y, DA, coefficients, form):
    """Sets DA[i, j] to d_{S,j} a^(j)_i."""
    S, d = coefficients.kappa.shape[0], coefficients.d
    post = Y if form.projection == PROJECT_POST else V
    for i in range(DA.shape[0]):
        for j in range(S):
            DA[i, j] = d[S, j] * post[j, i]


@inlined
def set_written_row(coefficients, pre, S, row):
    """A row of sum_j d_{S,j} a^(j) b^(j)T."""
    if S < 4:
        set_scaled(coefficients[0], pre[0], row)
        for j in range(1, S):
            add_scaled(coefficients[j], pre[j], row)
        return
    c0, c1, c2, c3 = coefficients[0], coefficients[1], coefficients[2], coefficients[3]
    x0, x1, x2, x3 = pre[0], pre[1], pre[2], pre[3]
    for k in range(row.shape[0]):
        row[k] = (c0 * x0[k] + c1 * x1[k]) + (c2 * x2[k] + c3 * x3[k])
    for j in range(4, S):
        add_scaled(coefficients[j], pre[j], row)


@compiled
def _activate(u, form):
    """sigma, in place."""
    if form.activation == TANH:
        tanh_in_place(u)
    elif form.activation == RELU:
        zero = u.dtype.type(0)
        for k in range(u.shape[0]):
            u[k] = zero if u[k] < zero else u[k]


@compiled
def through_activation(r, form, g):
    """g (*) sigma'(u), in place, from r = sigma(u)."""
    if form.activation == TANH:
        for k in range(g.shape[0]):
            g[k] -= g[k] * r[k] * r[k]
    elif form.activation == RELU:
        zero = g.dtype.type(0)
        for k in range(g.shape[0]):
            g[k] = g[k] if r[k] > zero else zero
