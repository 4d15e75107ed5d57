"""NumPy's, SciPy's and Meta-World's functions for one small vector or one number, bit for bit.

Each takes what its original takes and hands anything unusual to it. What is usual in Meta-World, a
vector of 3 or one number, is computed without making arrays of it. The order of the operations, and
who performs them, are those of the original: a norm asks BLAS for the sum of squares and an
exponential asks NumPy, since both may round otherwise than Python.
"""

from math import sqrt
from typing import Any

import numpy as np
from metaworld.utils import reward_utils
from scipy.spatial.transform import Rotation

_ndarray, _float64 = np.ndarray, np.float64
_FLOAT64 = np.dtype(np.float64)
_CONTIGUOUS_VECTOR = (8,)

_FLOATS = (np.float32, np.float64)
_PYTHON_NUMBERS = (int, float)

_numpy_clip = np.clip
_numpy_copy = np.copy
_numpy_norm = np.linalg.norm
_numpy_hstack = np.hstack
_upstream_rect_prism_tolerance = reward_utils.rect_prism_tolerance
_upstream_tolerance = reward_utils.tolerance

_VALUE_AT_MARGIN = 0.1
_LONG_TAIL = float(np.sqrt(1 / _VALUE_AT_MARGIN - 1))
_GAUSSIAN = float(np.sqrt(-2 * np.log(_VALUE_AT_MARGIN)))
_LARGE = 1e100  # the square of more may be infinite for NumPy and an error for Python


def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    """`numpy.linalg.norm`."""
    if (ord is None or ord == 2) and axis is None and not keepdims:
        kind = type(x)
        if kind is _ndarray:
            if x.strides == _CONTIGUOUS_VECTOR and x.dtype == _FLOAT64:
                return _float64(sqrt(x.dot(x)))
        elif kind is _float64 and ord is None:
            number = float(x)
            return _float64(sqrt(number * number))
    return _numpy_norm(x, ord, axis, keepdims)


def clip(a: Any, *bounds: Any, **options: Any) -> Any:
    """`numpy.clip`; the type is that of `a`, where the bounds are Python numbers."""
    if type(a) in _FLOATS and len(bounds) == 2 and not options:
        low, high = bounds
        if type(low) in _PYTHON_NUMBERS and type(high) in _PYTHON_NUMBERS:
            if low <= a <= high:
                return a
            if a < low <= high:
                return type(a)(low)
            if a > high >= low:
                return type(a)(high)
    return _numpy_clip(a, *bounds, **options)


def hstack(tup: Any, **options: Any) -> Any:
    """`numpy.hstack`."""
    if type(tup) is tuple and not options:
        if all(type(x) is np.ndarray and x.ndim == 1 for x in tup):
            return np.concatenate(tup)
        if all(type(x) is np.float64 for x in tup):
            return np.array(tup)
    return _numpy_hstack(tup, **options)


def copy(a: Any, *args: Any, **options: Any) -> Any:
    """`numpy.copy`."""
    if type(a) is _ndarray and not args and not options:
        return a.copy(order='K')
    return _numpy_copy(a, *args, **options)


def rect_prism_tolerance(curr: Any, zero: Any, one: Any) -> Any:
    """`metaworld.utils.reward_utils.rect_prism_tolerance`."""
    for now, start, end in zip(curr.tolist(), zero.tolist(), one.tolist(), strict=True):
        if not (start <= now <= end or end <= now <= start):
            return 1.0
    return _upstream_rect_prism_tolerance(curr, zero, one)


def tolerance(
    x: Any,
    bounds: Any = (0.0, 0.0),
    margin: Any = 0.0,
    sigmoid: Any = 'gaussian',
    value_at_margin: Any = _VALUE_AT_MARGIN,
) -> Any:
    """`metaworld.utils.reward_utils.tolerance`; a Python float for a number, as there."""
    kind = type(x)
    if (kind is _float64 or kind is float) and value_at_margin == _VALUE_AT_MARGIN:
        number, width = float(x), float(margin)
        lower, upper = bounds
        if lower <= upper and width > 0:
            if lower <= number <= upper:
                return 1.0
            d = float(lower - number if number < lower else number - upper) / width
            if -_LARGE < d < _LARGE:
                if sigmoid == 'long_tail':
                    return 1 / ((d * _LONG_TAIL) ** 2 + 1)
                if sigmoid == 'gaussian':
                    return float(np.exp(-0.5 * (d * _GAUSSIAN) ** 2))
    return _upstream_tolerance(x, bounds, margin, sigmoid, value_at_margin)


def quaternion(matrix: np.ndarray) -> np.ndarray:
    """`scipy.spatial.transform.Rotation.from_matrix(matrix).as_quat()`.

    Args:
        matrix: A rotation, float64 [3, 3]. SciPy makes one of a matrix that is none; MuJoCo's
            matrices come from unit quaternions.

    Returns:
        The quaternion (x, y, z, w), [4].
    """
    (a, b, c), (d, e, f), (g, h, i) = matrix.tolist()
    trace = a + e + i
    if a >= e and a >= i and a >= trace:
        x, y, z, w = 1 - trace + 2 * a, d + b, g + c, h - f
    elif e >= i and e >= trace:
        x, y, z, w = b + d, 1 - trace + 2 * e, h + f, c - g
    elif i >= trace:
        x, y, z, w = c + g, f + h, 1 - trace + 2 * i, d - b
    else:
        x, y, z, w = h - f, c - g, d - b, 1 + trace
    length = sqrt(x * x + y * y + z * z + w * w)
    if not length > 1.9:  # of a rotation it is at least 2; of the zeros before a first step it is 1
        return Rotation.from_matrix(matrix).as_quat()
    return np.array((x / length, y / length, z / length, w / length))


class ScalarRotation:
    """What Meta-World uses of `scipy.spatial.transform.Rotation`: one matrix to its quaternion."""

    __slots__ = ('_matrix',)

    def __init__(self, matrix: np.ndarray):
        self._matrix = matrix

    @staticmethod
    def from_matrix(matrix: Any) -> Any:
        """`Rotation.from_matrix`."""
        if type(matrix) is np.ndarray and matrix.shape == (3, 3):
            return ScalarRotation(matrix)
        return Rotation.from_matrix(matrix)

    def as_quat(self) -> np.ndarray:
        """`Rotation.as_quat`."""
        return quaternion(self._matrix)
