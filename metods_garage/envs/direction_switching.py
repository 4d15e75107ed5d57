"""A direction that changes from episode to episode of a trial."""

from typing import Any

import gymnasium
import numpy as np


class DirectionSwitching(gymnasium.Wrapper):
    """Redraws the direction between the episodes of a trial (D, section B.6).

    A trial has as many episodes as directions, each on the next direction of its task. The agent is
    not told of the change; what it carries from one episode to the next is up to whoever runs it.

    The task is {'directions': one for each episode}, and a trial starts when it is set. Where more
    episodes are started, the directions come in turn again.

    Args:
        env: A `HalfCheetahDirEnv` or `AntDirEnv`, which may be wrapped.
        n_episodes: Episodes of a trial.

    Raises:
        ValueError: If `n_episodes` is below 1.
    """

    def __init__(self, env: gymnasium.Env, n_episodes: int = 5):
        super().__init__(env)
        if n_episodes < 1:
            raise ValueError(f'n_episodes={n_episodes}: at least 1 is needed')
        self._n_episodes = n_episodes
        self._directions: tuple[float, ...] | None = None
        self._n_resets = 0

    def draw_task(self, generator: np.random.Generator) -> dict[str, Any]:
        """Draw the directions of a trial.

        Args:
            generator: All of their randomness.

        Returns:
            {'directions': one for each episode}.
        """
        draw = self.env.get_wrapper_attr('draw_task')
        return {'directions': tuple(draw(generator)['direction'] for _ in range(self._n_episodes))}

    def set_task(self, task: dict[str, Any] | None) -> None:
        """Start a trial, with its next reset.

        Args:
            task: As `draw_task` makes them; None for a new direction at each reset.

        Raises:
            ValueError: If there is another number of directions than of episodes.
        """
        self._n_resets = 0
        self._directions = None if task is None else tuple(task['directions'])
        if self._directions is None:
            self.env.get_wrapper_attr('set_task')(None)
        elif len(self._directions) != self._n_episodes:
            raise ValueError(
                f'{len(self._directions)} directions for {self._n_episodes} episodes: each needs '
                'one'
            )

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        """Start the next episode; see `gymnasium.Env.reset`."""
        if self._directions is not None:
            direction = self._directions[self._n_resets % self._n_episodes]
            self.env.get_wrapper_attr('set_task')({'direction': direction})
            self._n_resets += 1
        return self.env.reset(seed=seed, options=options)
