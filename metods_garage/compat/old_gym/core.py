"""`gym.Env` and its wrappers, as gym 0.17 had them."""

from __future__ import annotations

from typing import Any


class Env:
    """An environment of the old API.

    As in gym 0.17, what a subclass does not define raises NotImplementedError when it is called:
    code written for gym relies on constructing such environments.

    Attributes:
        metadata: `metadata['render.modes']` lists what `render` takes.
        action_space: Space of the actions.
        observation_space: Space of the observations.
        spec: How the environment was registered, or None.
    """

    metadata: dict[str, Any] = {'render.modes': []}
    reward_range = (-float('inf'), float('inf'))
    spec: Any = None
    action_space: Any = None
    observation_space: Any = None

    def step(self, action: Any) -> tuple[Any, float, bool, dict[str, Any]]:
        """Take one step; returns observation, reward, done and info."""
        raise NotImplementedError(f'{type(self).__name__} has no step')

    def reset(self) -> Any:
        """Begin an episode; returns the first observation."""
        raise NotImplementedError(f'{type(self).__name__} has no reset')

    def render(self, mode: str = 'human') -> Any:
        """Draw the environment; returns what `mode` promises."""
        raise NotImplementedError(f'{type(self).__name__} has no render')

    def close(self) -> None:
        """Free what the environment holds."""

    def seed(self, seed: int | None = None) -> list[Any]:
        """Seed the environment's random generators; returns the seeds."""
        del seed
        return []

    @property
    def unwrapped(self) -> Any:
        """The environment without its wrappers."""
        return self

    def __enter__(self) -> Env:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __str__(self) -> str:
        if self.spec is None:
            return f'<{type(self).__name__} instance>'
        return f'<{type(self).__name__}<{self.spec.id}>>'


class Wrapper(Env):
    """An environment around another: what it does not define is the inner one's.

    Args:
        env: Environment to wrap, of the old API or of gymnasium.
    """

    def __init__(self, env: Any) -> None:
        from metods_garage.compat.old_gym.gymnasium_view import old_api

        self.env = env = old_api(env)
        # assigned, not looked up, because subclasses of gym 0.17's define setters for these
        self.action_space = env.action_space
        self.observation_space = env.observation_space
        self.reward_range = env.reward_range
        self.metadata = env.metadata

    def __getattr__(self, name: str) -> Any:
        if name.startswith('_') or name == 'env':
            raise AttributeError(f'attempted to get missing private attribute {name!r}')
        return getattr(self.env, name)

    @property
    def spec(self) -> Any:  # type: ignore[override]
        """How the inner environment was registered, or None."""
        return self.env.spec

    @property
    def unwrapped(self) -> Any:
        """The innermost environment."""
        return self.env.unwrapped

    def step(self, action: Any) -> tuple[Any, float, bool, dict[str, Any]]:
        """Take one step of the inner environment."""
        return self.env.step(action)

    def reset(self, **kwargs: Any) -> Any:
        """Reset the inner environment."""
        return self.env.reset(**kwargs)

    def render(self, mode: str = 'human', **kwargs: Any) -> Any:
        """Draw the inner environment."""
        return self.env.render(mode, **kwargs)

    def close(self) -> None:
        """Close the inner environment."""
        self.env.close()

    def seed(self, seed: int | None = None) -> list[Any]:
        """Seed the inner environment."""
        return self.env.seed(seed)

    def __str__(self) -> str:
        return f'<{type(self).__name__}{self.env}>'


class ObservationWrapper(Wrapper):
    """A wrapper that changes observations only."""

    def reset(self, **kwargs: Any) -> Any:
        """Reset the inner environment."""
        return self.observation(self.env.reset(**kwargs))

    def step(self, action: Any) -> tuple[Any, float, bool, dict[str, Any]]:
        """Take one step of the inner environment."""
        observation, reward, done, info = self.env.step(action)
        return self.observation(observation), reward, done, info

    def observation(self, observation: Any) -> Any:
        """The observation to give instead of the inner environment's."""
        raise NotImplementedError(f'{type(self).__name__} has no observation')


class RewardWrapper(Wrapper):
    """A wrapper that changes rewards only."""

    def step(self, action: Any) -> tuple[Any, float, bool, dict[str, Any]]:
        """Take one step of the inner environment."""
        observation, reward, done, info = self.env.step(action)
        return observation, self.reward(reward), done, info

    def reward(self, reward: float) -> float:
        """The reward to give instead of the inner environment's."""
        raise NotImplementedError(f'{type(self).__name__} has no reward')


class ActionWrapper(Wrapper):
    """A wrapper that changes actions only."""

    def step(self, action: Any) -> tuple[Any, float, bool, dict[str, Any]]:
        """Take one step of the inner environment."""
        return self.env.step(self.action(action))

    def action(self, action: Any) -> Any:
        """The action to take in the inner environment instead."""
        raise NotImplementedError(f'{type(self).__name__} has no action')
