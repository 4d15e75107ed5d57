"""Operations on vectors, put into the loops that call them.

Scalars that meet arrays are cast to the arrays' dtype: a Python number would turn float32 loops
into float64. No two arguments overlap, or the loops would not be compiled to vector code.
"""

from __future__ import annotations

from metods_garage.plasticity.kernel.compiled import compiled, inlined


@inlined
def set_zero(out):
    """out = 0."""
    zero = out.dtype.type(0)
    for k in range(out.shape[0]):
        out[k] = zero


@inlined
def set_vector(x, out):
    """out = x."""
    for k in range(out.shape[0]):
        out[k] = x[k]


@inlined
def set_scaled(c, x, out):
    """out = c x."""
    for k in range(out.shape[0]):
        out[k] = c * x[k]


@inlined
def set_product(x, y, out):
    """out = x (*) y."""
    for k in range(out.shape[0]):
        out[k] = x[k] * y[k]


@inlined
def set_product_and_dot(x, y, w, out):
    """out = x (*) y; returns y^T w."""
    total = y.dtype.type(0)
    for k in range(out.shape[0]):
        out[k] = x[k] * y[k]
        total += y[k] * w[k]
    return total


@inlined
def set_updated(c, w, a, g, out):
    """out = c w + a (*) g; returns the sum of its squares."""
    total = w.dtype.type(0)
    for k in range(out.shape[0]):
        out_k = c * w[k] + a[k] * g[k]
        out[k] = out_k
        total += out_k * out_k
    return total


@inlined
def set_combination(c, coefficients, X, n_terms, out):
    """out = c out + sum_j coefficients[j] X[j] over the first n_terms rows of X."""
    if n_terms < 4:
        scale_in_place(c, out)
        add_combination(coefficients, X, n_terms, out)
        return
    x0, x1, x2, x3 = X[0], X[1], X[2], X[3]
    c0, c1, c2, c3 = coefficients[0], coefficients[1], coefficients[2], coefficients[3]
    for k in range(out.shape[0]):
        out[k] = c * out[k] + ((c0 * x0[k] + c1 * x1[k]) + (c2 * x2[k] + c3 * x3[k]))
    for j in range(4, n_terms):
        add_scaled(coefficients[j], X[j], out)


@inlined
def add_scaled(c, x, out):
    """out += c x."""
    c = out.dtype.type(c)
    for k in range(out.shape[0]):
        out[k] += c * x[k]


@inlined
def scale_and_add(c, d, x, out):
    """out = c out + d x."""
    for k in range(out.shape[0]):
        out[k] = c * out[k] + d * x[k]


@inlined
def add_product(x, y, out):
    """out += x (*) y."""
    for k in range(out.shape[0]):
        out[k] += x[k] * y[k]


@inlined
def add_scaled_product(c, x, y, out):
    """out += c x (*) y."""
    for k in range(out.shape[0]):
        out[k] += c * x[k] * y[k]


@inlined
def add_combination(coefficients, X, n_terms, out):
    """out += sum_j coefficients[j] X[j] over the first n_terms rows of X."""
    n = out.shape[0]
    j = 0
    while j + 4 <= n_terms:
        x0, x1, x2, x3 = X[j], X[j + 1], X[j + 2], X[j + 3]
        c0, c1 = coefficients[j], coefficients[j + 1]
        c2, c3 = coefficients[j + 2], coefficients[j + 3]
        for k in range(n):
            out[k] += (c0 * x0[k] + c1 * x1[k]) + (c2 * x2[k] + c3 * x3[k])
        j += 4
    while j < n_terms:
        add_scaled(coefficients[j], X[j], out)
        j += 1


@inlined
def add_sizes(x, out):
    """out += |x|."""
    for k in range(out.shape[0]):
        out[k] += abs(x[k])


@inlined
def add_scaled_signs(c, x, out):
    """out += c sign(x)."""
    c = out.dtype.type(c)
    for k in range(out.shape[0]):
        out[k] += c * _sign(x[k])


@inlined
def add_product_with_signs(y, x, out):
    """out += y (*) sign(x)."""
    for k in range(out.shape[0]):
        out[k] += y[k] * _sign(x[k])


@inlined
def scale_in_place(c, x):
    """x = c x."""
    c = x.dtype.type(c)
    for k in range(x.shape[0]):
        x[k] *= c


@inlined
def multiply_in_place(y, x):
    """x = x (*) y."""
    for k in range(x.shape[0]):
        x[k] *= y[k]


@inlined
def dot(x, y):
    """x^T y."""
    total = x.dtype.type(0)
    for k in range(x.shape[0]):
        total += x[k] * y[k]
    return total


@inlined
def sum_of_sizes(x):
    """The sum of |x|."""
    total = x.dtype.type(0)
    for k in range(x.shape[0]):
        total += abs(x[k])
    return total


@inlined
def _sign(x):
    """1, 0 or -1."""
    number = type(x)
    return number(1) if x > number(0) else (number(-1) if x < number(0) else number(0))


@compiled
def tanh_in_place(x):
    """tanh of every element, to a few units in the last place.

    Only products, sums and one division, which the vector units do for many elements at once
    where the library's tanh is called for each of them.
    """
    number = x.dtype.type
    if x.itemsize == 4:
        largest, scale = number(9.1), number(0.125)  # from 9.1 on tanh rounds to 1
        for k in range(x.shape[0]):
            p, q = _tanh_quotient(_within(x[k], largest) * scale)
            p, q = _doubled(p, q)
            p, q = _doubled(p, q)
            p, q = _doubled(p, q)
            x[k] = p / q
    else:
        largest, scale = number(19.1), number(0.03125)
        for k in range(x.shape[0]):
            p, q = _tanh_quotient(_within(x[k], largest) * scale)
            p, q = _doubled(p, q)
            p, q = _doubled(p, q)
            p, q = _doubled(p, q)
            p, q = _doubled(p, q)
            p, q = _doubled(p, q)
            x[k] = p / q


@inlined
def _within(x, largest):
    """x between -largest and largest; NaN stays NaN."""
    x = largest if x > largest else x
    return -largest if x < -largest else x


@inlined
def _tanh_quotient(y):
    """tanh y = p / q for |y| up to 1.2, by Lambert's continued fraction."""
    number = type(y)
    z = y * y
    p = y * (
        number(1)
        + z * (number(17325 / 135135) + z * (number(378 / 135135) + z * number(1 / 135135)))
    )
    q = number(1) + z * (
        number(62370 / 135135) + z * (number(3150 / 135135) + z * number(28 / 135135))
    )
    return p, q


@inlined
def _doubled(p, q):
    """tanh 2y = 2 p q / (p^2 + q^2) from tanh y = p / q."""
    return (p + p) * q, p * p + q * q
