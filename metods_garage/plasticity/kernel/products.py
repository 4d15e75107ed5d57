"""Products of a matrix with vectors, as many at once as registers hold, and other walks over its
rows. Rows of matrices and vectors are padded with zeros to whole vectors; see `simd`.
"""

from __future__ import annotations

from metods_garage.plasticity.kernel.compiled import compiled, inlined
from metods_garage.plasticity.kernel.simd import (
    lanes,
    load,
    store,
    tile_1,
    tile_2,
    tile_3,
    tile_width,
)

_BLOCK = 16  # numbers of a cache line
_WIDTH_1, _WIDTH_2, _WIDTH_3 = (tile_width(J) for J in (1, 2, 3))


@compiled
def set_products(X, n_vectors, M, out):
    """out[j] = M^T X[j], that is sum_i X[j, i] M[i], for the first n_vectors rows of X."""
    _products(X, 0, X.shape[1], 1, n_vectors, M, M.shape[0], out, False)


@compiled
def add_products(X, start, n_vectors, M, n, out):
    """out[j] += sum_{i < n} X[j, start + i] M[i] for the first n_vectors rows of X."""
    _products(X, start, X.shape[1], 1, n_vectors, M, n, out, True)


@compiled
def add_outer_products(A, B, n_terms, out):
    """out += sum_r A[r] B[r]^T over the first n_terms rows of A and B."""
    _products(A, 0, 1, A.shape[1], out.shape[0], B, n_terms, out, True)


@compiled
def _products(X, first, along_j, along_i, n_out, M, n, out, adds):
    """out[j] (+)= sum_{i < n} X(first + j along_j + i along_i) M[i] for j < n_out, as in a tile."""
    j, step = 0, lanes(M)
    n_vectors = M.shape[1] // step
    while j + 3 <= n_out:
        k, width = 0, _even_width(n_vectors, _WIDTH_3)
        while k < n_vectors:
            tile_3(
                X, first + j * along_j, along_j, along_i, M, n, out, j, k * step,
                min(width, n_vectors - k), adds,
            )  # fmt: skip
            k += width
        j += 3
    if j + 2 == n_out:
        k, width = 0, _even_width(n_vectors, _WIDTH_2)
        while k < n_vectors:
            tile_2(
                X, first + j * along_j, along_j, along_i, M, n, out, j, k * step,
                min(width, n_vectors - k), adds,
            )  # fmt: skip
            k += width
    elif j < n_out:
        k, width = 0, _even_width(n_vectors, _WIDTH_1)
        while k < n_vectors:
            tile_1(
                X, first + j * along_j, along_j, along_i, M, n, out, j, k * step,
                min(width, n_vectors - k), adds,
            )  # fmt: skip
            k += width


@inlined
def _even_width(n_vectors, largest):
    """The width of tiles of about the same width."""
    n_tiles = -(-n_vectors // largest)
    return -(-n_vectors // max(1, n_tiles))


@compiled
def set_transposed(W, out):
    """The first columns of out = W^T, and zeros in those beyond."""
    n = W.shape[0]
    _clear_beyond(n, out)
    for start in range(0, n, _BLOCK):
        for k in range(W.shape[1]):
            for i in range(start, min(start + _BLOCK, n)):
                out[k, i] = W[i, k]


@compiled
def set_scaled_transposed(scale, W, out):
    """out[i] = scale[i] (W^T)[i] over the first rows and columns of W."""
    N = out.shape[0]
    for start in range(0, N, _BLOCK):
        for i in range(N):
            for k in range(start, min(start + _BLOCK, N)):
                out[i, k] = scale[i] * W[k, i]


@compiled
def set_matrix(x, out):
    """out = x over the columns that both have, and zeros in those that x does not have."""
    n = min(x.shape[1], out.shape[1])
    _clear_beyond(n, out)
    for i in range(x.shape[0]):
        for k in range(n):
            out[i, k] = x[i, k]


@inlined
def _clear_beyond(n, out):
    """Zeros in the columns from n on, where NaN of another trial may be: 0 * NaN is NaN."""
    for i in range(out.shape[0]):
        for k in range(n, out.shape[1]):
            out[i, k] = 0


@compiled
def add_matrix(x, out):
    """out += x over the columns that both have."""
    n = min(x.shape[1], out.shape[1])
    for i in range(x.shape[0]):
        for k in range(n):
            out[i, k] += x[i, k]


@compiled
def scale_rows(scale, W):
    """W[i] *= scale[i]."""
    for i in range(W.shape[0]):
        row = W[i]
        for k in range(0, W.shape[1], lanes(W)):
            store(row, k, scale[i] * load(row, k))
