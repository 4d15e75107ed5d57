"""What accelerated environments inherit in the place of `SawyerXYZEnv`'s own methods.

Every method here computes, bit for bit, what the method of `SawyerXYZEnv` computes that it
overrides; an action or a state that is out of the ordinary is left to that one. What differs is how
often a name is looked up and how many small arrays are made.
"""

from math import sqrt
from typing import Any

from metods_garage.envs.acceleration.hand_reset import HandReset
from metods_garage.envs.acceleration.named_views import NamedData, ViewsByName
from metods_garage.envs.acceleration.scalar_forms import tolerance
from metods_garage.envs.acceleration.step_views import StepViews

import mujoco
import numpy as np
from gymnasium.envs.mujoco import MujocoEnv
from metaworld.sawyer_xyz_env import SawyerXYZEnv
from metaworld.utils.reward_utils import hamacher_product

_FLOAT32, _FLOAT64 = np.dtype(np.float32), np.dtype(np.float64)
_FRAME = 18  # an observation is the frame of now, that of the step before, and the goal
_LOW_X, _LOW_Y, _LOW_Z = SawyerXYZEnv._HAND_SPACE.low.tolist()
_HIGH_X, _HIGH_Y, _HIGH_Z = SawyerXYZEnv._HAND_SPACE.high.tolist()
_UPRIGHT: Any = memoryview(np.array([1.0, 0.0, 1.0, 0.0]))  # type: ignore[arg-type]

# Until the first step their goal's site is at the height that the object had in the first of the
# two passes of a reset.
_FIRST_PASS_IS_SEEN = ('SawyerPushEnvV3', 'SawyerPushBackEnvV3')


class _Slots:
    """What belongs to one simulation in memory, and so must not be copied with an environment."""

    __slots__ = ('_hand_reset', '_step_views', '_tcp_center', '_views', '_within_bounds')

    _hand_reset: HandReset
    _step_views: StepViews
    _tcp_center: np.ndarray | None  # while a reward is computed
    _views: ViewsByName
    _within_bounds: Any  # the last frame of which it is known


class AcceleratedSawyer(_Slots, SawyerXYZEnv):
    """`SawyerXYZEnv` with the same results in less time."""

    curr_path_length: int
    _prev_obs: Any

    def _initialize_simulation(self) -> tuple[mujoco.MjModel, mujoco.MjData]:
        model, _ = super()._initialize_simulation()
        self._views = ViewsByName()
        data = NamedData(model, self._views)
        self._step_views = StepViews(data)
        self._hand_reset = HandReset(model)
        self._tcp_center = self._within_bounds = None
        return model, data

    def get_body_com(self, body_name: str) -> np.ndarray:
        """The position of a body, [3]; a window into MuJoCo's memory."""
        try:
            return self._views['body', body_name].xpos
        except KeyError:
            return self.data.body(body_name).xpos

    def _get_site_pos(self, site_name: str) -> np.ndarray:
        try:
            return self._views['site', site_name].xpos.copy()
        except KeyError:
            return self.data.site(site_name).xpos.copy()

    @property
    def tcp_center(self) -> np.ndarray:
        """The middle between the fingertips, [3]."""
        return self._middle_of_fingers() if self._tcp_center is None else self._tcp_center

    def _middle_of_fingers(self) -> np.ndarray:
        views = self._step_views
        x, y, z = views.right_finger.tolist()
        other_x, other_y, other_z = views.left_finger.tolist()
        return np.array(((x + other_x) / 2.0, (y + other_y) / 2.0, (z + other_z) / 2.0))

    def step(self, action: np.ndarray) -> tuple[np.ndarray, Any, bool, bool, dict[str, Any]]:
        """Take a step; see `SawyerXYZEnv.step`."""
        path_length = self.curr_path_length + 1
        if (
            type(action) is not np.ndarray
            or action.shape != (4,)
            or (action.dtype != _FLOAT32 and action.dtype != _FLOAT64)
            or not self._set_task_called
            or path_length > self.max_path_length
            or self._did_see_sim_exception
        ):
            return super().step(action)
        self._apply(action)
        mujoco.mj_step(self.model, self.data, self.frame_skip)
        self.curr_path_length = path_length
        # SawyerXYZEnv moves the goal's site here, and mj_forward moves it back.
        mujoco.mj_forward(self.model, self.data)
        self._last_stable_obs = observation = self._observe()
        self._tcp_center = self._middle_of_fingers()
        try:
            reward, info = self._evaluate(observation, action)
        finally:
            self._tcp_center = None
        return observation.copy(), reward, False, path_length == self.max_path_length, info

    def _evaluate(self, observation: np.ndarray, action: np.ndarray) -> tuple[Any, dict[str, Any]]:
        """`evaluate_state` without asking whether a task is set; `accelerate` puts it in."""
        raise NotImplementedError('make the class by accelerate(), which puts its reward in')

    def _apply(self, action: np.ndarray) -> None:
        """`set_xyz_action`, and the command to the fingers."""
        views = self._step_views
        x, y, z, effort = action.tolist()
        x = -1.0 if x < -1.0 else 1.0 if x > 1.0 else x
        y = -1.0 if y < -1.0 else 1.0 if y > 1.0 else y
        z = -1.0 if z < -1.0 else 1.0 if z > 1.0 else z
        scale = self.action_scale
        if action.dtype == _FLOAT32:
            # The product of two float32 is exact in a float; putting it there rounds it once.
            rounded = views.float32
            rounded[3] = scale
            scale = rounded[3]
            rounded[0], rounded[1], rounded[2] = x * scale, y * scale, z * scale
            x, y, z, _ = rounded.tolist()
        else:
            x, y, z = x * scale, y * scale, z * scale
        pos = views.mocap_pos
        old_x, old_y, old_z = pos.tolist()
        low_x, low_y, low_z = self.mocap_low.tolist()
        high_x, high_y, high_z = self.mocap_high.tolist()
        x, y, z = old_x + x, old_y + y, old_z + z
        pos[0] = low_x if x < low_x else high_x if x > high_x else x
        pos[1] = low_y if y < low_y else high_y if y > high_y else y
        pos[2] = low_z if z < low_z else high_z if z > high_z else z
        views.mocap_quat[:] = _UPRIGHT
        views.ctrl[0], views.ctrl[1] = effort, -effort

    def _observe(self) -> np.ndarray:
        """`_get_obs`, clipped as in `step`: [39]."""
        views, last = self._step_views, self._prev_obs
        observation = np.zeros(2 * _FRAME + 3)
        window: Any = memoryview(observation)  # type: ignore[arg-type]
        window[:3] = views.hand
        difference = views.right_claw - views.left_claw
        opening = sqrt(difference.dot(difference)) / 0.1
        window[3] = 1.0 if opening > 1.0 else opening
        positions, quaternions = self._get_pos_objects(), self._get_quat_objects()
        if len(positions) == 3:
            window[4:7] = positions
            window[7:11] = quaternions
        else:
            for i in range(len(positions) // 3):
                at = 4 + 7 * i
                observation[at : at + 3] = positions[3 * i : 3 * i + 3]
                observation[at + 3 : at + 7] = quaternions[4 * i : 4 * i + 4]
        window[_FRAME : 2 * _FRAME] = last
        self._prev_obs = frame = observation[:_FRAME].copy()
        x, y, z = views.hand.tolist()
        if _LOW_X <= x <= _HIGH_X and _LOW_Y <= y <= _HIGH_Y and _LOW_Z <= z <= _HIGH_Z:
            last_is_within_bounds = last is self._within_bounds
            self._within_bounds = frame
            if last_is_within_bounds and self._partially_observable:
                return observation  # nothing else has bounds that it can leave
        return self._with_goal_and_clipped(observation)

    def _with_goal_and_clipped(self, observation: np.ndarray) -> np.ndarray:
        if not self._partially_observable:
            observation[2 * _FRAME :] = self._get_pos_goal()
        space = self.sawyer_observation_space
        np.maximum(observation, space.low, out=observation)
        return np.minimum(observation, space.high, out=observation)

    def reset(
        self, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[np.ndarray, dict[str, Any]]:
        """Start an episode; see `SawyerXYZEnv.reset`."""
        self.curr_path_length = 0
        if type(self).__name__ in _FIRST_PASS_IS_SEEN:
            self.reset_model()
        else:
            with self._hand_reset.outcome_is_discarded():
                self.reset_model()
        observation, info = MujocoEnv.reset(self)
        self._prev_obs = observation[:_FRAME].copy()
        observation[_FRAME : 2 * _FRAME] = self._prev_obs
        return observation, info

    def _reset_hand(self, steps: int = 50) -> None:
        self._hand_reset.simulate(self, steps, super()._reset_hand)

    def touching_object(self, object_geom_id: int) -> bool:
        """Whether both finger pads press on a geom."""
        data, views = self.data, self._step_views
        left_geom, right_geom = views.left_pad_geom, views.right_pad_geom
        if views.apart(left_geom, object_geom_id) or views.apart(right_geom, object_geom_id):
            return False
        contact, force = data.contact, data.efc_force
        touching = [
            (i, pair) for i, pair in enumerate(contact.geom.tolist()) if object_geom_id in pair
        ]
        left = [contact.efc_address[i] for i, pair in touching if left_geom in pair]
        right = [contact.efc_address[i] for i, pair in touching if right_geom in pair]
        return 0 < sum(force[i] for i in left) and 0 < sum(force[i] for i in right)

    def _gripper_caging_reward(
        self,
        action: np.ndarray,
        obj_pos: np.ndarray,
        obj_radius: float,
        pad_success_thresh: float,
        object_reach_radius: float,
        xz_thresh: float,
        desired_gripper_effort: float = 1.0,
        high_density: bool = False,
        medium_density: bool = False,
    ) -> Any:
        assert self.obj_init_pos is not None, 'reset() sets `obj_init_pos`'
        if high_density and medium_density:
            raise ValueError('Can only be either high_density or medium_density')
        views, tcp, initial_tcp = self._step_views, self.tcp_center, self.init_tcp
        x, y, z = obj_pos.tolist()
        initial_x, initial_y, initial_z = self.obj_init_pos.tolist()
        tcp_x, _, tcp_z = tcp.tolist()
        initial_tcp_x, _, initial_tcp_z = initial_tcp.tolist()

        pad_bounds = (obj_radius, pad_success_thresh)
        left_y, right_y = views.left_pad[1], views.right_pad[1]
        left_margin = abs(abs(left_y - initial_y) - pad_success_thresh)
        right_margin = abs(abs(right_y - initial_y) - pad_success_thresh)
        caging_y = hamacher_product(
            tolerance(abs(left_y - y), pad_bounds, left_margin, 'long_tail'),
            tolerance(abs(right_y - y), pad_bounds, right_margin, 'long_tail'),
        )
        margin_xz = self._length(initial_x - initial_tcp_x, initial_z - initial_tcp_z) - xz_thresh
        distance_xz = self._length(tcp_x - x, tcp_z - z)
        caging_xz = tolerance(distance_xz, (0, xz_thresh), margin_xz, 'long_tail')
        caging = hamacher_product(caging_y, caging_xz)

        closed = min(max(0, action[-1]), desired_gripper_effort) / desired_gripper_effort
        reward = hamacher_product(caging, closed if caging > 0.97 else 0.0)
        if high_density:
            reward = (reward + caging) / 2
        if medium_density:
            way, initial_way = obj_pos - tcp, self.obj_init_pos - initial_tcp
            reach_margin = abs(sqrt(initial_way.dot(initial_way)) - object_reach_radius)
            reach_bounds = (0, object_reach_radius)
            reach = tolerance(sqrt(way.dot(way)), reach_bounds, reach_margin, 'long_tail')
            reward = (reward + reach) / 2
        return reward

    def _length(self, x: float, z: float) -> float:
        views = self._step_views
        views.pair_numbers[0], views.pair_numbers[1] = x, z
        return sqrt(views.pair.dot(views.pair))
