"""Meta-World's meta-learning benchmarks: ML1, ML10, ML45."""

from functools import cached_property
from typing import Any

from metods_garage.envs.acceleration import accelerate, draw_goals
from metods_garage.envs.benchmark import Benchmark
from metods_garage.envs.task_update import EnvWrapper, TaskUpdate

import metaworld

HORIZON = 500  # metaworld's environments raise when they are stepped further

# The goals are the same for every method and every training seed. metaworld draws those of ML1's
# test split from GOALS_SEED + 1; the other test splits have classes of their own.
GOALS_SEED = 0


class MetaWorldBenchmark(Benchmark):
    """A meta-learning benchmark of Meta-World, with the goal hidden from the observation.

    The goals are drawn when they are first asked for, which takes seconds, and then kept.

    Args:
        name: Name in the table of benchmarks.
        benchmark_class: `metaworld.ML10`, ...
        arguments: What it takes beside the seed.
        accelerated: Whether environments are accelerated, which changes their speed alone.
    """

    def __init__(
        self,
        name: str,
        benchmark_class: Any,
        arguments: tuple[str, ...] = (),
        accelerated: bool = True,
    ):
        super().__init__(name, HORIZON)
        self._benchmark_class = benchmark_class
        self._arguments = arguments
        self._accelerated = accelerated

    def as_installed(self) -> 'MetaWorldBenchmark':
        """The same on Meta-World's own classes."""
        return MetaWorldBenchmark(
            self.name, self._benchmark_class, self._arguments, accelerated=False
        )

    @cached_property
    def goals(self) -> metaworld.Benchmark:
        """Meta-World's own object, for what of garage takes one; its classes are Meta-World's."""
        if self._accelerated:
            return draw_goals(self._benchmark_class, *self._arguments, seed=GOALS_SEED)
        return self._benchmark_class(*self._arguments, seed=GOALS_SEED)

    def _updates(self, split: str, wrapper: EnvWrapper | None) -> dict[str, list[TaskUpdate]]:
        """The 50 goals of every task; see `Benchmark.updates`."""
        train = split == 'train'
        classes = self.goals.train_classes if train else self.goals.test_classes
        tasks = self.goals.train_tasks if train else self.goals.test_tasks
        env_types = {
            name: accelerate(env_type) if self._accelerated else env_type
            for name, env_type in classes.items()
        }
        return {
            name: [
                TaskUpdate(env_type, task, task_name=name, horizon=self.horizon, wrapper=wrapper)
                for task in tasks
                if task.env_name == name
            ]
            for name, env_type in env_types.items()
        }
