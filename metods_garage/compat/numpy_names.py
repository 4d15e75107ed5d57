"""Names that NumPy 2 dropped and garage still uses."""

from types import ModuleType

from metods_garage.compat.adjustment import Adjustment


def restore_aliases(numpy: ModuleType) -> None:
    """Give the removed names back, where they are missing."""
    aliases = {
        'bool8': numpy.bool_,
        'float': float,
        'int': int,
        'object': object,
        'Inf': numpy.inf,
    }
    for name, meaning in aliases.items():
        if name not in vars(numpy):
            setattr(numpy, name, meaning)


ADJUSTMENTS = (
    Adjustment(
        name='numpy-names',
        module='numpy',
        apply=restore_aliases,
        reason="garage's parameter dump and REPS use names that NumPy 1.24 and 2.0 removed.",
    ),
)
