"""gymnasium, seen through the API of gym 0.17: `reset() -> observation`, 4-tuple `step`.

Imported as `gym` by garage and akro. Spaces are gymnasium's own.
"""

from metods_garage.compat.old_gym import envs, wrappers
from metods_garage.compat.old_gym.core import (
    ActionWrapper,
    Env,
    ObservationWrapper,
    RewardWrapper,
    Wrapper,
)
from metods_garage.compat.old_gym.registration import make, register, registry, spec

from gymnasium import Space, error, spaces

__version__ = '0.17.3'

__all__ = [
    'ActionWrapper',
    'Env',
    'ObservationWrapper',
    'RewardWrapper',
    'Space',
    'Wrapper',
    'envs',
    'error',
    'make',
    'register',
    'registry',
    'spaces',
    'spec',
    'wrappers',
]
