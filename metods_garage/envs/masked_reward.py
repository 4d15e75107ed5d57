"""A recurrent agent that is not told what its actions paid."""

import dataclasses

from metods_garage.envs.meta_rl_observation import MetaRLObservation

import numpy as np
from garage import Environment, EnvStep, Wrapper


class MaskedReward(Wrapper):
    """Shows 0 in the place of the last reward (N, ablations), and pays the reward as ever.

    Args:
        env: A `MetaRLObservation`, which may be wrapped.

    Raises:
        TypeError: If there is no reward among the observations of `env`.
    """

    def __init__(self, env: Environment):
        super().__init__(env)
        inner = env
        while not isinstance(inner, MetaRLObservation):
            if not isinstance(inner, Wrapper):
                raise TypeError(
                    f'{type(env).__name__} shows no reward that could be masked: wrap its '
                    'environment in a MetaRLObservation'
                )
            inner = inner._env
        self._reward_entry = inner.reward_entry

    def reset(self) -> tuple[np.ndarray, dict]:
        """Start an episode; see `MetaRLObservation.reset`."""
        observation, episode_info = self._env.reset()
        return self._masked(observation), episode_info

    def step(self, action: np.ndarray) -> EnvStep:
        """Take a step; see `MetaRLObservation.step`."""
        env_step = self._env.step(action)
        return dataclasses.replace(env_step, observation=self._masked(env_step.observation))

    def _masked(self, observation: np.ndarray) -> np.ndarray:
        observation = observation.copy()
        observation[self._reward_entry] = 0
        return observation
