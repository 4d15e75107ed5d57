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


def cast_bounds_quietly(akro_box: ModuleType) -> None:
    """Cast the bounds of `akro.Box` to its dtype before gymnasium warns that it has to."""
    import numpy as np

    def __init__(self: Any, low: Any, high: Any, *args: Any, **kwargs: Any) -> None:
        dtype = np.dtype(kwargs.get('dtype', args[1] if len(args) > 1 else np.float32))
        init(self, _cast(low, dtype), _cast(high, dtype), *args, **kwargs)

    def _cast(bound: Any, dtype: Any) -> Any:
        if not isinstance(bound, np.ndarray) or bound.dtype == dtype or dtype.kind != 'f':
            return bound
        with np.errstate(over='ignore'):  # what is too large becomes infinite
            return bound.astype(dtype)

    init = replace(akro_box.Box, '__init__', __init__)


ADJUSTMENTS = (
    Adjustment(
        name='akro-box-contains',
        module='akro.box',
        apply=contain_any_dtype,
        reason="gymnasium's Box.contains compares dtypes; garage passes float64 and float32 alike "
        'and rejects or warns about every step otherwise.',
    ),
    Adjustment(
        name='akro-box-precision',
        module='akro.box',
        apply=cast_bounds_quietly,
        reason='akro makes float32 spaces of float64 bounds, as those of Meta-World are, and '
        'gymnasium warns of each.',
    ),
)
