"""Meta-World environments with the same results in less time."""

import functools
import sys
from typing import Any

from metods_garage.envs.acceleration import known_code, scalar_forms
from metods_garage.envs.acceleration.accelerated_sawyer import AcceleratedSawyer
from metods_garage.envs.acceleration.caging_rewards import CAGING_REWARDS
from metods_garage.envs.acceleration.rebinding import module_with, rebound, rebound_members

import numpy as np
from metaworld.sawyer_xyz_env import SawyerXYZEnv
from metaworld.utils import reward_utils
from scipy.spatial.transform import Rotation

# Accelerated classes are found there by name, by pickle too.
_HOME = 'metods_garage.envs.acceleration.classes'

_SCALAR_FORMS: dict[int, Any] = {
    id(np): module_with(
        np,
        clip=scalar_forms.clip,
        copy=scalar_forms.copy,
        hstack=scalar_forms.hstack,
        linalg=module_with(np.linalg, norm=scalar_forms.norm),
    ),
    id(reward_utils): module_with(
        reward_utils,
        rect_prism_tolerance=scalar_forms.rect_prism_tolerance,
        tolerance=scalar_forms.tolerance,
    ),
    id(reward_utils.tolerance): scalar_forms.tolerance,
    id(Rotation): scalar_forms.ScalarRotation,
}


@functools.cache
def accelerate(env_class: type[SawyerXYZEnv]) -> type[SawyerXYZEnv]:
    """The accelerated form of a Meta-World environment class.

    It is a subclass of the class, made of the class's own installed methods. Observations, rewards,
    infos, their types and the state of the simulation are those of `env_class`, bit for bit; the
    exceptions are MuJoCo's `cacc`, `cfrc_int` and `cfrc_ext`, see `NamedData`. `env_class` itself
    and everything else that is installed stay as they are.

    Environments can be pickled, and copied, and the class can be pickled by name. The same class is
    returned each time.

    Args:
        env_class: One of the classes in `metaworld.envs`.

    Returns:
        The accelerated class; or `env_class` itself, with a warning, if the installed Meta-World,
        gymnasium or MuJoCo is none that is known here.

    Raises:
        TypeError: If `env_class` is no class of Meta-World environments.
    """
    if not isinstance(env_class, type) or not issubclass(env_class, SawyerXYZEnv):
        raise TypeError(f'{env_class!r} is no class of Meta-World environments')
    if issubclass(env_class, AcceleratedSawyer):
        return env_class
    reason = known_code.why_unknown(env_class)
    if reason is not None:
        known_code.warn_once(reason)
        return env_class
    return _accelerated(env_class)


def _accelerated(env_class: type[SawyerXYZEnv]) -> type[SawyerXYZEnv]:
    module = sys.modules[env_class.__module__]
    namespace = {name: _SCALAR_FORMS.get(id(value), value) for name, value in vars(module).items()}
    members = rebound_members(env_class, namespace)
    members['_evaluate'] = rebound(_undecorated(env_class.evaluate_state), namespace)
    assert_task_is_set = SawyerXYZEnv._Decorators.assert_task_is_set
    members['evaluate_state'] = assert_task_is_set(members['_evaluate'])
    if env_class.__name__ in CAGING_REWARDS:
        members['_gripper_caging_reward'] = CAGING_REWARDS[env_class.__name__]
    members['__module__'] = _HOME
    members['__doc__'] = env_class.__doc__
    accelerated = type(env_class.__name__, (env_class, AcceleratedSawyer), members)
    namespace[env_class.__name__] = accelerated  # for static methods that are called by it
    return accelerated


def _undecorated(method: Any) -> Any:
    """What `assert_task_is_set` was put around."""
    (function,) = method.__closure__
    return function.cell_contents
