"""`gym.envs.mujoco`: the half-cheetah that garage's meta-environments are built on."""

from __future__ import annotations

import types
from typing import Any

from metods_garage.compat.old_gym.core import Env

import numpy as np
from gymnasium.envs.mujoco.half_cheetah_v5 import HalfCheetahEnv as GymnasiumHalfCheetahEnv
from gymnasium.spaces import Box
from gymnasium.utils import seeding


class HalfCheetahEnv(GymnasiumHalfCheetahEnv, Env):  # type: ignore[misc]
    """gymnasium's half-cheetah with the old API and mujoco_py's `sim`."""

    def __init__(self) -> None:
        GymnasiumHalfCheetahEnv.__init__(self)
        self.metadata = {**self.metadata, 'render.modes': list(self.metadata['render_modes'])}
        # subclasses observe something else than gymnasium's does
        observation = self._get_obs()
        self.observation_space = Box(-np.inf, np.inf, observation.shape, observation.dtype)

    @property
    def sim(self) -> types.SimpleNamespace:
        """mujoco_py's name for the model and its data."""
        return types.SimpleNamespace(data=self.data, model=self.model)

    def reset(self) -> Any:  # type: ignore[override]
        """Begin an episode; returns the first observation."""
        return GymnasiumHalfCheetahEnv.reset(self)[0]

    def render(self, mode: str = 'human') -> Any:
        """Draw the cheetah in `mode`."""
        return self.mujoco_renderer.render(mode)

    def seed(self, seed: int | None = None) -> list[Any]:
        """Seed the random generator of the initial states."""
        self.np_random, used = seeding.np_random(seed)
        return [used]
