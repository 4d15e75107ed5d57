"""garage's GymEnv over gymnasium."""

import dataclasses
import functools
from types import ModuleType
from typing import Any

from metods_garage.compat.adjustment import Adjustment, replace


def take_gymnasium(gym_env: ModuleType) -> None:
    """Let GymEnv take gymnasium environments, which it then sees through the old API."""
    from metods_garage.compat.old_gym.gymnasium_view import old_api

    init = gym_env.GymEnv.__init__

    @functools.wraps(init)
    def __init__(self: Any, env: Any, *args: Any, **kwargs: Any) -> None:
        init(self, old_api(env), *args, **kwargs)

    gym_env.GymEnv.__init__ = __init__


def tell_terminal_from_timeout(gym_env: ModuleType) -> None:
    """Call a step TERMINAL where the task ended at the very step at which time ran out."""
    StepType = gym_env.StepType

    def step(self: Any, action: Any) -> Any:
        env_step = step_of_garage(self, action)
        if env_step.step_type != StepType.TIMEOUT or not _ended_by_task(self._env):
            return env_step
        env_step.env_info['TimeLimit.truncated'] = False
        env_step.env_info['GymEnv.TimeLimitTerminated'] = False
        return dataclasses.replace(env_step, step_type=StepType.TERMINAL)

    step_of_garage = replace(gym_env.GymEnv, 'step', functools.wraps(gym_env.GymEnv.step)(step))


def _ended_by_task(env: Any) -> bool:
    # only gymnasium tells the two apart; an environment of the old API has no such attribute
    return bool(getattr(env, 'ended_by_task', False))


def copy_mid_episode(gym_env: ModuleType) -> None:
    """Copy a GymEnv as it is: within its episode, and with `is_image`."""

    def __setstate__(self: Any, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._visualize = False  # the window stays with the original

    replace(gym_env.GymEnv, '__setstate__', __setstate__)


def leave_windows_to_gymnasium(gym_env: ModuleType) -> None:
    """Don't search for mujoco_py's and gym's windows, which gymnasium closes by itself."""

    def close(self: Any) -> None:
        if self._env is not None:  # None where the constructor failed
            self._env.close()

    replace(gym_env.GymEnv, 'close', functools.wraps(gym_env.GymEnv.close)(close))


def copy_cheetah_mid_episode(base: ModuleType) -> None:
    """Copy a meta-cheetah with the state of its simulation and its random generator."""
    from metods_garage.compat.old_gym.gymnasium_view import put_simulation, simulation

    def __getstate__(self: Any) -> dict[str, Any]:
        return {'task': self._task, 'simulation': simulation(self)}

    def __setstate__(self: Any, state: dict[str, Any]) -> None:
        self.__init__(task=state['task'])
        put_simulation(self, state['simulation'])

    replace(base.HalfCheetahEnvMetaBase, '__getstate__', __getstate__)
    replace(base.HalfCheetahEnvMetaBase, '__setstate__', __setstate__)


ADJUSTMENTS = (
    Adjustment(
        name='gym-env',
        module='garage.envs.gym_env',
        apply=take_gymnasium,
        reason='environments are written for gymnasium now; GymEnv refuses them.',
    ),
    Adjustment(
        name='gym-env-step-type',
        module='garage.envs.gym_env',
        apply=tell_terminal_from_timeout,
        reason='GymEnv calls every episode that ends at its last step a timeout, although '
        'gymnasium says when the task ended it; algorithms bootstrap from a timeout.',
    ),
    Adjustment(
        name='gym-env-copies',
        module='garage.envs.gym_env',
        apply=copy_mid_episode,
        reason='a pickled or deep-copied GymEnv forgets is_image and refuses to step until it is '
        'reset, wherever its original is.',
    ),
    Adjustment(
        name='gym-env-windows',
        module='garage.envs.gym_env',
        apply=leave_windows_to_gymnasium,
        reason="GymEnv.close searches the environment's entry point for names of gym, and fails "
        'where it is a function.',
    ),
    Adjustment(
        name='half-cheetah-copies',
        module='garage.envs.mujoco.half_cheetah_env_meta_base',
        apply=copy_cheetah_mid_episode,
        reason='a copy of HalfCheetahDirEnv or HalfCheetahVelEnv starts anew, with a random '
        'generator of its own, wherever its original is.',
    ),
)
