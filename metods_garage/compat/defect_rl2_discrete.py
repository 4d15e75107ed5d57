"""RL2 on discrete actions: the previous action is one-hot in the observation.

`RL2Env` sizes its observation by the shape of the action space, which is `()` for `Discrete`, and
concatenates the action itself, which NumPy refuses for a number; `RL2` then flattens the actions of
a trial that its inner algorithm flattens once more. Flattening through the spaces, once, gives
one-hot actions; for `Box` every number stays what it was.
"""

from types import ModuleType, SimpleNamespace
from typing import Any

from metods_garage.compat.adjustment import Adjustment, replace

import numpy as np


def _observe_flat_actions(module: ModuleType) -> None:
    def _create_rl2_obs_space(self: Any) -> Any:
        size = self._env.observation_space.flat_dim + self._env.action_space.flat_dim + 2
        return module.akro.Box(low=-np.inf, high=np.inf, shape=(size,))

    def observe(env: Any, state: Any, action: np.ndarray, reward: float, done: bool) -> np.ndarray:
        # o_t = [s_t, a_{t-1}, r_{t-1}, d_{t-1}]
        flat = env._env.observation_space.flatten(state)
        return np.concatenate([flat, action, [reward], [done]])

    def reset(self: Any) -> tuple[np.ndarray, dict[str, Any]]:
        state, episode_info = self._env.reset()
        no_action = np.zeros(self._env.action_space.flat_dim)
        return observe(self, state, no_action, 0, False), episode_info

    def step(self: Any, action: Any) -> Any:
        inner = self._env.step(action)
        flat = self._env.action_space.flatten(action)
        done = inner.step_type == module.StepType.TERMINAL
        return module.EnvStep(
            env_spec=self.spec,
            action=action,
            reward=inner.reward,
            observation=observe(self, inner.observation, flat, inner.reward, done),
            env_info=inner.env_info,
            step_type=inner.step_type,
        )

    replace(module.RL2Env, '_create_rl2_obs_space', _create_rl2_obs_space)
    replace(module.RL2Env, 'reset', reset)
    replace(module.RL2Env, 'step', step)


def _flatten_actions_once(module: ModuleType) -> None:
    # the method reads nothing of its `self` but this: the inner algorithm is left to flatten
    as_they_are = SimpleNamespace(
        _env_spec=SimpleNamespace(action_space=SimpleNamespace(flatten_n=np.asarray))
    )

    def _concatenate_episodes(self: Any, episode_list: list[Any]) -> Any:
        discrete = isinstance(self._env_spec.action_space, module.akro.Discrete)
        return concatenate(as_they_are if discrete else self, episode_list)

    concatenate = replace(module.RL2, '_concatenate_episodes', _concatenate_episodes)


def _rl2_discrete(module: ModuleType) -> None:
    _observe_flat_actions(module)
    _flatten_actions_once(module)


ADJUSTMENTS = (
    Adjustment(
        name='rl2-discrete',
        module='garage.tf.algos.rl2',
        apply=_rl2_discrete,
        reason='RL2Env concatenates a discrete action as it is, a 0-d array, which NumPy refuses, '
        'and RL2 flattens the actions that its inner algorithm flattens again.',
        upstream_issue='https://github.com/rlworkgroup/garage/issues/2214',
    ),
)
