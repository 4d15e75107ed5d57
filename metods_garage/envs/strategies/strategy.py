"""What a known strategy is, and how it is played on many tasks at once."""

import abc
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from metods_garage.envs.task_vector_env import Task, TaskVectorEnv

import numpy as np


class Strategy(abc.ABC):
    """Acts in all rows of a `TaskVectorEnv`, by a rule that somebody wrote down."""

    @abc.abstractmethod
    def begin(self, env: Any, generator: np.random.Generator) -> None:
        """Start an episode in all rows.

        Args:
            env: The `TaskVectorEnv`, just reset. An oracle looks at what is hidden in it.
            generator: All randomness of the strategy.
        """

    @abc.abstractmethod
    def actions(self) -> np.ndarray:
        """Choose.

        Returns:
            Int [B].
        """

    def observe(self, actions: np.ndarray, rewards: np.ndarray) -> None:  # noqa: B027
        """See what came of it.

        Args:
            actions: Those of the last step, int [B].
            rewards: Theirs, [B].
        """


class RandomActions(Strategy):
    """Every action with the same probability."""

    def begin(self, env: Any, generator: np.random.Generator) -> None:
        """See `Strategy.begin`."""
        self._generator = generator
        self._shape, self._n_actions = env.num_envs, env.single_action_space.n

    def actions(self) -> np.ndarray:
        """See `Strategy.actions`."""
        return self._generator.integers(self._n_actions, size=self._shape)


@dataclass(frozen=True)
class Played:
    """One episode of each row.

    Attributes:
        rewards: [B, T], zero after the end of an episode.
        lengths: Steps of each episode, [B].
        success: Whether a step reported success, bool [B]; None where the task reports none.
    """

    rewards: np.ndarray
    lengths: np.ndarray
    success: np.ndarray | None

    @property
    def returns(self) -> np.ndarray:
        """Sums of the rewards, [B]."""
        return self.rewards.sum(axis=1)


def play(
    env: TaskVectorEnv,
    strategy: Strategy,
    *,
    tasks: Sequence[Task | None],
    seeds: Sequence[int],
    seed: int,
    max_steps: float = math.inf,
) -> Played:
    """Play one episode on each of many tasks.

    Strategies that are given the same tasks and seeds meet the same instances: with the tasks of a
    benchmark's evaluation list and their `environment_seed` those that trained agents meet.

    Args:
        env: B rows.
        strategy: Plays them.
        tasks: One for each row; None for one that the row draws.
        seeds: Seeds of the rows.
        seed: Seed of the strategy.
        max_steps: Steps after which episodes are cut that the environment has not ended.

    Returns:
        What came of it.
    """
    env.set_tasks(tasks)
    env.reset(seed=seeds)
    strategy.begin(env, np.random.default_rng(seed))
    over = np.zeros(env.num_envs, dtype=bool)
    lengths = np.zeros(env.num_envs, dtype=int)
    success = over
    rewards: list[np.ndarray] = []
    infos: dict[str, np.ndarray] = {}
    while not over.all() and len(rewards) < max_steps:
        lengths += ~over
        actions = strategy.actions()
        _, paid, terminated, truncated, infos = env.step(actions)
        strategy.observe(actions, paid)
        rewards.append(paid)
        success = success | infos.get('success', False)
        over = terminated | truncated
    return Played(np.stack(rewards, axis=1), lengths, success if 'success' in infos else None)
