"""`ray.init(local_mode=True)`, which Ray no longer has."""

import functools
from types import ModuleType
from typing import Any

from metods_garage.compat.adjustment import Adjustment, replace


def start_processes_instead(ray: ModuleType) -> None:
    """Leave `local_mode=True` out, so that the workers are processes on this machine."""

    def start(*args: Any, local_mode: bool = False, **kwargs: Any) -> Any:
        return init(*args, **kwargs)

    init = replace(ray, 'init', functools.wraps(ray.init)(start))


ADJUSTMENTS = (
    Adjustment(
        name='ray-local-mode',
        module='ray',
        apply=start_processes_instead,
        reason="Ray refuses local_mode=True, which garage's users ran RaySampler with to debug it.",
        upstream_issue='https://github.com/ray-project/ray/pull/60647',
    ),
)
