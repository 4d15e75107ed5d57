"""Meta-World's meta-learning benchmarks: ML1, ML10, ML45."""

from collections.abc import Callable
from functools import cached_property

from metods_garage.envs.benchmark import Benchmark
from metods_garage.envs.task_update import EnvWrapper, TaskUpdate

import metaworld

HORIZON = 500  # metaworld's environments raise when they are stepped further

# The goals are the same for every method and every training seed. metaworld draws those of ML1's
# test split from GOALS_SEED + 1; the other test splits have classes of their own.
GOALS_SEED = 0


class MetaWorldBenchmark(Benchmark):
    """A meta-learning benchmark of Meta-World, with the goal hidden from the observation.

    The goals are drawn when they are first asked for, which takes seconds (ML10: about 13,
    because metaworld resets each environment 50 times), and then kept.

    Args:
        name: Name in the table of benchmarks.
        make: Called with `seed`; returns the `metaworld.Benchmark`.
    """

    def __init__(self, name: str, make: Callable[..., metaworld.Benchmark]):
        super().__init__(name, HORIZON)
        self._make = make

    @cached_property
    def goals(self) -> metaworld.Benchmark:
        """Meta-World's own object, for what of garage takes one."""
        return self._make(seed=GOALS_SEED)

    def _updates(self, split: str, wrapper: EnvWrapper | None) -> dict[str, list[TaskUpdate]]:
        """The 50 goals of every task; see `Benchmark.updates`."""
        train = split == 'train'
        classes = self.goals.train_classes if train else self.goals.test_classes
        tasks = self.goals.train_tasks if train else self.goals.test_tasks
        return {
            name: [
                TaskUpdate(env_type, task, task_name=name, horizon=self.horizon, wrapper=wrapper)
                for task in tasks
                if task.env_name == name
            ]
            for name, env_type in classes.items()
        }
