"""akro's spaces over gymnasium's, which became stricter than gym 0.17's."""

from types import ModuleType
from typing import Any

from metods_garage.compat.adjustment import Adjustment, replace


def contain_any_dtype(akro_box: ModuleType) -> None:
    """Compare shape and bounds only in `akro.Box.contains`, as gym 0.17 did."""
    import numpy as np

    def contains(self: Any, x: Any) -> bool:
        x = np.asarray(x)
        return bool(x.shape == self.shape and np.all(x >= self.low) and np.all(x <= self.high))

    replace(akro_box.Box, 'contains', contains)


ADJUSTMENTS = (
    Adjustment(
        name='akro-box-contains',
        module='akro.box',
        apply=contain_any_dtype,
        reason="gymnasium's Box.contains compares dtypes; garage passes float64 and float32 alike "
        'and rejects or warns about every step otherwise.',
    ),
)
