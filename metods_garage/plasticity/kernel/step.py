"""One time-step of the rearranged rule: the S reads, then the write.

Going forward the weights are kept transposed, so that a product with them adds up rows and nothing
has to be summed across a vector; and what the norm multiplies by is kept beside them until the
next write, which goes over them anyway.
"""

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
from metods_garage.plasticity.kernel.norms import set_column_sums, set_row_sums, set_scale
from metods_garage.plasticity.kernel.products import scale_rows, set_products
from metods_garage.plasticity.kernel.simd import lanes, load, store, where_positive
from metods_garage.plasticity.kernel.vectors import (
    multiply_in_place,
    set_all,
    set_product,
    set_scaled,
    tanh_of,
)


@inlined
def read(V, Y, R, M, A, W_T, pending, coefficients, form):
    """The S reads of a step: from v^(0) in V[0] to V, Y (the projections) and R.

    Args:
        V: [S + 1, n].
        Y: [S, n].
        R: [S, n].
        M: Scratch [S, n] at least.
        A: Scratch [S, n] at least.
        W_T: Weights transposed [N, n].
        pending: What they have yet to be multiplied by, for each neuron [n].
        coefficients: The meta-parameters.
        form: The options.
    """
    post = Y if form.projection == PROJECT_POST else V
    pre = Y if form.projection == PROJECT_PRE else V
    for s in range(1, R.shape[0] + 1):
        x = V[s - 1]
        if form.projection != NO_PROJECTION:
            set_products(V[s - 1 : s], 1, coefficients.P_T, Y[s - 1 : s])
        set_products(V[s - 1 : s], 1, W_T, R[s - 1 : s])
        for j in range(s - 1):
            set_product(pre[j], x, M[j])
        set_products(M, s - 1, coefficients.alpha_T, A)
        _finish_read(s, V, R, post, A, pending, coefficients, form)


@inlined
def _finish_read(s, V, R, post, A, pending, coefficients, form):
    """From W x_s in R[s - 1] to r_s there and v^(s) in V[s]."""
    kappa, c, d = coefficients.kappa, coefficients.c, coefficients.d
    r, v = R[s - 1], V[s]
    for k in range(0, v.shape[0], lanes(v)):
        u = c[s - 1] * (load(pending, k) * load(r, k))
        for j in range(s - 1):
            u += d[s - 1, j] * (load(post[j], k) * load(A[j], k))
        if form.activation == TANH:
            u = tanh_of(u)
        elif form.activation == RELU:
            u = where_positive(u, u)
        store(r, k, u)
        v_k = kappa[s - 1, s] * u
        for earlier in range(s):
            v_k += kappa[s - 1, earlier] * load(V[earlier], k)
        store(v, k, v_k)


@inlined
def write(W_T, V, Y, scratch, pending, coefficients, form):
    """Turn W_T into the weights after a step, which `pending` [n] has yet to be multiplied with;
    sets scratch.scale to what the norm multiplies by.
    """
    d, S = coefficients.d, coefficients.kappa.shape[0]
    row, sides, scale = scratch.rows[0], scratch.sides, scratch.scale
    post = Y if form.projection == PROJECT_POST else V
    pre = Y if form.projection == PROJECT_PRE else V
    for j in range(S):
        set_scaled(d[S, j], post[j], sides[j])
    set_scaled(coefficients.c[S], pending, row)
    _write_columns(W_T, coefficients.alpha_T, row, sides, pre, S, W_T, scale)
    if form.normalize == NOT_NORMALIZED:
        return
    if form.outgoing:
        set_row_sums(W_T, scale, form)
        set_scale(scale, form)
        scale_rows(scale, W_T)
        return
    if form.normalize == L1:
        set_column_sums(W_T, scale, form)
    set_scale(scale, form)
    set_scaled(1.0, scale, pending)


@compiled
def _write_columns(W, alpha, c, A, B, S, out, sums):
    """out = c W + alpha (*) sum_j B[j] A[j]^T, where c [n] multiplies columns; sums [n] is set to
    their sums of squares.
    """
    N, n, step = W.shape[0], W.shape[1], lanes(W)
    set_all(0.0, sums)
    i = 0
    if S == 4:
        a0, a1, a2, a3 = A[0], A[1], A[2], A[3]
        while i + 2 <= N:
            w0, w1, alpha0, alpha1, out0, out1 = (
                W[i],
                W[i + 1],
                alpha[i],
                alpha[i + 1],
                out[i],
                out[i + 1],
            )
            b00, b01, b02, b03 = B[0, i], B[1, i], B[2, i], B[3, i]
            b10, b11, b12, b13 = B[0, i + 1], B[1, i + 1], B[2, i + 1], B[3, i + 1]
            for k in range(0, n, step):
                x0, x1, x2, x3, c_k = load(a0, k), load(a1, k), load(a2, k), load(a3, k), load(c, k)
                written0 = (b00 * x0 + b01 * x1) + (b02 * x2 + b03 * x3)
                written1 = (b10 * x0 + b11 * x1) + (b12 * x2 + b13 * x3)
                y0 = c_k * load(w0, k) + load(alpha0, k) * written0
                y1 = c_k * load(w1, k) + load(alpha1, k) * written1
                store(out0, k, y0)
                store(out1, k, y1)
                store(sums, k, load(sums, k) + (y0 * y0 + y1 * y1))
            i += 2
    while i < N:
        for k in range(0, n, step):
            y = load(c, k) * load(W[i], k) + load(alpha[i], k) * written_at(B, A, S, i, k)
            store(out[i], k, y)
            store(sums, k, load(sums, k) + y * y)
        i += 1


@inlined
def written_at(A, B, S, i, k):
    """The vector at column k of row i of sum_j A[j] B[j]^T."""
    written = A[0, i] * load(B[0], k)
    for j in range(1, S):
        written += A[j, i] * load(B[j], k)
    return written


@inlined
def rewrite(W, next_W, V, Y, scale, scratch, coefficients, form):
    """Set next_W to the weights after a step from those before it, neither of them transposed, and
    from what the norm multiplies by: scale [n].
    """
    c, d, S = coefficients.c, coefficients.d, coefficients.kappa.shape[0]
    c_row, posts, pres = scratch.rows[0], scratch.sides, scratch.products
    post = Y if form.projection == PROJECT_POST else V
    pre = Y if form.projection == PROJECT_PRE else V
    if form.normalize == NOT_NORMALIZED:
        set_all(1.0, scale)
    set_scaled(c[S], scale, c_row)
    if form.normalize != NOT_NORMALIZED and form.outgoing:
        for j in range(S):
            set_scaled(d[S, j], post[j], posts[j])
            set_product(pre[j], scale, pres[j])
        _write_columns(W, coefficients.alpha, c_row, pres, posts, S, next_W, scratch.rows[1])
        return
    for j in range(S):
        set_scaled(d[S, j], post[j], posts[j])
        multiply_in_place(scale, posts[j])
    _write_rows(W, coefficients.alpha, c_row, posts, pre, S, next_W)


@compiled
def _write_rows(W, alpha, c, A, B, S, out):
    """out = c W + alpha (*) sum_j A[j] B[j]^T, where c [n] multiplies rows."""
    N, n, step = W.shape[0], W.shape[1], lanes(W)
    i = 0
    if S == 4:
        b0, b1, b2, b3 = B[0], B[1], B[2], B[3]
        while i + 2 <= N:
            w0, w1, alpha0, alpha1, out0, out1 = (
                W[i],
                W[i + 1],
                alpha[i],
                alpha[i + 1],
                out[i],
                out[i + 1],
            )
            a00, a01, a02, a03, c0 = A[0, i], A[1, i], A[2, i], A[3, i], c[i]
            a10, a11, a12, a13, c1 = A[0, i + 1], A[1, i + 1], A[2, i + 1], A[3, i + 1], c[i + 1]
            for k in range(0, n, step):
                x0, x1, x2, x3 = load(b0, k), load(b1, k), load(b2, k), load(b3, k)
                written0 = (a00 * x0 + a01 * x1) + (a02 * x2 + a03 * x3)
                written1 = (a10 * x0 + a11 * x1) + (a12 * x2 + a13 * x3)
                store(out0, k, c0 * load(w0, k) + load(alpha0, k) * written0)
                store(out1, k, c1 * load(w1, k) + load(alpha1, k) * written1)
            i += 2
    while i < N:
        for k in range(0, n, step):
            written = written_at(A, B, S, i, k)
            store(out[i], k, c[i] * load(W[i], k) + load(alpha[i], k) * written)
        i += 1


@inlined
def combine(kappa, V, s):
    """v^(s) from r_s in its place and v^(0..s-1)."""
    v = V[s]
    for k in range(0, v.shape[0], lanes(v)):
        v_k = kappa[s] * load(v, k)
        for earlier in range(s):
            v_k += kappa[earlier] * load(V[earlier], k)
        store(v, k, v_k)


@inlined
def set_through_activation(r, form, c, g, out):
    """out = c g (*) sigma'(u), from r = sigma(u)."""
    for k in range(0, g.shape[0], lanes(g)):
        r_k, g_k = load(r, k), c * load(g, k)
        if form.activation == TANH:
            g_k = g_k - g_k * (r_k * r_k)
        elif form.activation == RELU:
            g_k = where_positive(r_k, g_k)
        store(out, k, g_k)
