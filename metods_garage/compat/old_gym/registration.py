"""`gym.make` and the registry, over gymnasium's."""

from __future__ import annotations

import warnings
from typing import Any

from metods_garage.compat.old_gym.gymnasium_view import old_api

import gymnasium
from gymnasium import register
from gymnasium.envs.registration import EnvSpec

__all__ = ['make', 'register', 'registry', 'spec', 'successor']

# Pusher-v4 refuses MuJoCo 3
_SUCCESSORS = {'Pusher-v2': 'Pusher-v5'}


def successor(env_id: str) -> str:
    """The id under which gymnasium has the environment that gym 0.17 called `env_id`."""
    if env_id in _SUCCESSORS:
        return _SUCCESSORS[env_id]
    if env_id not in gymnasium.registry:
        return _next_version(env_id)
    name, _, version = env_id.rpartition('-v')
    if version not in ('1', '2', '3'):
        return env_id
    for newer in ('4', '5'):  # version 4 is the same task on the new bindings
        spec = gymnasium.registry.get(f'{name}-v{newer}')
        if spec is not None and 'gymnasium.envs.mujoco' in str(spec.entry_point):
            return spec.id
    return env_id


def _next_version(env_id: str) -> str:
    """The first registered version above `env_id`; `env_id` itself where there is none."""
    name, _, version = env_id.rpartition('-v')
    if not version.isdecimal():
        return env_id
    newer = {
        spec.version: spec.id
        for spec in gymnasium.registry.values()
        if spec.name == name and spec.namespace is None and (spec.version or 0) > int(version)
    }
    return newer[min(newer, key=lambda number: number or 0)] if newer else env_id


def make(env_id: str, **kwargs: Any) -> Any:
    """The environment `env_id`, or its successor, seen through the old API."""
    with warnings.catch_warnings():
        # gymnasium recommends version 5 to those who ask for an older one
        warnings.filterwarnings('ignore', message='.*is out of date.*')
        return old_api(gymnasium.make(successor(env_id), disable_env_checker=True, **kwargs))


def spec(env_id: str) -> EnvSpec:
    """How `env_id`, or its successor, is registered."""
    return gymnasium.spec(successor(env_id))


class Registry:
    """The environments that can be made, in the form of gym 0.17's registry."""

    def all(self) -> Any:
        """The specs of all registered environments."""
        return gymnasium.registry.values()

    @property
    def env_specs(self) -> dict[str, EnvSpec]:
        """The specs by id."""
        return gymnasium.registry

    def make(self, env_id: str, **kwargs: Any) -> Any:
        """See `make`."""
        return make(env_id, **kwargs)

    def spec(self, env_id: str) -> EnvSpec:
        """See `spec`."""
        return spec(env_id)


registry = Registry()
