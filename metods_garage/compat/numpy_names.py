"""Names that NumPy 2 dropped and garage still uses."""

import functools
from collections.abc import Callable
from types import ModuleType
from typing import Any

from metods_garage.compat.adjustment import Adjustment


class _Cast:
    """What `numpy.cast` was: `cast['float32'](x)` is x as an array of that type.

    Args:
        asarray: `numpy.asarray`.
    """

    def __init__(self, asarray: Callable[..., Any]) -> None:
        self._asarray = asarray

    def __getitem__(self, dtype: Any) -> Callable[[Any], Any]:
        return functools.partial(self._asarray, dtype=dtype)


def restore_aliases(numpy: ModuleType) -> None:
    """Give the removed names back, where they are missing."""
    aliases = {
        'bool8': numpy.bool_,
        'float': float,
        'int': int,
        'object': object,
        'Inf': numpy.inf,
        'cast': _Cast(numpy.asarray),
    }
    for name, meaning in aliases.items():
        if name not in vars(numpy):
            setattr(numpy, name, meaning)


ADJUSTMENTS = (
    Adjustment(
        name='numpy-names',
        module='numpy',
        apply=restore_aliases,
        reason="garage's parameter dump, REPS and RL2TRPO use names that NumPy 1.24 and 2.0 "
        'removed.',
    ),
)
