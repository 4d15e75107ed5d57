"""The goals of Meta-World's benchmarks, drawn without the physics in between.

Meta-World draws a goal by resetting an environment and keeping the random vector that the reset
drew. The physics of the reset, nearly all of its time, has no part in that.
"""

import inspect
from typing import Any

from metods_garage.envs.acceleration import known_code
from metods_garage.envs.acceleration.accelerate import accelerate
from metods_garage.envs.acceleration.rebinding import rebound

import metaworld


def draw_goals(
    benchmark_class: type[metaworld.Benchmark], *args: Any, seed: int
) -> metaworld.Benchmark:
    """Construct a benchmark of Meta-World: the same object, with the same tasks to the last byte.

    Args:
        benchmark_class: `metaworld.ML10`, `metaworld.ML1`, ...
        *args: Its arguments.
        seed: Seed of the goals.

    Returns:
        What `benchmark_class(*args, seed=seed)` returns; that itself, with a warning, if the
        installed Meta-World, gymnasium or MuJoCo is none that is known here.
    """
    reason = known_code.why_unknown_here()
    if reason is not None:
        known_code.warn_once(reason)
        return benchmark_class(*args, seed=seed)
    benchmark: Any = object.__new__(benchmark_class)
    # metods_garage.compat lets some of them take old names of tasks.
    installed = inspect.unwrap(benchmark_class.__init__)
    construct = rebound(installed, {**vars(metaworld), '_make_tasks': _make_tasks})
    construct(benchmark, *args, seed=seed)
    return benchmark


def _make_tasks(classes: dict[str, Any], *args: Any, **kwargs: Any) -> list[Any]:
    """`metaworld._make_tasks` on other classes; the tasks are those of the classes given."""

    def encode_task(env_name: str, data: dict[str, Any]) -> Any:
        return metaworld._encode_task(env_name, {**data, 'env_cls': classes[env_name]})

    make_tasks = rebound(metaworld._make_tasks, {**vars(metaworld), '_encode_task': encode_task})
    drawing = {name: _without_physics(env_class) for name, env_class in classes.items()}
    return make_tasks(drawing, *args, **kwargs)


def _without_physics(env_class: Any) -> type:
    accelerated: Any = accelerate(env_class)

    def reset_hand(self: Any, steps: int = 50) -> None:
        accelerated._reset_hand(self, min(steps, 1))

    return type(env_class.__name__, (accelerated,), {'_reset_hand': reset_hand})
