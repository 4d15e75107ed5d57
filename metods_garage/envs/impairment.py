"""A robot of which one actuator does not work."""

from typing import Any

import gymnasium
import mujoco
import numpy as np

KINDS = ('silent', 'locked')
# Inertia of a rotor on the locked joint, in kg m^2: more than any torque moves. (A limit of the
# joint on both sides holds the half-cheetah's only to within 0.1 rad.)
_IMMOVABLE = 1e8


class Impairment(gymnasium.Wrapper):
    """Sets the command of one actuator to 0 (N, robot impairment).

    Who acts is not told: wrappers around this one, and the agent, see the command as it was sent.

    Args:
        env: One of gymnasium's MuJoCo environments, which may be wrapped.
        actuator: Number of the actuator.
        kind: 'silent': the joint moves freely; 'locked': it is also held at the angle that it has
            at the start of an episode.

    Raises:
        ValueError: If there is no such actuator or kind.
    """

    def __init__(self, env: gymnasium.Env, actuator: int, kind: str = 'silent'):
        super().__init__(env)
        n_actuators = env.unwrapped.model.nu  # type: ignore[attr-defined]
        if not 0 <= actuator < n_actuators:
            raise ValueError(f'actuator={actuator}: this robot has 0 to {n_actuators - 1}')
        if kind not in KINDS:
            raise ValueError(f'kind={kind!r}: there are {KINDS}')
        self._actuator = actuator
        self._kind = kind
        self._lock()

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        """Start an episode; see `gymnasium.Env.reset`."""
        observation, info = self.env.reset(seed=seed, options=options)
        if self._kind == 'locked':
            robot: Any = self.env.unwrapped
            velocity = robot.data.qvel.copy()
            velocity[self._degree_of_freedom()] = 0
            robot.set_state(robot.data.qpos.copy(), velocity)
            observation = robot._get_obs()
        return observation, info

    def step(self, action: np.ndarray) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """Take a step without the actuator; see `gymnasium.Env.step`."""
        action = np.array(action)
        action[self._actuator] = 0
        return self.env.step(action)  # type: ignore[return-value]

    def _degree_of_freedom(self) -> int:
        model: Any = self.env.unwrapped.model  # type: ignore[attr-defined]
        assert model.actuator_trntype[self._actuator] == mujoco.mjtTrn.mjTRN_JOINT
        return int(model.jnt_dofadr[model.actuator_trnid[self._actuator, 0]])

    def _lock(self) -> None:
        if self._kind == 'locked':
            model: Any = self.env.unwrapped.model  # type: ignore[attr-defined]
            model.dof_armature[self._degree_of_freedom()] = _IMMOVABLE
            # an episode may start beyond the joint's limit, which would push it back for long
            model.jnt_limited[model.actuator_trnid[self._actuator, 0]] = False

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Lock the joint of a copy too, whose model was loaded anew."""
        self.__dict__.update(state)
        self._lock()
