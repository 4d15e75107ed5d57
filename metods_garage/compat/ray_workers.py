"""Ray's worker processes, which are new interpreters and so must be adjusted too.

Ray loads the class of an actor before the arguments to its constructor, and a class is pickled as
the name of its module. So a `SamplerWorker` that is found in this module has metods_garage imported
in the worker before any environment or policy is unpickled, whoever started Ray, and wherever.
"""

import importlib
import os
from types import ModuleType
from typing import Any

from metods_garage.compat.adjustment import DISABLE_VARIABLE, Adjustment, replace

_NAME = 'SamplerWorker'


def adjust_workers(ray_sampler: ModuleType) -> None:
    """Have RaySampler's workers import metods_garage before anything else."""
    worker = type(_NAME, (ray_sampler.SamplerWorker,), {'__module__': __name__})
    replace(ray_sampler, _NAME, worker)
    globals()[_NAME] = worker

    def start_worker(self: Any) -> None:
        if DISABLE_VARIABLE in os.environ:
            # a cluster that was started elsewhere does not inherit it
            variables = {DISABLE_VARIABLE: os.environ[DISABLE_VARIABLE]}
            self._sampler_worker = self._sampler_worker.options(runtime_env={'env_vars': variables})
        start(self)

    start = replace(ray_sampler.RaySampler, 'start_worker', start_worker)


def __getattr__(name: str) -> Any:
    """Load `SamplerWorker`, which a Ray worker asks for when it unpickles it."""
    if name != _NAME:
        raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
    importlib.import_module('garage.sampler.ray_sampler')
    return globals()[_NAME]


ADJUSTMENTS = (
    Adjustment(
        name='ray-workers',
        module='garage.sampler.ray_sampler',
        apply=adjust_workers,
        reason='a Ray worker is a new process, which would import garage without the adjustments.',
    ),
)
