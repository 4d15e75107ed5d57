"""garage's environment updates on their way to another process."""

import pickle
from types import ModuleType
from typing import Any

from metods_garage.compat.adjustment import Adjustment


def pickle_closures(env_update: ModuleType) -> None:
    """Pickle environment updates by cloudpickle, whatever pickler they meet."""
    import cloudpickle

    def __reduce__(self: Any) -> tuple[Any, ...]:
        return _rebuild, (type(self), cloudpickle.dumps(self.__dict__))

    env_update.SetTaskUpdate.__reduce__ = __reduce__
    env_update.NewEnvUpdate.__reduce__ = __reduce__


def _rebuild(cls: type, pickled: bytes) -> Any:
    update = cls.__new__(cls)
    update.__dict__.update(pickle.loads(pickled))
    return update


ADJUSTMENTS = (
    Adjustment(
        name='env-update-pickle',
        module='garage.sampler.env_update',
        apply=pickle_closures,
        reason='MultiprocessingSampler sends environment updates by the standard pickler, which '
        "refuses the local functions in MetaWorldTaskSampler's.",
    ),
)
