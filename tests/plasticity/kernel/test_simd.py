"""Vectors as values in compiled code."""

from metods_garage.plasticity.kernel.compiled import compiled
from metods_garage.plasticity.kernel.simd import (
    ALIGNMENT,
    aligned_zeros,
    at_least,
    at_most,
    lanes,
    load,
    padded,
    size,
    store,
    total,
    where_positive,
    zero_vector,
)
from metods_garage.plasticity.kernel.vectors import sign, tanh_of

import numpy as np
import pytest

both_dtypes = pytest.mark.parametrize('dtype', [np.float32, np.float64])


def padded_vector(x):
    out = aligned_zeros((padded(len(x), x.dtype),), x.dtype)
    out[: len(x)] = x
    return out


@compiled
def every_operation(x, y, c, out):
    sums = zero_vector(x)
    for k in range(0, x.shape[0], lanes(x)):
        a, b = load(x, k), load(y, k)
        store(out[0], k, a + b)
        store(out[1], k, a - c * b)
        store(out[2], k, a * b / (size(b) + 2.0))
        store(out[3], k, at_least(at_most(a, 0.5), -0.25))
        store(out[4], k, where_positive(a, b))
        store(out[5], k, sign(a))
        sums += a
    return total(sums)


@both_dtypes
def test_operations_are_those_of_numpy(dtype):
    rng = np.random.default_rng(0)
    x, y = (padded_vector(rng.normal(size=37).astype(dtype)) for _ in range(2))
    x[5] = 0
    c = dtype(1.5)
    out = aligned_zeros((6, len(x)), dtype)
    summed = every_operation(x, y, c, out)
    expected = [
        x + y,
        x - c * y,
        x * y / (np.abs(y) + 2),
        np.clip(x, -0.25, 0.5),
        np.where(x > 0, y, 0),
        np.sign(x),
    ]
    tolerance = 4 * np.finfo(dtype).eps
    np.testing.assert_allclose(out, expected, rtol=tolerance, atol=tolerance)
    np.testing.assert_allclose(summed, x.sum(), rtol=10 * tolerance)


@both_dtypes
def test_what_is_not_a_number_stays_that_at_bounds(dtype):
    x = padded_vector(np.array([np.nan, np.inf, -np.inf], dtype))
    out = aligned_zeros((6, len(x)), dtype)
    every_operation(x, x, dtype(0), out)
    np.testing.assert_array_equal(out[3, :3], [np.nan, 0.5, -0.25])


@compiled
def set_tanh(x, out):
    for k in range(0, x.shape[0], lanes(x)):
        store(out, k, tanh_of(load(x, k)))


@pytest.mark.parametrize(('dtype', 'tolerance'), [(np.float32, 5e-7), (np.float64, 2e-15)])
def test_tanh_is_that_of_the_library(dtype, tolerance):
    numbers = [np.linspace(-25, 25, 20001), np.logspace(-30, 1, 2000), [np.inf, -np.inf, np.nan, 0]]
    x = padded_vector(np.concatenate(numbers).astype(dtype))
    got = aligned_zeros(x.shape, dtype)
    set_tanh(x, got)
    assert np.nanmax(np.abs(got)) <= 1
    np.testing.assert_allclose(got, np.tanh(x.astype(np.float64)), rtol=tolerance, atol=0)


@both_dtypes
@pytest.mark.parametrize('n', [1, 8, 100])
def test_padded_memory_is_whole_vectors_from_an_aligned_place_on(n, dtype):
    x = aligned_zeros((3, padded(n, dtype)), dtype)
    assert n <= x.shape[1] < n + 16
    assert x.ctypes.data % ALIGNMENT == 0
    assert x.flags.c_contiguous
    assert not x.any()
