"""A gymnasium environment, seen through the old gym API."""

from __future__ import annotations

from typing import Any

import gymnasium

from metods_garage.compat.old_gym.core import Env


class GymnasiumView(Env):
    """Old-API view of a gymnasium environment.

    What is not found here (`set_task`, `max_path_length`, ...) is the inner environment's.

    Args:
        env: Environment to look at, with its wrappers.
    """

    def __init__(self, env: gymnasium.Env) -> None:
        self._gymnasium_env = env
        self._seed: int | None = None
        self.metadata = {
            **env.metadata,
            'render.modes': list(env.metadata.get('render_modes') or []),
        }
        if env.spec is not None and env.spec.max_episode_steps:
            # what gym's TimeLimit carried, and garage looks for
            self._max_episode_steps = env.spec.max_episode_steps

    # spaces may change with the task, so they are looked up each time

    @property
    def action_space(self) -> Any:  # type: ignore[override]
        """The inner environment's space of actions."""
        return self._gymnasium_env.action_space

    @property
    def observation_space(self) -> Any:  # type: ignore[override]
        """The inner environment's space of observations."""
        return self._gymnasium_env.observation_space

    @property
    def spec(self) -> Any:  # type: ignore[override]
        """How the inner environment was registered, or None."""
        return self._gymnasium_env.spec

    @property
    def unwrapped(self) -> Any:
        """The gymnasium environment without its wrappers."""
        return self._gymnasium_env.unwrapped

    def reset(self) -> Any:
        """Begin an episode, with the seed given to `seed` since the last one, if any."""
        seed, self._seed = self._seed, None
        return self._gymnasium_env.reset(seed=seed)[0]

    def step(self, action: Any) -> tuple[Any, float, bool, dict[str, Any]]:
        """Take one step; `info` has 'TimeLimit.truncated' where time, not the task, ended it."""
        observation, reward, terminated, truncated, info = self._gymnasium_env.step(action)
        info = dict(info)
        if truncated and not terminated:
            info['TimeLimit.truncated'] = True
        return observation, float(reward), bool(terminated or truncated), info

    def render(self, mode: str = 'human') -> Any:
        """Draw the environment in `mode`, whatever mode it was made with.

        Raises:
            ValueError: If the environment has no such mode.
        """
        if mode not in self.metadata['render.modes']:
            raise ValueError(
                f'render mode {mode!r} is not one of {self.metadata["render.modes"]}'
            )
        inner = self._gymnasium_env.unwrapped
        renderer = getattr(inner, 'mujoco_renderer', None)
        if renderer is not None:
            return renderer.render(mode)
        inner.render_mode = mode
        return self._gymnasium_env.render()

    def close(self) -> None:
        self._gymnasium_env.close()

    def seed(self, seed: int | None = None) -> list[Any]:
        """Have the next `reset` seed the environment."""
        self._seed = seed
        return [seed]

    def __getattr__(self, name: str) -> Any:
        if name.startswith('_'):
            raise AttributeError(f'attempted to get missing private attribute {name!r}')
        return self._gymnasium_env.get_wrapper_attr(name)

    def __str__(self) -> str:
        return f'<OldAPI{self._gymnasium_env}>'


def old_api(env: Any) -> Any:
    """The old-API view of a gymnasium environment; anything else as it is."""
    if isinstance(env, gymnasium.Env) and not isinstance(env, Env):
        return GymnasiumView(env)
    return env
