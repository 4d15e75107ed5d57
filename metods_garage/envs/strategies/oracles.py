"""The best that can be done on Harlow and in the mazes, by looking at what is hidden."""

from typing import Any

from metods_garage.envs.harlow import N_CELLS, HarlowVectorEnv
from metods_garage.envs.maze import MazeVectorEnv
from metods_garage.envs.strategies.strategy import Strategy

import numpy as np


class HarlowOptimum(Strategy):
    """Takes the shortest ways, guesses at the first choice and chooses rightly ever after.

    No agent that does not know the task can expect more.
    """

    def begin(self, env: Any, generator: np.random.Generator) -> None:
        """See `Strategy.begin`."""
        assert isinstance(env, HarlowVectorEnv)
        self._env = env
        self._guess_right = generator.random(env.num_envs) < 0.5

    def actions(self) -> np.ndarray:
        """See `Strategy.actions`."""
        env = self._env
        right = self._guess_right | (env.n_choices > 0)
        goal = np.where(env.mark >= 0, env.mark, np.where(right, env.good, env.bad))
        ahead = (goal - env.position) % N_CELLS  # cells to the right, around the ring
        return (ahead <= N_CELLS // 2).astype(np.intp)


class ShortestPath(Strategy):
    """Takes a shortest way to a maze's target, known from the start."""

    def begin(self, env: Any, generator: np.random.Generator) -> None:
        """See `Strategy.begin`."""
        assert isinstance(env, MazeVectorEnv)
        self._env = env
        self._rows = np.arange(env.num_envs)
        self._best = _first_moves(distances(env.walls, env.target))

    def actions(self) -> np.ndarray:
        """See `Strategy.actions`."""
        row, column = self._env.position.T
        return self._best[self._rows, row, column]


def distances(walls: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Steps from each cell to the target, by breadth-first search in all mazes at once.

    Args:
        walls: Bool [B, H, H], with a border.
        target: Row and column of each target, [B, 2].

    Returns:
        [B, H, H], infinity on walls and where no way leads to the target.
    """
    steps = np.full(walls.shape, np.inf)
    steps[np.arange(len(walls)), target[:, 0], target[:, 1]] = 0
    wave = steps == 0
    n_steps = 0
    while wave.any():
        n_steps += 1
        wave = np.any(_neighbours(wave), axis=0) & ~walls & np.isinf(steps)
        steps[wave] = n_steps
    return steps


def _first_moves(steps: np.ndarray) -> np.ndarray:
    """The action that leads to a neighbour nearest to the target, int [B, H, H]."""
    return np.argmin(_neighbours(steps), axis=0)


def _neighbours(board: np.ndarray) -> np.ndarray:
    """Above, below, to the left and to the right of each cell, [4, B, H, H]; a border is given."""
    return np.stack(
        [np.roll(board, shift, axis) for axis, shift in ((1, 1), (1, -1), (2, 1), (2, -1))]
    )
