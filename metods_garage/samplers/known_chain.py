"""The wrappers of an environment, where all of them are known: what a step need not go through."""

from dataclasses import dataclass
from typing import Any

from metods_garage.envs.episode_horizon import EpisodeHorizon
from metods_garage.envs.meta_rl_observation import MetaRLObservation
from metods_garage.envs.task_update import TaskUpdate

import akro
import gymnasium
from garage import Environment, EnvSpec
from garage.envs import GymEnv, TaskNameWrapper

# What these wrappers add to `env_info`; whoever asks for it needs the wrappers.
INFOS_OF_WRAPPERS = frozenset(
    {'GymEnv.TimeLimitTerminated', 'TimeLimit.truncated', 'task_id', 'task_name'}
)


@dataclass(frozen=True)
class KnownChain:
    """An environment that is a gymnasium one within wrappers of known behaviour.

    Outermost is a `MetaRLObservation`; within it are any of `EpisodeHorizon`, garage's
    TaskNameWrapper, and garage's GymEnv, as `TaskUpdate` and the launchers build them. At the start
    of an episode all of them are called. From step to step only the innermost environment is, and
    what they would have made of its answer is done for all trials at once (`LeanRows`).

    Attributes:
        env_spec: Specification of the whole.
        below_observation: The environment that MetaRLObservation is around.
        inner: The gymnasium environment.
    """

    env_spec: EnvSpec
    below_observation: Environment
    inner: gymnasium.Env

    @property
    def observation_shape(self) -> tuple[int, ...]:
        """Shape O* of the inner environment's observation."""
        return self.below_observation.observation_space.shape

    @property
    def action_size(self) -> int:
        """Size A of a flat action."""
        return self.env_spec.action_space.flat_dim

    @property
    def episode_limit(self) -> float:
        """Steps after which the wrappers end an episode; may be infinity."""
        limit = self.env_spec.max_episode_length
        return float('inf') if limit is None else limit


def known_chain(env: Any) -> KnownChain | None:
    """Look through the wrappers of an environment.

    Args:
        env: A garage environment.

    Returns:
        What is within; None if any wrapper or space is of another type, subclasses included.
    """
    if type(env) is not MetaRLObservation:
        return None
    below = layer = env._env
    while type(layer) is EpisodeHorizon or _names_its_task(layer):
        layer = layer._env
    if type(layer) is not GymEnv or layer._visualize or not _tells_timeouts():
        return None
    inner = layer._env.__dict__.get('_gymnasium_env')
    if inner is None:  # of the old gym API
        return None
    spaces = (below.observation_space, env.action_space)
    if type(spaces[0]) is not akro.Box or type(spaces[1]) not in (akro.Box, akro.Discrete):
        return None
    return KnownChain(env.spec, below, inner)


def _tells_timeouts() -> bool:
    """Whether our adjustment of GymEnv's step types, which can be switched off, is in place."""
    return hasattr(GymEnv.step, '__wrapped__')


def _names_its_task(layer: Any) -> bool:
    return isinstance(layer, TaskNameWrapper) and type(layer).step is TaskNameWrapper.step


def are_of_one_kind(updates: list[Any]) -> bool:
    """Whether environment updates build environments that differ in their task alone."""
    first = updates[0]
    return all(type(update) is TaskUpdate for update in updates) and all(
        update.env_type == first.env_type
        and update.task_name == first.task_name
        and update.horizon == first.horizon
        for update in updates[1:]
    )
