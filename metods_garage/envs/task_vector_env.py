"""Episodes of many tasks of one kind side by side, stepped by operations on arrays."""

import abc
from collections.abc import Sequence
from typing import Any

import gymnasium
import numpy as np
from gymnasium.vector import AutoresetMode
from gymnasium.vector.utils import batch_space

Task = dict[str, Any]


class TaskVectorEnv(gymnasium.vector.VectorEnv, abc.ABC):
    """B episodes at once, each on a task of its own, with discrete actions.

    It is what a worker that runs B trials side by side steps, with one call where B environments
    would need B:

        env.set_tasks(tasks)                                   # B tasks, one for each row
        observations, _ = env.reset(seed=seeds)                # B seeds: every trial starts
        while not finished.all():
            observations, rewards, terminated, truncated, infos = env.step(actions)
            again = (terminated | truncated) & more_episodes   # bool [B]
            if again.any():                                    # next episodes of these trials
                observations, _ = env.reset(options={'reset_mask': again})

    - A row draws from a random generator of its own, which `reset(seed=...)` starts and a `reset`
      without a seed goes on with. So row b given seed s does what the single environment does
      after `reset(seed=s)`, whatever is beside it and however many rows there are.
    - Nothing resets by itself (gymnasium calls this `AutoresetMode.DISABLED`). A row whose episode
      is over stays as it is: whatever its action, it gives reward 0, its last observation and its
      last flags, until it is reset. So episodes may differ in length.
    - A reset leaves rows outside of `reset_mask` alone, and returns the observations of all rows.
    - A task set by `set_tasks` holds from the row's next reset on, for all of its episodes. A row
      without a task, as all are at first, draws a new one at each of its resets.
    - What is returned is never written into later.

    Args:
        num_envs: Number of rows B.
        observation_space: Of one row.
        n_actions: Number of actions.
        max_steps: Steps after which an episode ends.

    Raises:
        ValueError: If `num_envs` or `max_steps` is below 1.
    """

    metadata: dict[str, Any] = {'autoreset_mode': AutoresetMode.DISABLED, 'render_modes': []}

    def __init__(
        self,
        num_envs: int,
        observation_space: gymnasium.spaces.Box,
        n_actions: int,
        max_steps: int,
    ):
        for name, value in (('num_envs', num_envs), ('max_steps', max_steps)):
            if value < 1:
                raise ValueError(f'{name}={value}: at least 1 is needed')
        self.num_envs = num_envs
        self.max_steps = max_steps
        self.single_observation_space = observation_space
        self.single_action_space = gymnasium.spaces.Discrete(n_actions)
        self.observation_space = batch_space(observation_space, num_envs)
        self.action_space = batch_space(self.single_action_space, num_envs)
        self._n_actions = n_actions
        self._rows = np.arange(num_envs)
        self._tasks: list[Task | None] = [None] * num_envs
        self._generators: list[np.random.Generator | None] = [None] * num_envs
        self._n_steps = np.zeros(num_envs, dtype=np.intp)
        self._terminated = np.zeros(num_envs, dtype=bool)
        self._truncated = np.ones(num_envs, dtype=bool)  # until the first reset

    @property
    def tasks(self) -> list[Task | None]:
        """The task that was set for each row, None where each episode has a new one."""
        return list(self._tasks)

    @abc.abstractmethod
    def draw_task(self, generator: np.random.Generator) -> Task:
        """Draw a task.

        Args:
            generator: All of its randomness.

        Returns:
            A task for `set_tasks`.
        """

    @abc.abstractmethod
    def check_task(self, task: Task) -> None:
        """Refuse what is not a task of this environment.

        Args:
            task: The task.

        Raises:
            ValueError: If it does not fit.
        """

    @abc.abstractmethod
    def frame(self, row: int = 0) -> np.ndarray:
        """Draw a row.

        Args:
            row: Which one.

        Returns:
            RGB image, uint8 [height, width, 3], one pixel to a cell.
        """

    @abc.abstractmethod
    def _begin(self, row: int, task: Task, generator: np.random.Generator) -> None:
        """Start an episode of one row, and draw all of its noise: rows are stepped at once."""

    @abc.abstractmethod
    def _advance(self, actions: np.ndarray, live: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Take a step in the rows that are `live` [B]; `_n_steps` is the number of the step.

        Returns:
            Rewards [B], zero in all other rows, and which rows reached the end of their task [B].
        """

    @abc.abstractmethod
    def _observations(self) -> np.ndarray:
        """What is seen now, a new array [B, O]."""

    def _infos(self) -> dict[str, np.ndarray]:
        """Infos of the step that was just taken, arrays [B]."""
        return {}

    def set_tasks(self, tasks: Sequence[Task | None], rows: Sequence[int] | None = None) -> None:
        """Set tasks, from the next reset of their rows on.

        Args:
            tasks: One for each of `rows`; None for a new task at each reset.
            rows: Numbers of the rows; None for all.

        Raises:
            ValueError: If there is another number of tasks than of rows, or a task does not fit.
        """
        rows = range(self.num_envs) if rows is None else rows
        if len(tasks) != len(rows):
            raise ValueError(f'{len(tasks)} tasks for {len(rows)} rows: each row needs one')
        for task in tasks:
            if task is not None:
                self.check_task(task)
        for row, task in zip(rows, tasks, strict=True):
            self._tasks[row] = task

    def set_generators(
        self, generators: Sequence[np.random.Generator], rows: Sequence[int] | None = None
    ) -> None:
        """Have rows draw from given generators.

        Args:
            generators: One for each of `rows`.
            rows: Numbers of the rows; None for all.
        """
        rows = range(self.num_envs) if rows is None else rows
        for row, generator in zip(rows, generators, strict=True):
            self._generators[row] = generator

    def reset(
        self,
        *,
        seed: int | Sequence[int | None] | None = None,
        options: dict[str, Any] | None = None,
    ) -> tuple[np.ndarray, dict[str, Any]]:
        """Start an episode in all rows, or in some.

        Args:
            seed: One seed for each row, None among them for a row that goes on with its generator;
                or one number s, for the seeds s, s + 1, ...; or None for no new seed.
            options: {'reset_mask': bool [B]} where only some rows are to be reset.

        Returns:
            Observations [B, O] of all rows, and an empty dictionary.

        Raises:
            ValueError: If there is another number of seeds than of rows.
        """
        mask = (options or {}).get('reset_mask')
        rows = self._rows.tolist() if mask is None else np.flatnonzero(mask).tolist()
        seeds = self._seeds(seed)
        for row in rows:
            generator = self._generator(row, seeds[row])
            task = self._tasks[row]
            self._begin(row, self.draw_task(generator) if task is None else task, generator)
        self._n_steps[rows] = 0
        self._terminated[rows] = False
        self._truncated[rows] = False
        return self._observations(), {}

    def step(
        self, actions: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, dict[str, Any]]:
        """Take a step in every row whose episode goes on.

        Args:
            actions: Int [B].

        Returns:
            Observations [B, O], rewards [B], whether each episode ended by its task [B], whether
            by its length [B], and infos, arrays [B].

        Raises:
            ValueError: If an action is none, or there is not one for each row.
            RuntimeError: If every episode is over.
        """
        actions = np.asarray(actions)
        if actions.shape != (self.num_envs,):
            raise ValueError(f'actions of shape {actions.shape}: one for each of {self.num_envs}')
        if actions.min() < 0 or actions.max() >= self._n_actions:
            raise ValueError(f'actions {actions}: they are 0 to {self._n_actions - 1}')
        live = ~(self._terminated | self._truncated)
        if not live.any():
            raise RuntimeError('no episode is going on: call reset()')
        rewards, ended = self._advance(actions, live)
        self._n_steps += live
        self._terminated |= ended
        self._truncated |= live & ~ended & (self._n_steps >= self.max_steps)
        flags = self._terminated.copy(), self._truncated.copy()
        return self._observations(), rewards, *flags, self._infos()

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Own the arrays: those that Ray hands over are read-only."""
        for name, value in state.items():
            self.__dict__[name] = value.copy() if isinstance(value, np.ndarray) else value

    def _seeds(self, seed: int | Sequence[int | None] | None) -> Sequence[int | None]:
        if seed is None:
            return [None] * self.num_envs
        if isinstance(seed, (int, np.integer)):
            return [int(seed) + row for row in range(self.num_envs)]
        if len(seed) != self.num_envs:
            raise ValueError(f'{len(seed)} seeds for {self.num_envs} rows: each row needs one')
        return seed

    def _generator(self, row: int, seed: int | None) -> np.random.Generator:
        generator = self._generators[row]
        if generator is None or seed is not None:
            generator = self._generators[row] = np.random.default_rng(seed)
        return generator
