"""Products of matrices with vectors, several rows and vectors at a time, so that what has been
loaded is used more than once.
"""

from __future__ import annotations

from metods_garage.plasticity.kernel.compiled import compiled, inlined
from metods_garage.plasticity.kernel.vectors import add_scaled, dot, set_zero


@inlined
def set_matrix(x, out):
    """out = x."""
    for i in range(out.shape[0]):
        for k in range(out.shape[1]):
            out[i, k] = x[i, k]


@compiled
def matvec(W, x, out):
    """out = W x."""
    n_rows, n = W.shape
    zero = W.dtype.type(0)
    i = 0
    while i + 4 <= n_rows:
        w0, w1, w2, w3 = W[i], W[i + 1], W[i + 2], W[i + 3]
        y0 = y1 = y2 = y3 = zero
        for k in range(n):
            x_k = x[k]
            y0 += w0[k] * x_k
            y1 += w1[k] * x_k
            y2 += w2[k] * x_k
            y3 += w3[k] * x_k
        out[i], out[i + 1], out[i + 2], out[i + 3] = y0, y1, y2, y3
        i += 4
    while i < n_rows:
        out[i] = dot(W[i], x)
        i += 1


@compiled
def matvecs(W, X, n_vectors, out):
    """out[j] = W X[j] for the first n_vectors rows of X."""
    j = 0
    while j + 4 <= n_vectors:
        _matvecs_4(W, X[j : j + 4], out[j : j + 4])
        j += 4
    if j + 2 <= n_vectors:
        _matvecs_2(W, X[j : j + 2], out[j : j + 2])
        j += 2
    if j < n_vectors:
        matvec(W, X[j], out[j])


@inlined
def _matvecs_4(W, X, out):
    """out[j] = W X[j] for four vectors."""
    n_rows, n = W.shape
    zero = W.dtype.type(0)
    x0, x1, x2, x3 = X[0], X[1], X[2], X[3]
    for i in range(0, n_rows - 1, 2):
        w0, w1 = W[i], W[i + 1]
        y00 = y01 = y02 = y03 = y10 = y11 = y12 = y13 = zero
        for k in range(n):
            y00 += w0[k] * x0[k]
            y01 += w0[k] * x1[k]
            y02 += w0[k] * x2[k]
            y03 += w0[k] * x3[k]
            y10 += w1[k] * x0[k]
            y11 += w1[k] * x1[k]
            y12 += w1[k] * x2[k]
            y13 += w1[k] * x3[k]
        out[0, i], out[1, i], out[2, i], out[3, i] = y00, y01, y02, y03
        out[0, i + 1], out[1, i + 1], out[2, i + 1], out[3, i + 1] = y10, y11, y12, y13
    if n_rows % 2 == 1:
        for j in range(4):
            out[j, n_rows - 1] = dot(W[n_rows - 1], X[j])


@inlined
def _matvecs_2(W, X, out):
    """out[j] = W X[j] for two vectors."""
    n_rows, n = W.shape
    zero = W.dtype.type(0)
    x0, x1 = X[0], X[1]
    i = 0
    while i + 4 <= n_rows:
        w0, w1, w2, w3 = W[i], W[i + 1], W[i + 2], W[i + 3]
        y00 = y01 = y10 = y11 = y20 = y21 = y30 = y31 = zero
        for k in range(n):
            y00 += w0[k] * x0[k]
            y01 += w0[k] * x1[k]
            y10 += w1[k] * x0[k]
            y11 += w1[k] * x1[k]
            y20 += w2[k] * x0[k]
            y21 += w2[k] * x1[k]
            y30 += w3[k] * x0[k]
            y31 += w3[k] * x1[k]
        out[0, i], out[0, i + 1], out[0, i + 2], out[0, i + 3] = y00, y10, y20, y30
        out[1, i], out[1, i + 1], out[1, i + 2], out[1, i + 3] = y01, y11, y21, y31
        i += 4
    while i < n_rows:
        out[0, i], out[1, i] = dot(W[i], x0), dot(W[i], x1)
        i += 1


@compiled
def add_matvec_transposed(W, u, out):
    """out += W^T u."""
    n_rows, n = W.shape
    i = 0
    while i + 8 <= n_rows:
        w0, w1, w2, w3 = W[i], W[i + 1], W[i + 2], W[i + 3]
        w4, w5, w6, w7 = W[i + 4], W[i + 5], W[i + 6], W[i + 7]
        u0, u1, u2, u3 = u[i], u[i + 1], u[i + 2], u[i + 3]
        u4, u5, u6, u7 = u[i + 4], u[i + 5], u[i + 6], u[i + 7]
        for k in range(n):
            out[k] += (
                (u0 * w0[k] + u1 * w1[k])
                + (u2 * w2[k] + u3 * w3[k])
                + (u4 * w4[k] + u5 * w5[k])
                + (u6 * w6[k] + u7 * w7[k])
            )
        i += 8
    while i < n_rows:
        add_scaled(u[i], W[i], out)
        i += 1


@compiled
def set_matvecs_transposed(W, U, n_vectors, out):
    """out[j] = W^T U[j] for the first n_vectors rows of U."""
    for j in range(n_vectors):
        set_zero(out[j])
    j = 0
    while j + 4 <= n_vectors:
        _add_matvecs_transposed_4(W, U[j : j + 4], out[j : j + 4])
        j += 4
    if j + 2 <= n_vectors:
        _add_matvecs_transposed_2(W, U[j : j + 2], out[j : j + 2])
        j += 2
    if j < n_vectors:
        add_matvec_transposed(W, U[j], out[j])


@inlined
def _add_matvecs_transposed_4(W, U, out):
    """out[j] += W^T U[j] for four vectors."""
    n_rows, n = W.shape
    u0, u1, u2, u3 = U[0], U[1], U[2], U[3]
    y0, y1, y2, y3 = out[0], out[1], out[2], out[3]
    i = 0
    while i + 4 <= n_rows:
        w0, w1, w2, w3 = W[i], W[i + 1], W[i + 2], W[i + 3]
        u00, u01, u02, u03 = u0[i], u0[i + 1], u0[i + 2], u0[i + 3]
        u10, u11, u12, u13 = u1[i], u1[i + 1], u1[i + 2], u1[i + 3]
        u20, u21, u22, u23 = u2[i], u2[i + 1], u2[i + 2], u2[i + 3]
        u30, u31, u32, u33 = u3[i], u3[i + 1], u3[i + 2], u3[i + 3]
        for k in range(n):
            a, b, c, d = w0[k], w1[k], w2[k], w3[k]
            y0[k] += (u00 * a + u01 * b) + (u02 * c + u03 * d)
            y1[k] += (u10 * a + u11 * b) + (u12 * c + u13 * d)
            y2[k] += (u20 * a + u21 * b) + (u22 * c + u23 * d)
            y3[k] += (u30 * a + u31 * b) + (u32 * c + u33 * d)
        i += 4
    while i < n_rows:
        for j in range(4):
            add_scaled(U[j, i], W[i], out[j])
        i += 1


@inlined
def _add_matvecs_transposed_2(W, U, out):
    """out[j] += W^T U[j] for two vectors."""
    n_rows, n = W.shape
    u0, u1, y0, y1 = U[0], U[1], out[0], out[1]
    i = 0
    while i + 4 <= n_rows:
        w0, w1, w2, w3 = W[i], W[i + 1], W[i + 2], W[i + 3]
        u00, u01, u02, u03 = u0[i], u0[i + 1], u0[i + 2], u0[i + 3]
        u10, u11, u12, u13 = u1[i], u1[i + 1], u1[i + 2], u1[i + 3]
        for k in range(n):
            a, b, c, d = w0[k], w1[k], w2[k], w3[k]
            y0[k] += (u00 * a + u01 * b) + (u02 * c + u03 * d)
            y1[k] += (u10 * a + u11 * b) + (u12 * c + u13 * d)
        i += 4
    while i < n_rows:
        for j in range(2):
            add_scaled(U[j, i], W[i], out[j])
        i += 1


@compiled
def add_outer_products(A, B, n_terms, out):
    """out += sum_r A[r] B[r]^T over the first n_terms rows of A and B."""
    n_rows, n = out.shape
    r = 0
    while r + 8 <= n_terms:
        b0, b1, b2, b3 = B[r], B[r + 1], B[r + 2], B[r + 3]
        b4, b5, b6, b7 = B[r + 4], B[r + 5], B[r + 6], B[r + 7]
        for i in range(n_rows):
            row = out[i]
            a0, a1, a2, a3 = A[r, i], A[r + 1, i], A[r + 2, i], A[r + 3, i]
            a4, a5, a6, a7 = A[r + 4, i], A[r + 5, i], A[r + 6, i], A[r + 7, i]
            for k in range(n):
                row[k] += (
                    (a0 * b0[k] + a1 * b1[k])
                    + (a2 * b2[k] + a3 * b3[k])
                    + (a4 * b4[k] + a5 * b5[k])
                    + (a6 * b6[k] + a7 * b7[k])
                )
        r += 8
    while r < n_terms:
        for i in range(n_rows):
            add_scaled(A[r, i], B[r], out[i])
        r += 1
