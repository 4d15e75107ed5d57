"""Bernoulli bandits with any number of arms, at rest or restless."""

from itertools import permutations

from metods_garage.envs.benchmark import Benchmark
from metods_garage.envs.env_maker import EnvMaker
from metods_garage.envs.task_env import TaskEnv
from metods_garage.envs.task_update import EnvWrapper, TaskUpdate
from metods_garage.envs.task_vector_env import Task, TaskVectorEnv

import gymnasium
import numpy as np


class BanditVectorEnv(TaskVectorEnv):
    """B bandits at once; see `BanditEnv` for the task and `TaskVectorEnv` for the calls.

    Args:
        num_envs: Number of rows B.
        n_arms: Number of arms K.
        n_pulls: Steps to an episode.
        redraw_probability: Probability that arms are redrawn before a pull.
        redraw_together: Whether all arms are redrawn at once, or each by itself.

    Raises:
        ValueError: If a number is out of range.
    """

    def __init__(
        self,
        num_envs: int,
        n_arms: int = 5,
        n_pulls: int = 100,
        redraw_probability: float = 0.0,
        redraw_together: bool = True,
    ):
        if n_arms < 1:
            raise ValueError(f'n_arms={n_arms}: at least 1 is needed')
        if not 0 <= redraw_probability <= 1:
            raise ValueError(f'redraw_probability={redraw_probability}: it is within [0, 1]')
        space = gymnasium.spaces.Box(0.0, 1.0, shape=(1,), dtype=np.float32)
        super().__init__(num_envs, space, n_arms, n_pulls)
        self._redraw_probability = redraw_probability
        self._redraw_together = redraw_together
        # The arms' probabilities at each pull, of which bandits at rest need one row only.
        n_rows = n_pulls if redraw_probability else 1
        self._schedule = np.zeros((num_envs, n_rows, n_arms))
        self._noise = np.zeros((num_envs, n_pulls))

    @property
    def probabilities(self) -> np.ndarray:
        """The probabilities with which the arms pay at the next pull, [B, K]."""
        return self._schedule[self._rows, self._pull()]

    def draw_task(self, generator: np.random.Generator) -> Task:
        """Draw the arms; see `TaskVectorEnv.draw_task`.

        Args:
            generator: All of its randomness.

        Returns:
            {'probabilities': K numbers, uniform in [0, 1)}.
        """
        return {'probabilities': tuple(generator.random(self._n_actions).tolist())}

    def check_task(self, task: Task) -> None:
        """Refuse another number of arms, and what is no probability."""
        probabilities = task['probabilities']
        if len(probabilities) != self._n_actions:
            raise ValueError(
                f'{len(probabilities)} probabilities {probabilities} for {self._n_actions} arms'
            )
        if not all(0 <= p <= 1 for p in probabilities):
            raise ValueError(f'probabilities {probabilities} are not all within [0, 1]')

    def _begin(self, row: int, task: Task, generator: np.random.Generator) -> None:
        self._noise[row] = generator.random(self.max_steps)
        self._schedule[row, 0] = task['probabilities']
        if self._redraw_probability:
            self._draw_schedule(row, generator)

    def _draw_schedule(self, row: int, generator: np.random.Generator) -> None:
        n_pulls, n_arms = self._schedule.shape[1:]
        fresh = generator.random((n_pulls, n_arms))
        fresh[0] = self._schedule[row, 0]
        redrawn = generator.random((n_pulls, 1 if self._redraw_together else n_arms))
        pulls = np.arange(n_pulls)[:, np.newaxis]
        pulls = np.where(redrawn < self._redraw_probability, pulls, 0)
        last = np.maximum.accumulate(pulls, axis=0)  # pull before which each arm was last redrawn
        self._schedule[row] = np.take_along_axis(fresh, np.broadcast_to(last, fresh.shape), axis=0)

    def _pull(self) -> np.ndarray:
        return np.minimum(self._n_steps, self._schedule.shape[1] - 1)

    def _advance(self, actions: np.ndarray, live: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        noise = self._noise[self._rows, np.minimum(self._n_steps, self.max_steps - 1)]
        paid = noise < self._schedule[self._rows, self._pull(), actions]
        return (paid & live).astype(float), live & (self._n_steps + 1 >= self.max_steps)

    def _observations(self) -> np.ndarray:
        return np.zeros((self.num_envs, 1), dtype=np.float32)

    def frame(self, row: int = 0) -> np.ndarray:
        """The arms, the brighter the more they pay; see `TaskVectorEnv.frame`."""
        level = np.rint(255 * self.probabilities[row]).astype(np.uint8)
        return np.repeat(level[np.newaxis, :, np.newaxis], 3, axis=2)


class BanditEnv(TaskEnv):
    """Arms that pay 1 or 0, each with a probability of its own (D, sections 4.3 and B.5).

    There is nothing to see, so the observation is one constant zero: an agent has to remember
    which arm it pulled and what that paid. The last of the `n_pulls` pulls ends the episode
    (terminated).

    The task is {'probabilities': K numbers}, drawn from U[0, 1]^K. Pull t pays where the t-th
    number of the episode's noise is below the probability of the arm, whichever it is. So agents
    that are given the same task and seed meet the same instance, and differ by what they chose.

    Args:
        n_arms: Number of arms K.
        n_pulls: Steps to an episode.
        redraw_probability: For a restless bandit: the probability that, before each pull but the
            first, arms are drawn anew from U[0, 1] (the paper's: 0.05, at 10 arms and 100 pulls).
        redraw_together: Whether all arms are redrawn at once, or each by itself.
        task: The task of every episode; None for a new one in each.
        render_mode: None or 'rgb_array'.

    Raises:
        ValueError: If a number is out of range.
    """

    vector_type = BanditVectorEnv

    def __init__(
        self,
        n_arms: int = 5,
        n_pulls: int = 100,
        redraw_probability: float = 0.0,
        redraw_together: bool = True,
        task: Task | None = None,
        render_mode: str | None = None,
    ):
        batch = BanditVectorEnv(1, n_arms, n_pulls, redraw_probability, redraw_together)
        super().__init__(batch, task, render_mode)


class TwoArms(Benchmark):
    """A bandit that is learned in a minute: 40 pulls of two arms that pay 0.25 and 0.75.

    Goals take both orders of the arms in turn, the same in both splits. There are more goals than
    orders, because the rewards differ from trial to trial.

    Args:
        name: Name in the table of benchmarks, and of the one task.
        n_goals: Length of the list of goals.
    """

    def __init__(self, name: str, n_goals: int = 50):
        self._make = EnvMaker(BanditEnv, {'n_arms': 2, 'n_pulls': 40})
        super().__init__(name, horizon=40)
        orders = list(permutations((0.25, 0.75)))
        self._tasks = [{'probabilities': orders[i % len(orders)]} for i in range(n_goals)]

    def _updates(self, split: str, wrapper: EnvWrapper | None) -> dict[str, list[TaskUpdate]]:
        """The orders of the arms; see `Benchmark.updates`."""
        return {
            self.name: [
                TaskUpdate(
                    self._make, task, task_name=self.name, horizon=self.horizon, wrapper=wrapper
                )
                for task in self._tasks
            ]
        }
