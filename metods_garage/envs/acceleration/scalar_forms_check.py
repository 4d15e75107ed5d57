"""Whether the scalar forms round as NumPy and SciPy do on this machine.

They do where both were compiled to the same operations. A processor or a compiler that fuses a
multiplication and an addition into one rounding, or a library that changes its algorithm, makes a
difference in the last bit; then the libraries themselves are used.
"""

import itertools
from collections.abc import Callable, Iterator
from typing import Any

from metods_garage.envs.acceleration import scalar_forms

import numpy as np
from metaworld.utils import reward_utils
from scipy.spatial.transform import Rotation


def difference() -> str | None:
    """Compare each scalar form with its original on a few hundred fixed inputs.

    Returns:
        What differs; None if nothing does.
    """
    generator = np.random.default_rng(0)
    for name, form, original, inputs in _pairs(generator):
        for args in inputs:
            mine, theirs = form(*args), original(*args)
            if type(mine) is not type(theirs) or _bits(mine) != _bits(theirs):
                return f'{name}{args} is {theirs!r} on this machine, and {mine!r} was expected'
    return None


def _pairs(
    generator: np.random.Generator,
) -> Iterator[tuple[str, Callable[..., Any], Callable[..., Any], list[Any]]]:
    vectors = generator.normal(size=(100, 3)) * np.logspace(-4, 0, 100)[:, None]
    yield 'numpy.linalg.norm', scalar_forms.norm, np.linalg.norm, [(x,) for x in vectors]
    yield 'numpy.linalg.norm', scalar_forms.norm, np.linalg.norm, [(x[0],) for x in vectors]
    distances = generator.uniform(0.1, 1, size=(100, 2))
    yield (
        'tolerance',
        scalar_forms.tolerance,
        reward_utils.tolerance,
        [
            (x, (0, 0.05), margin, sigmoid)
            for (x, margin), sigmoid in itertools.product(distances, ('long_tail', 'gaussian'))
        ],
    )
    yield (
        'Rotation.from_matrix().as_quat',
        scalar_forms.quaternion,
        lambda matrix: Rotation.from_matrix(matrix).as_quat(),
        [(matrix,) for matrix in _rotations(generator)],
    )


def _rotations(generator: np.random.Generator) -> Iterator[np.ndarray]:
    """Rotations in which each of the four components is the largest in turn."""
    for largest in range(4):
        for quaternion in generator.normal(size=(25, 4)):
            quaternion[largest] *= 10
            yield Rotation.from_quat(quaternion).as_matrix()


def _bits(value: Any) -> bytes:
    return np.asarray(value).tobytes()
