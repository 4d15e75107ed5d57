"""A half-cheetah that has to find out whether to run forward or backward."""

from typing import Any

from metods_garage.envs.directed import Directed, DirectionTask

import numpy as np
from gymnasium.envs.mujoco.half_cheetah_v5 import HalfCheetahEnv


class HalfCheetahDirEnv(Directed, HalfCheetahEnv):
    """Gymnasium's HalfCheetah-v5, rewarded for its speed in one of two directions (D, section B.6).

    reward = direction * forward velocity - 0.05 |a|^2

    Observations and actions are gymnasium's, and episodes end (truncated) after `max_steps` only.
    The task is {'direction': 1 or -1}.

    Args:
        control_cost: Whether actions cost something.
        max_steps: Steps to an episode.
        task: The task of every episode; None for a new one in each.
        render_mode: 'human', 'rgb_array', 'depth_array', 'rgbd_tuple' or None.

    Raises:
        ValueError: If the task does not fit.
    """

    def __init__(
        self,
        control_cost: bool = True,
        max_steps: int = 200,
        task: DirectionTask | None = None,
        render_mode: str | None = None,
    ):
        HalfCheetahEnv.__init__(
            self, ctrl_cost_weight=0.05 if control_cost else 0.0, render_mode=render_mode
        )
        self._become_directed(max_steps, task, control_cost=control_cost, render_mode=render_mode)

    @staticmethod
    def draw_task(generator: np.random.Generator) -> DirectionTask:
        """Draw a direction.

        Args:
            generator: All of its randomness.

        Returns:
            {'direction': 1.0 or -1.0}.
        """
        return {'direction': float(generator.choice((-1.0, 1.0)))}

    def _check_direction(self, direction: float) -> None:
        if direction not in (-1, 1):
            raise ValueError(f'direction={direction}: it is 1 (forward) or -1 (backward)')

    def _directed_reward(self, info: dict[str, Any]) -> float:
        return self._direction * info['x_velocity'] + info['reward_ctrl']
