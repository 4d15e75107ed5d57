"""A Bernoulli bandit as a gymnasium environment, and the benchmark made of it."""

from itertools import permutations
from typing import Any

from metods_garage.envs.benchmark import Benchmark
from metods_garage.envs.task_update import EnvWrapper, TaskUpdate

import gymnasium
import numpy as np

Task = dict[str, tuple[float, ...]]


class BernoulliBandit(gymnasium.Env):
    """Arms that pay 1 or 0, each with a probability of its own, and a fixed number of pulls.

    There is nothing to see, so the observation is one constant zero: an agent has to remember
    which arm paid. The task is the arms' probabilities.

    Args:
        probabilities: Those of the arms before any `set_task`; its length is the number of arms.
        n_pulls: Steps to an episode.
    """

    metadata: dict[str, Any] = {'render_modes': []}

    def __init__(self, probabilities: tuple[float, ...] = (0.25, 0.75), n_pulls: int = 40):
        self._n_arms = len(probabilities)
        self.action_space = gymnasium.spaces.Discrete(self._n_arms)
        self.observation_space = gymnasium.spaces.Box(0.0, 1.0, shape=(1,), dtype=np.float32)
        self._n_pulls = n_pulls
        self._pulls_left = 0
        self.set_task({'probabilities': tuple(probabilities)})

    def sample_tasks(self, n_tasks: int) -> list[Task]:
        """Draw tasks that have the arms of the present one in random order.

        Args:
            n_tasks: How many.

        Returns:
            Tasks for `set_task`.
        """
        return [
            {'probabilities': tuple(self.np_random.permutation(self._probabilities).tolist())}
            for _ in range(n_tasks)
        ]

    def set_task(self, task: Task) -> None:
        """Set the arms' probabilities.

        Args:
            task: {'probabilities': one number in [0, 1] for each arm}.

        Raises:
            ValueError: If there are too many or too few, or one is no probability.
        """
        probabilities = task['probabilities']
        if len(probabilities) != self._n_arms:
            raise ValueError(
                f'{len(probabilities)} probabilities {probabilities} for {self._n_arms} arms'
            )
        if not all(0 <= p <= 1 for p in probabilities):
            raise ValueError(f'probabilities {probabilities} are not all within [0, 1]')
        self._probabilities = tuple(probabilities)

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[np.ndarray, dict[str, Any]]:
        """Start `n_pulls` pulls; see `gymnasium.Env.reset`."""
        super().reset(seed=seed)
        self._pulls_left = self._n_pulls
        return np.zeros(1, dtype=np.float32), {}

    def step(self, action: int) -> tuple[np.ndarray, float, bool, bool, dict[str, Any]]:
        """Pull an arm; see `gymnasium.Env.step`. The last pull is a terminal step.

        Raises:
            RuntimeError: If no pull is left.
        """
        if self._pulls_left == 0:
            raise RuntimeError('no pull is left: call reset()')
        self._pulls_left -= 1
        reward = float(self.np_random.random() < self._probabilities[action])
        return np.zeros(1, dtype=np.float32), reward, self._pulls_left == 0, False, {}


class BanditBenchmark(Benchmark):
    """`BernoulliBandit` with its arms in every order, the same in both splits.

    Goals take the orders in turn. There are more goals than orders, because the rewards differ
    from trial to trial.

    Args:
        name: Name in the table of benchmarks, and of the one task.
        n_goals: Length of the list of goals.
    """

    def __init__(self, name: str, n_goals: int = 50):
        bandit = BernoulliBandit()
        super().__init__(name, bandit._n_pulls)
        orders = list(permutations(bandit._probabilities))
        self._tasks = [{'probabilities': orders[i % len(orders)]} for i in range(n_goals)]

    def _updates(self, split: str, wrapper: EnvWrapper | None) -> dict[str, list[TaskUpdate]]:
        """The orders of the arms; see `Benchmark.updates`."""
        return {
            self.name: [
                TaskUpdate(
                    BernoulliBandit,
                    task,
                    task_name=self.name,
                    horizon=self.horizon,
                    wrapper=wrapper,
                )
                for task in self._tasks
            ]
        }
