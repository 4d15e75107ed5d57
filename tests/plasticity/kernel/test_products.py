"""Products tiled over registers."""

from metods_garage.plasticity.kernel.products import (
    add_outer_products,
    add_products,
    set_products,
    set_scaled_transposed,
    set_transposed,
)
from metods_garage.plasticity.kernel.simd import aligned_zeros, padded

import numpy as np
import pytest


def random_rows(rng, n_rows, n, dtype):
    out = aligned_zeros((n_rows, padded(n, dtype)), dtype)
    out[:, :n] = rng.normal(size=(n_rows, n))
    return out


# widths of one vector, of a tile less one, of a tile and one more, and of several tiles
every_size = pytest.mark.parametrize('n', [1, 7, 23, 65, 100, 203])
every_count = pytest.mark.parametrize('n_vectors', [1, 2, 3, 4, 5, 9])
both_dtypes = pytest.mark.parametrize('dtype', [np.float32, np.float64])


@both_dtypes
@every_size
@every_count
def test_products_are_those_of_numpy(n_vectors, n, dtype):
    rng = np.random.default_rng(n)
    N = max(1, n - 2)
    M, X = random_rows(rng, N, n, dtype), random_rows(rng, n_vectors + 1, N, dtype)
    out = random_rows(rng, n_vectors + 1, n, dtype)
    before = out.copy()
    expected = X[:, :N].astype(np.float64) @ M
    tolerance = {'rtol': 0, 'atol': 10 * N * np.finfo(dtype).eps}
    set_products(X, n_vectors, M, out)
    np.testing.assert_allclose(out[:n_vectors], expected[:n_vectors], **tolerance)
    np.testing.assert_array_equal(out[n_vectors], before[n_vectors])
    add_products(X, 0, n_vectors, M, N, out)
    np.testing.assert_allclose(out[:n_vectors], 2 * expected[:n_vectors], **tolerance)


@both_dtypes
def test_products_with_some_rows_of_a_matrix(dtype):
    rng = np.random.default_rng(0)
    M, X = random_rows(rng, 16, 31, dtype), random_rows(rng, 4, 40, dtype)
    out = aligned_zeros((4, M.shape[1]), dtype)
    add_products(X, 16, 4, M, 7, out)
    np.testing.assert_allclose(out, X[:, 16:23] @ M[:7], rtol=0, atol=30 * np.finfo(dtype).eps)


@both_dtypes
@every_size
@pytest.mark.parametrize('n_terms', [0, 1, 6, 132])
def test_outer_products_are_those_of_numpy(n_terms, n, dtype):
    rng = np.random.default_rng(n)
    A, B = random_rows(rng, n_terms + 1, n, dtype), random_rows(rng, n_terms + 1, n, dtype)
    out = random_rows(rng, n, n, dtype)
    expected = out + A[:n_terms, :n].astype(np.float64).T @ B[:n_terms]
    add_outer_products(A, B, n_terms, out)
    tolerance = 10 * (n_terms + 1) * np.finfo(dtype).eps
    np.testing.assert_allclose(out, expected, rtol=0, atol=tolerance)


@both_dtypes
@every_size
def test_transposes(n, dtype):
    rng = np.random.default_rng(n)
    W, scale = rng.normal(size=(n, n)).astype(dtype), rng.normal(size=n).astype(dtype)
    transposed, back = aligned_zeros((n, padded(n, dtype)), dtype), np.empty_like(W)
    set_transposed(W, transposed)
    np.testing.assert_array_equal(transposed[:, :n], W.T)
    set_scaled_transposed(scale, transposed, back)
    np.testing.assert_array_equal(back, scale[:, np.newaxis] * W)
