"""Whether the installed code is the code that acceleration was written for."""

import functools
import hashlib
import inspect
import pathlib
import sys
import warnings

from metods_garage.envs.acceleration import scalar_forms_check

import gymnasium.envs.mujoco
import metaworld
import metaworld.envs
import mujoco

# What the methods of AcceleratedSawyer compute, and what is compared with it in the tests.
_METAWORLD_FILES = ('__init__.py', 'sawyer_xyz_env.py', 'utils/reward_utils.py', 'envs/*.py')
_METAWORLD = {'870ee90d0e0dcec6f37003b1a527cb044d9a60897f4bead1db6f867e21c24682': '3.1.1'}

# Of gymnasium 1.1 to 1.4.
_MUJOCO_ENV_METHODS = ('do_simulation', '_step_mujoco_simulation', 'get_body_com')
_MUJOCO_ENV = 'a0a9d3d8e2994584675fdacf3f37e329b2269ba185b976d67b5df0985bee9264'

# The physics is MuJoCo's own in any case, but what each of its functions writes is not.
_MUJOCO_VERSIONS = ('3.3.0',)


def why_unknown(env_class: type) -> str | None:
    """Why an environment class can't be accelerated here.

    Args:
        env_class: A class of environments.

    Returns:
        The reason; None if it can.
    """
    if getattr(metaworld.envs, env_class.__name__, None) is not env_class:
        return f'{env_class.__module__}.{env_class.__name__} is no class of metaworld.envs'
    return why_unknown_here()


@functools.cache
def warn_once(reason: str) -> None:
    """Say, once for each reason, that environments are used as they are."""
    warnings.warn(
        f'Meta-World runs as it is installed, two to five times slower than it could: {reason}',
        RuntimeWarning,
        stacklevel=4,
    )


@functools.cache
def why_unknown_here() -> str | None:
    """Why none of Meta-World's own classes can be accelerated here.

    Returns:
        The reason; None if they can.
    """
    if mujoco.__version__ not in _MUJOCO_VERSIONS:
        return (
            f'MuJoCo {mujoco.__version__} is installed, and acceleration is tested with '
            f'{" and ".join(_MUJOCO_VERSIONS)}'
        )
    try:
        found, methods = _fingerprint_of_metaworld(), _fingerprint_of_mujoco_env()
    except OSError as error:
        return f'the source of metaworld or gymnasium can not be read ({error})'
    if found not in _METAWORLD:
        return (
            f'the source of the installed metaworld is not that of '
            f'{" or ".join(_METAWORLD.values())}, with which acceleration is tested'
        )
    if methods != _MUJOCO_ENV:
        return (
            "the source of the installed gymnasium's MujocoEnv is not that of gymnasium 1.1 to "
            '1.4, with which acceleration is tested'
        )
    return scalar_forms_check.difference()


def _fingerprint_of_metaworld() -> str:
    root = pathlib.Path(inspect.getfile(metaworld)).parent
    digest = hashlib.sha256()
    for pattern in _METAWORLD_FILES:
        for path in sorted(root.glob(pattern)):
            digest.update(path.name.encode() + b'\0')
            digest.update(path.read_bytes().replace(b'\r\n', b'\n') + b'\0')
    return digest.hexdigest()


def _fingerprint_of_mujoco_env() -> str:
    module = sys.modules[gymnasium.envs.mujoco.MujocoEnv.__module__]
    digest = hashlib.sha256()
    for name in _MUJOCO_ENV_METHODS:
        digest.update(inspect.getsource(getattr(module.MujocoEnv, name)).encode())
    return digest.hexdigest()
