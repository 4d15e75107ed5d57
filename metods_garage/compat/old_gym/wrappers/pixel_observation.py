"""`gym.wrappers.pixel_observation`: observations that are pictures."""

from __future__ import annotations

from typing import Any

from metods_garage.compat.old_gym.core import ObservationWrapper

import gymnasium
import numpy as np


class PixelObservationWrapper(ObservationWrapper):
    """Gives `{'pixels': picture}`, uint8 [height, width, 3], in the place of the observation.

    Args:
        env: Environment of the old API that renders 'rgb_array'.
        pixels_only: Whether the state is left out; True is what garage passes.

    Raises:
        ValueError: If `pixels_only` is False, or the observations are neither Box nor Dict.
    """

    def __init__(self, env: Any, pixels_only: bool = True) -> None:
        if not pixels_only:
            raise ValueError('pixels_only=False is not offered: garage uses pixels alone')
        space = env.observation_space
        if not isinstance(space, gymnasium.spaces.Box | gymnasium.spaces.Dict):
            raise ValueError(f'observations must be a Box or Dict to become pixels, not {space}')
        super().__init__(env)
        env.reset()  # nothing can be drawn before
        shape = env.render('rgb_array').shape
        self.observation_space = gymnasium.spaces.Dict(
            {'pixels': gymnasium.spaces.Box(0, 255, shape, np.uint8)}
        )

    def observation(self, observation: Any) -> dict[str, Any]:
        """The picture of the environment as it is now."""
        return {'pixels': self.env.render('rgb_array')}
