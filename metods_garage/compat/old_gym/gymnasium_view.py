"""A gymnasium environment, seen through the old gym API."""

from __future__ import annotations

import copy
from typing import Any

from metods_garage.compat.old_gym.core import Env

import gymnasium

# what classic control and box2d draw into; made again at the next `render`
_DRAWING = ('screen', 'surf', 'clock', 'window', 'viewer')


class GymnasiumView(Env):
    """Old-API view of a gymnasium environment.

    What is not found here (`set_task`, `max_path_length`, ...) is the inner environment's.

    Args:
        env: Environment to look at, with its wrappers.

    Attributes:
        ended_by_task: Whether the last step ended the episode for another reason than time.
    """

    def __init__(self, env: gymnasium.Env) -> None:
        self._gymnasium_env = env
        self._seed: int | None = None
        self.ended_by_task = False
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

    @action_space.setter
    def action_space(self, space: Any) -> None:
        self._gymnasium_env.action_space = space

    @property
    def observation_space(self) -> Any:  # type: ignore[override]
        """The inner environment's space of observations."""
        return self._gymnasium_env.observation_space

    @observation_space.setter
    def observation_space(self, space: Any) -> None:
        self._gymnasium_env.observation_space = space

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
        self.ended_by_task = False
        return self._gymnasium_env.reset(seed=seed)[0]

    def step(self, action: Any) -> tuple[Any, float, bool, dict[str, Any]]:
        """Take one step; `info` has 'TimeLimit.truncated' where time, not the task, ended it."""
        observation, reward, terminated, truncated, info = self._gymnasium_env.step(action)
        self.ended_by_task = bool(terminated)
        info = dict(info)
        if truncated and not terminated:
            info['TimeLimit.truncated'] = True
        return observation, float(reward), bool(terminated or truncated), info

    def render(self, mode: str = 'human') -> Any:
        """Draw the environment in `mode`, whatever mode it was made with.

        Raises:
            ValueError: If the environment has no such mode.
            RuntimeError: If a MuJoCo environment is to be shown where no display is.
        """
        if mode not in self.metadata['render.modes']:
            raise ValueError(f'render mode {mode!r} is not one of {self.metadata["render.modes"]}')
        inner: Any = self._gymnasium_env.unwrapped
        renderer = getattr(inner, 'mujoco_renderer', None)
        if renderer is not None:
            if mode == 'human':
                _require_display()
            return renderer.render(mode)
        inner.render_mode = mode
        try:
            return self._gymnasium_env.render()
        except gymnasium.error.ResetNeeded:
            return self._draw_before_reset(inner)

    def _draw_before_reset(self, inner: Any) -> Any:
        # gym drew an environment that was never reset, which gymnasium's wrappers refuse
        if getattr(inner, 'car', False) is None:  # CarRacing has no track yet
            self.reset()
        return inner.render()

    @property
    def viewer(self) -> Any:
        """What the environment is shown in; None before it is drawn and after it is closed."""
        inner: Any = self._gymnasium_env.unwrapped
        shown = [getattr(inner, name, None) for name in ('screen', 'window')]
        shown.append(getattr(getattr(inner, 'mujoco_renderer', None), 'viewer', None))
        return next((window for window in shown if window is not None), None)

    def close(self) -> None:
        """Close the inner environment, which can be drawn again afterwards."""
        self._gymnasium_env.close()
        inner: Any = self._gymnasium_env.unwrapped
        for name in _DRAWING:
            if inner.__dict__.get(name) is not None:
                setattr(inner, name, None)

    def seed(self, seed: int | None = None) -> list[Any]:
        """Have the next `reset` seed the environment, or its own `seed` if it has one."""
        own_seed = getattr(self._gymnasium_env.unwrapped, 'seed', None)
        if own_seed is not None and seed is not None:
            return own_seed(seed)  # Meta-World ignores the seed that `reset` is given
        self._seed = seed
        return [seed]

    def __getstate__(self) -> dict[str, Any]:
        """All of the view and its environment but the windows."""
        state = dict(self.__dict__)
        inner: Any = self._gymnasium_env.unwrapped
        drawn = {name: inner.__dict__[name] for name in _DRAWING if inner.__dict__.get(name)}
        if drawn:
            inner.__dict__.update(dict.fromkeys(drawn))
            state = copy.deepcopy(state)
            inner.__dict__.update(drawn)
        if _pickled_as_its_arguments(inner):
            state['simulation'] = simulation(inner)
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        state = dict(state)
        where_it_was = state.pop('simulation', None)
        self.__dict__.update(state)
        if where_it_was is not None:
            put_simulation(self._gymnasium_env.unwrapped, where_it_was)

    def __getattr__(self, name: str) -> Any:
        if name.startswith('_'):
            raise AttributeError(f'attempted to get missing private attribute {name!r}')
        return self._gymnasium_env.get_wrapper_attr(name)

    def __str__(self) -> str:
        return f'<OldAPI{self._gymnasium_env}>'


def _require_display() -> None:
    # without one, MuJoCo's window ends the whole process
    import glfw

    if not glfw.init():
        raise RuntimeError(
            "no display for MuJoCo's window: set DISPLAY, or draw with render mode 'rgb_array' "
            '(MUJOCO_GL=egl or osmesa needs none)'
        )


def _pickled_as_its_arguments(env: Any) -> bool:
    """Whether `env` is one of gymnasium's MuJoCo environments, whose copies start anew."""
    from gymnasium.utils.ezpickle import EzPickle

    return type(env).__getstate__ is EzPickle.__getstate__ and hasattr(env, 'mujoco_renderer')


def simulation(env: Any) -> dict[str, Any]:
    """Where the simulation and the random generator of a MuJoCo environment are."""
    from metods_garage.compat.mujoco_state import simulation_state, stale_arrays

    state, stale = simulation_state(env), stale_arrays(env)
    return {'state': state, 'stale': stale, 'np_random': env._np_random}


def put_simulation(env: Any, simulation: dict[str, Any]) -> None:
    """Put `env` where the environment was from which `simulation` was taken."""
    from metods_garage.compat.mujoco_state import set_simulation_state, set_stale_arrays

    set_simulation_state(env, simulation['state'])
    set_stale_arrays(env, simulation['stale'])
    env._np_random = simulation['np_random']


def old_api(env: Any) -> Any:
    """The old-API view of a gymnasium environment; anything else as it is."""
    if isinstance(env, gymnasium.Env) and not isinstance(env, Env):
        return GymnasiumView(env)
    return env
