"""An ant that has to find out in which direction of the plane to run."""

from typing import Any

from metods_garage.envs.directed import Directed, DirectionTask

import numpy as np
from gymnasium.envs.mujoco.ant_v5 import AntEnv

_SURVIVAL = 1.0


class AntDirEnv(Directed, AntEnv):
    """Gymnasium's Ant-v5, rewarded for its speed in a direction of the plane (N, section 5.1).

    reward = velocity along the direction - 0.5 |a|^2 - 5e-4 |clip(contact forces, -1, 1)|^2 + 1

    Observations and actions are gymnasium's. An episode ends (terminated) when the torso is not
    between 0.2 and 1 above the ground, and (truncated) after `max_steps`.
    The task is {'direction': angle from the x-axis, in [0, 2 pi)}.

    Args:
        max_steps: Steps to an episode.
        task: The task of every episode; None for a new one in each.
        render_mode: 'human', 'rgb_array', 'depth_array', 'rgbd_tuple' or None.

    Raises:
        ValueError: If the task does not fit.
    """

    def __init__(
        self,
        max_steps: int = 200,
        task: DirectionTask | None = None,
        render_mode: str | None = None,
    ):
        AntEnv.__init__(self, render_mode=render_mode)
        self._become_directed(max_steps, task, render_mode=render_mode)

    @staticmethod
    def draw_task(generator: np.random.Generator) -> DirectionTask:
        """Draw a direction.

        Args:
            generator: All of its randomness.

        Returns:
            {'direction': an angle, uniform in [0, 2 pi)}.
        """
        return {'direction': float(generator.uniform(0, 2 * np.pi))}

    def _check_direction(self, direction: float) -> None:
        if not 0 <= direction < 2 * np.pi:
            raise ValueError(f'direction={direction}: it is an angle in [0, 2 pi)')

    def _directed_reward(self, info: dict[str, Any]) -> float:
        # gymnasium's reward for survival is 0 on the step of a fall, the paper's always 1
        forward = np.cos(self._direction) * info['x_velocity']
        forward += np.sin(self._direction) * info['y_velocity']
        return float(forward + info['reward_ctrl'] + info['reward_contact'] + _SURVIVAL)
