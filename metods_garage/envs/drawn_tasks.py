"""A benchmark of one environment that draws its own tasks."""

from functools import cached_property, partial
from typing import Any

from metods_garage.envs.benchmark import SPLITS, Benchmark
from metods_garage.envs.env_maker import EnvMaker
from metods_garage.envs.fresh_task_sampler import FreshTaskSampler
from metods_garage.envs.task_update import EnvWrapper, TaskUpdate

import gymnasium
import numpy as np

# Evaluation draws from generators of its own: its tasks are the same for every seed of training.
_EVALUATION_ENTROPY = 0x6576616C


class DrawnTasks(Benchmark):
    """Trains on new tasks without end, and evaluates on a fixed list of tasks for each split.

    Both splits have tasks of the one distribution that there is. Benchmarks of equal kinds of tasks
    (bandits with as many arms) evaluate on equal ones.

    The environment has `draw_task`, which draws a task from a generator, `set_task`, and
    `max_steps`.

    Args:
        name: Name in the table of benchmarks, and of the one task.
        make: Makes the environment.
        n_goals: Length of each list of evaluation tasks.
    """

    def __init__(self, name: str, make: EnvMaker, n_goals: int = 1000):
        self.make = make
        super().__init__(name, self._env.get_wrapper_attr('max_steps'))
        self._n_goals = n_goals

    @cached_property
    def _env(self) -> gymnasium.Env:
        return self.make()

    @cached_property
    def _tasks(self) -> dict[str, list[Any]]:
        draw_task = self._env.get_wrapper_attr('draw_task')
        generators = [np.random.default_rng((_EVALUATION_ENTROPY, i)) for i in range(len(SPLITS))]
        return {
            split: [draw_task(generator) for _ in range(self._n_goals)]
            for split, generator in zip(SPLITS, generators, strict=True)
        }

    def _updates(self, split: str, wrapper: EnvWrapper | None) -> dict[str, list[TaskUpdate]]:
        """The fixed list; see `Benchmark.updates`."""
        return {self.name: [self._update(wrapper, task) for task in self._tasks[split]]}

    def train_sampler(self, wrapper: EnvWrapper | None = None, *, seed: int = 0) -> Any:
        """The task sampler to train with.

        Args:
            wrapper: Called with each new garage environment and its task.
            seed: Seed of the tasks.

        Returns:
            A garage TaskSampler with a random generator of its own, which draws new tasks.
        """
        draw_task = self.make().get_wrapper_attr('draw_task')
        return FreshTaskSampler(draw_task, partial(self._update, wrapper), seed)

    def _update(self, wrapper: EnvWrapper | None, task: Any) -> TaskUpdate:
        return TaskUpdate(
            self.make, task, task_name=self.name, horizon=self.horizon, wrapper=wrapper
        )
