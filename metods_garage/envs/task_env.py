"""One episode at a time of what a `TaskVectorEnv` steps many of."""

from typing import Any, ClassVar

from metods_garage.envs.task_vector_env import Task, TaskVectorEnv

import gymnasium
import numpy as np

_PIXELS_PER_CELL = 16


class TaskEnv(gymnasium.Env):
    """A `TaskVectorEnv` of one row as a plain gymnasium environment.

    Args:
        batch: The row.
        task: The task of every episode; None for a new one in each.
        render_mode: None or 'rgb_array'.

    Raises:
        ValueError: If there is no such render mode, or the task does not fit.
    """

    # What steps many of these at once; it takes their number and else the same arguments.
    vector_type: ClassVar[type[TaskVectorEnv]]
    metadata: dict[str, Any] = {'render_modes': ['rgb_array'], 'render_fps': 10}

    def __init__(self, batch: TaskVectorEnv, task: Task | None, render_mode: str | None):
        if render_mode not in (None, *self.metadata['render_modes']):
            raise ValueError(
                f'render_mode={render_mode!r}: there is None, and {self.metadata["render_modes"]}'
            )
        self.render_mode = render_mode
        self._batch = batch
        self.observation_space = batch.single_observation_space
        self.action_space = batch.single_action_space
        self.set_task(task)

    @property
    def max_steps(self) -> int:
        """Steps after which an episode ends."""
        return self._batch.max_steps

    @property
    def task(self) -> Task | None:
        """The task that was set, None where each episode has a new one."""
        return self._batch.tasks[0]

    def draw_task(self, generator: np.random.Generator) -> Task:
        """Draw a task.

        Args:
            generator: All of its randomness.

        Returns:
            A task for `set_task`.
        """
        return self._batch.draw_task(generator)

    def sample_tasks(self, n_tasks: int) -> list[Task]:
        """Draw tasks from the environment's own generator.

        Args:
            n_tasks: How many.

        Returns:
            Tasks for `set_task`.
        """
        return [self.draw_task(self.np_random) for _ in range(n_tasks)]

    def set_task(self, task: Task | None) -> None:
        """Set the task, from the next reset on.

        Args:
            task: As `draw_task` makes them; None for a new one at each reset.

        Raises:
            ValueError: If it does not fit.
        """
        self._batch.set_tasks([task])

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[np.ndarray, dict[str, Any]]:
        """Start an episode; see `gymnasium.Env.reset`."""
        super().reset(seed=seed)
        self._batch.set_generators([self.np_random])
        observations, info = self._batch.reset()
        return observations[0], info

    def step(self, action: int) -> tuple[np.ndarray, float, bool, bool, dict[str, Any]]:
        """Take a step; see `gymnasium.Env.step`.

        Raises:
            ValueError: If there is no such action.
            RuntimeError: If no episode is going on.
        """
        observations, rewards, terminated, truncated, infos = self._batch.step(
            np.reshape(action, 1)
        )
        info = {key: column[0].item() for key, column in infos.items()}
        return observations[0], float(rewards[0]), bool(terminated[0]), bool(truncated[0]), info

    def render(self) -> Any:
        """Draw the environment.

        Returns:
            RGB image, uint8 [height, width, 3], or None where `render_mode` is None.
        """
        if self.render_mode is None:
            return None
        return self._batch.frame().repeat(_PIXELS_PER_CELL, 0).repeat(_PIXELS_PER_CELL, 1)
