"""Where accelerated classes are found by the name of the class that they accelerate.

A class that is made at run time can be pickled, with the standard pickler and with cloudpickle, if
its name in its module leads to it: `classes.SawyerPushEnvV3` is
`accelerate(metaworld.envs.SawyerPushEnvV3)`, in every process.
"""

from typing import Any

from metods_garage.envs.acceleration.accelerate import accelerate

import metaworld.envs


def __getattr__(name: str) -> Any:
    """Make the class when it is first asked for."""
    env_class = getattr(metaworld.envs, name, None)
    if not isinstance(env_class, type):
        raise AttributeError(f'metaworld.envs has no environment class {name!r}')
    return accelerate(env_class)
