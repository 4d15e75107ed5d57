"""Rewards for having the object between the fingers, of classes that have one of their own.

Five classes override `SawyerXYZEnv._gripper_caging_reward`, four of them with one reward that
differs in two numbers. Each makes a dozen small arrays, the largest part of what these classes
compute in Python.
"""

from collections.abc import Callable
from math import sqrt
from typing import Any

from metods_garage.envs.acceleration.scalar_forms import tolerance

import numpy as np
from metaworld.utils.reward_utils import hamacher_product

_PAD_MARGIN = 0.05


def _sides(env: Any, y: float, radius: float, outer: float) -> tuple[float, float]:
    """How well the left and the right pad are beside an object at `y`, within `outer` of it."""
    views = env._step_views
    left_margin = abs(abs(y - float(env.init_left_pad[1])) - _PAD_MARGIN)
    right_margin = abs(abs(y - float(env.init_right_pad[1])) - _PAD_MARGIN)
    left = tolerance(views.left_pad[1] - y, (radius, outer), left_margin, 'long_tail')
    right = tolerance(y - views.right_pad[1], (radius, outer), right_margin, 'long_tail')
    return left, right


def _above(env: Any, obj_pos: np.ndarray, margin: float) -> float:
    """How near the fingers are to the object, seen from the side."""
    vector = env._step_views.vector
    numbers = env._step_views.vector_numbers
    x, _, z = obj_pos.tolist()
    tcp_x, _, tcp_z = env.tcp_center.tolist()
    initial_x, _, initial_z = env.obj_init_pos.tolist()
    initial_tcp_x, _, initial_tcp_z = env.init_tcp.tolist()
    # MuJoCo's vectors with a 0 for y, so that BLAS adds up what it adds up there.
    numbers[0], numbers[1], numbers[2] = tcp_x - x, 0.0, tcp_z - z
    distance = sqrt(vector.dot(vector))
    numbers[0], numbers[2] = initial_x - initial_tcp_x, initial_z - initial_tcp_z
    return tolerance(distance, (0, margin), sqrt(vector.dot(vector)) - margin, 'long_tail')


def _of_pads(grip_width: float, margin_xz: float) -> Callable[..., Any]:
    """The reward that goes by the pads alone, whatever the command to the gripper."""

    def gripper_caging_reward(
        self: Any, action: np.ndarray, obj_pos: np.ndarray, obj_radius: float, *_: Any, **__: Any
    ) -> Any:
        y = float(obj_pos[1])
        caging_y = hamacher_product(*_sides(self, y, obj_radius, _PAD_MARGIN))
        caging = hamacher_product(caging_y, _above(self, obj_pos, margin_xz))
        gripping = 0.0
        if caging > 0.95:
            gripping = hamacher_product(*_sides(self, y, obj_radius, obj_radius + grip_width))
        return (caging + gripping) / 2

    return gripper_caging_reward


def _of_pick_place(self: Any, action: np.ndarray, obj_pos: np.ndarray, *_: Any, **__: Any) -> Any:
    caging_y = hamacher_product(*_sides(self, float(obj_pos[1]), 0.015, _PAD_MARGIN))
    caging = hamacher_product(caging_y, _above(self, obj_pos, 0.005))
    closed = min(max(0, action[-1]), 1)
    gripping = closed if caging > 0.97 else 0.0
    return (hamacher_product(caging, gripping) + caging) / 2


CAGING_REWARDS: dict[str, Callable[..., Any]] = {
    'SawyerPickPlaceEnvV3': _of_pick_place,
    'SawyerPushBackEnvV3': _of_pads(grip_width=0.003, margin_xz=0.01),
    'SawyerSoccerEnvV3': _of_pads(grip_width=0.01, margin_xz=0.005),
    'SawyerSweepEnvV3': _of_pads(grip_width=0.01, margin_xz=0.005),
    'SawyerSweepIntoGoalEnvV3': _of_pads(grip_width=0.005, margin_xz=0.01),
}
