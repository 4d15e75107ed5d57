"""What the robots have in common that are rewarded for running in a direction."""

from typing import Any

import numpy as np
from gymnasium.envs.mujoco import MujocoEnv
from gymnasium.utils import EzPickle

DirectionTask = dict[str, float]


class Directed(MujocoEnv):
    """Puts a direction into one of gymnasium's MuJoCo environments.

    For a class that inherits from this and then from that environment, calls `_become_directed` at
    the end of its constructor, and has the methods below that only raise.

    A copy is made as gymnasium makes it, by the constructor: with the task that is set, but at no
    place of an episode, so that it begins with a reset. (In garage's `GymEnv` copies are exact.)
    """

    def _become_directed(
        self, max_steps: int, task: DirectionTask | None, **arguments: Any
    ) -> None:
        if max_steps < 1:
            raise ValueError(f'max_steps={max_steps}: at least 1 is needed')
        EzPickle.__init__(self, max_steps=max_steps, **arguments)  # type: ignore[arg-type]
        self.max_steps = max_steps
        self._n_steps = 0
        self._direction = np.nan
        self.set_task(task)

    @staticmethod
    def draw_task(generator: np.random.Generator) -> DirectionTask:
        """Draw a direction.

        Args:
            generator: All of its randomness.

        Returns:
            {'direction': a number}.
        """
        raise NotImplementedError('each robot says this itself: write the method')

    def _check_direction(self, direction: float) -> None:
        """Raise ValueError if the robot knows no such direction; each robot says which it knows."""
        raise NotImplementedError('each robot says this itself: write the method')

    def _directed_reward(self, info: dict[str, Any]) -> float:
        """The reward, from what the undirected environment says of the step."""
        raise NotImplementedError('each robot says this itself: write the method')

    @property
    def direction(self) -> float:
        """The direction of this episode."""
        return self._direction

    def sample_tasks(self, n_tasks: int) -> list[DirectionTask]:
        """Draw tasks from the environment's own generator.

        Args:
            n_tasks: How many.

        Returns:
            Tasks for `set_task`.
        """
        return [self.draw_task(self.np_random) for _ in range(n_tasks)]

    def set_task(self, task: DirectionTask | None) -> None:
        """Set the direction, from now on.

        Args:
            task: As `draw_task` makes them; None for a new one at each reset.

        Raises:
            ValueError: If it does not fit.
        """
        if task is not None:
            self._check_direction(task['direction'])
            self._direction = task['direction']
        self._task = task
        self._ezpickle_kwargs['task'] = task  # type: ignore[attr-defined]

    def reset_model(self) -> np.ndarray:
        """Put the robot at its start, and draw a direction where none is set; see `MujocoEnv`."""
        self._n_steps = 0
        if self._task is None:
            self._direction = self.draw_task(self.np_random)['direction']
        return super().reset_model()

    def step(  # type: ignore[override]
        self, action: np.ndarray
    ) -> tuple[np.ndarray, float, bool, bool, dict[str, Any]]:
        """Take a step; see `gymnasium.Env.step`."""
        observation, _, terminated, _, info = super().step(action)  # type: ignore[safe-super]
        self._n_steps += 1
        reward = self._directed_reward(info)
        return observation, reward, terminated, self._n_steps >= self.max_steps, info
