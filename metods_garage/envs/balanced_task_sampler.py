"""Meta-batches in which every task has its share."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from garage.experiment import TaskSampler
from garage.sampler import EnvUpdate


class BalancedTaskSampler(TaskSampler):
    """Samples every task equally often, and every goal of a task before any comes again.

    A meta-batch of a multiple of the number of tasks has task i % n in its slot i, always, so
    that a worker's environments only change their goal between iterations. What is left of
    another size goes around the tasks in turn.

    The order of the goals comes from a generator of its own, which nothing else draws from. The
    sampler can be pickled (by cloudpickle), and continues where it was.

    Args:
        updates: For each task its goals, as environment updates.
        seed: Seed of the order of the goals.

    Raises:
        ValueError: If there is no task, or a task without a goal.
    """

    def __init__(self, updates: Mapping[str, Sequence[EnvUpdate]], seed: int):
        empty = [name for name, goals in updates.items() if not goals]
        if not updates or empty:
            raise ValueError(f'every task needs at least one goal; there is none for {empty}')
        self._updates = {name: list(goals) for name, goals in updates.items()}
        self._generator = np.random.default_rng(seed)
        self._goals_left: dict[str, list[int]] = {name: [] for name in self._updates}
        self._next_task = 0

    @property
    def n_tasks(self) -> int:
        """The number of different updates."""
        return sum(len(goals) for goals in self._updates.values())

    def sample(self, n_tasks: int, with_replacement: bool = False) -> list[EnvUpdate]:
        """Sample the environment updates of a meta-batch.

        Args:
            n_tasks: How many, at least 1.
            with_replacement: Whether a goal may come again before all others came.

        Returns:
            The updates, one for each trial.

        Raises:
            ValueError: If `n_tasks` is below 1.
        """
        if n_tasks < 1:
            raise ValueError(f'n_tasks={n_tasks}: a meta-batch has at least one task')
        return [
            self._updates[name][self._next_goal(name, with_replacement)]
            for name in self._names(n_tasks)
        ]

    def state_dict(self) -> dict[str, Any]:
        """Where the sampler is in its order.

        Returns:
            What `load_state_dict` takes.
        """
        return {
            'generator': self._generator.bit_generator.state,
            'goals_left': {name: list(left) for name, left in self._goals_left.items()},
            'next_task': self._next_task,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Continue where another sampler of the same tasks was.

        Args:
            state: From `state_dict`.

        Raises:
            ValueError: If `state` is of other tasks.
        """
        if set(state['goals_left']) != set(self._updates):
            raise ValueError(
                f'the state is of the tasks {sorted(state["goals_left"])}, '
                f'this sampler has {sorted(self._updates)}'
            )
        self._generator.bit_generator.state = state['generator']
        self._goals_left = {name: list(left) for name, left in state['goals_left'].items()}
        self._next_task = state['next_task']

    def _names(self, n_tasks: int) -> list[str]:
        names = list(self._updates)
        rounds, rest = divmod(n_tasks, len(names))
        turn = [names[(self._next_task + i) % len(names)] for i in range(rest)]
        self._next_task = (self._next_task + rest) % len(names)
        return names * rounds + turn

    def _next_goal(self, name: str, with_replacement: bool) -> int:
        n_goals = len(self._updates[name])
        if with_replacement:
            return int(self._generator.integers(n_goals))
        if not self._goals_left[name]:
            self._goals_left[name] = self._generator.permutation(n_goals).tolist()
        return self._goals_left[name].pop()
