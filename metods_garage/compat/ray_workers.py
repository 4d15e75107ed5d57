"""Ray's worker processes, which are new interpreters and so must be adjusted too."""

import functools
from types import ModuleType
from typing import Any

from metods_garage.compat.activation import activate
from metods_garage.compat.adjustment import Adjustment


def adjust_workers(ray_sampler: ModuleType) -> None:
    """Start Ray so that each worker imports metods_garage before it unpickles anything."""
    ray = ray_sampler.ray
    init = ray_sampler.RaySampler.__init__

    @functools.wraps(init)
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        if not ray.is_initialized():
            ray.init(
                log_to_driver=False,
                ignore_reinit_error=True,
                runtime_env={'worker_process_setup_hook': activate},
            )
        init(self, *args, **kwargs)

    ray_sampler.RaySampler.__init__ = __init__


ADJUSTMENTS = (
    Adjustment(
        name='ray-workers',
        module='garage.sampler.ray_sampler',
        apply=adjust_workers,
        reason='a Ray worker unpickles environments and policies before anything of ours runs.',
    ),
)
