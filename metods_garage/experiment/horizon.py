"""Environments as a protocol wants them, whatever else a method wraps around them."""

from typing import Any

from metods_garage.envs import EpisodeHorizon, MaskedReward, MetaRLObservation
from metods_garage.envs.task_update import EnvWrapper
from metods_garage.experiment.protocol import Protocol

from garage import Environment


def within_horizon(protocol: Protocol, wrapper: EnvWrapper | None = None) -> EnvWrapper:
    """Cut episodes at the protocol's horizon, then wrap them as the method wants.

    Args:
        protocol: The protocol.
        wrapper: The method's own wrapper, called with environment and task; or None.

    Returns:
        A wrapper for a benchmark's task sampler and for evaluators.

    """

    def wrap(env: Environment, task: Any) -> Environment:
        if protocol.horizon is not None:
            env = EpisodeHorizon(env, protocol.horizon)
        return env if wrapper is None else wrapper(env, task)

    return wrap


def observing_trials(protocol: Protocol, *, mask_reward: bool = False) -> EnvWrapper:
    """What recurrent policies see under a protocol: [s_t, a_{t-1}, r_{t-1}, d_{t-1}].

    Args:
        protocol: The protocol.
        mask_reward: Whether r_{t-1} is 0 at all times.

    Returns:
        A wrapper for a benchmark's task sampler and for evaluators.

    """

    def observe(env: Environment, _task: Any) -> Environment:
        env = MetaRLObservation(env)
        return MaskedReward(env) if mask_reward else env

    return within_horizon(protocol, observe)
