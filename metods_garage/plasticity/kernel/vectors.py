"""Operations on padded vectors, put into the loops that call them.

Scalars that meet vectors have the vectors' dtype.
"""

from __future__ import annotations

from metods_garage.plasticity.kernel.compiled import inlined
from metods_garage.plasticity.kernel.simd import (
    at_least,
    at_most,
    bytes_of,
    lanes,
    load,
    store,
    total,
    where_positive,
    zero_vector,
)


@inlined
def set_all(value, out):
    """out = value."""
    x = zero_vector(out) + value
    for k in range(0, out.shape[0], lanes(out)):
        store(out, k, x)


@inlined
def copy_numbers(x, out):
    """out = x over the length of the shorter one, neither of which need be padded."""
    for k in range(min(x.shape[0], out.shape[0])):
        out[k] = x[k]


@inlined
def set_scaled(c, x, out):
    """out = c x."""
    for k in range(0, out.shape[0], lanes(out)):
        store(out, k, c * load(x, k))


@inlined
def set_product(x, y, out):
    """out = x (*) y."""
    for k in range(0, out.shape[0], lanes(out)):
        store(out, k, load(x, k) * load(y, k))


@inlined
def multiply_by(c, out):
    """out = c out."""
    for k in range(0, out.shape[0], lanes(out)):
        store(out, k, c * load(out, k))


@inlined
def multiply_in_place(x, out):
    """out = x (*) out."""
    for k in range(0, out.shape[0], lanes(out)):
        store(out, k, load(x, k) * load(out, k))


@inlined
def dot(x, y):
    """x^T y."""
    sums = zero_vector(x)
    for k in range(0, x.shape[0], lanes(x)):
        sums += load(x, k) * load(y, k)
    return total(sums)


@inlined
def sign(x):
    """1, 0 or -1 for every number of a vector value."""
    one = 0.0 * x + 1.0
    return where_positive(x, one) - where_positive(-1.0 * x, one)


@inlined
def tanh_of(x):
    """tanh of every number of a vector value, to a few units in the last place.

    Only products, sums and one division, which take many numbers at once where the library's tanh
    is called for each of them.
    """
    if bytes_of(x) == 4:
        p, q = _tanh_quotient(at_least(at_most(x, 9.1), -9.1) * 0.125)  # from 9.1 on tanh is 1
    else:
        p, q = _tanh_quotient(at_least(at_most(x, 19.1), -19.1) * 0.03125)
        p, q = _doubled(p, q)
        p, q = _doubled(p, q)
    p, q = _doubled(p, q)
    p, q = _doubled(p, q)
    p, q = _doubled(p, q)
    return p / q


@inlined
def _tanh_quotient(y):
    """tanh y = p / q for |y| up to 1.2, by Lambert's continued fraction."""
    z = y * y
    p = y * (z * (z * (z * (1 / 135135) + 378 / 135135) + 17325 / 135135) + 1.0)
    q = z * (z * (z * (28 / 135135) + 3150 / 135135) + 62370 / 135135) + 1.0
    return p, q


@inlined
def _doubled(p, q):
    """tanh 2y = 2 p q / (p^2 + q^2) from tanh y = p / q."""
    return (p + p) * q, p * p + q * q
