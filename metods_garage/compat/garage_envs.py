"""garage's GymEnv over gymnasium."""

import functools
from types import ModuleType
from typing import Any

from metods_garage.compat.adjustment import Adjustment


def take_gymnasium(gym_env: ModuleType) -> None:
    """Let GymEnv take gymnasium environments, which it then sees through the old API."""
    from metods_garage.compat.old_gym.gymnasium_view import old_api

    init = gym_env.GymEnv.__init__

    @functools.wraps(init)
    def __init__(self: Any, env: Any, *args: Any, **kwargs: Any) -> None:
        init(self, old_api(env), *args, **kwargs)

    gym_env.GymEnv.__init__ = __init__


ADJUSTMENTS = (
    Adjustment(
        name='gym-env',
        module='garage.envs.gym_env',
        apply=take_gymnasium,
        reason='environments are written for gymnasium now; GymEnv refuses them.',
    ),
)
