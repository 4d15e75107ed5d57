"""Episodes that end at a horizon of the experimenter's choice."""

from typing import Any

import numpy as np
from garage import Environment, EnvSpec, EnvStep, StepType, Wrapper


class EpisodeHorizon(Wrapper):
    """Ends an episode with a timeout after `horizon` steps.

    Args:
        env: The environment.
        horizon: Steps to an episode; it becomes the specification's `max_episode_length`.

    Raises:
        ValueError: If `horizon` is below 1 or beyond the environment's own limit.
    """

    def __init__(self, env: Environment, horizon: int):
        super().__init__(env)
        limit = env.spec.max_episode_length
        if horizon < 1 or (limit is not None and horizon > limit):
            raise ValueError(
                f'horizon={horizon} is not possible here: the environment ends its episodes at '
                f'{limit} steps; choose a whole number from 1 to {limit}'
            )
        self._horizon = horizon
        self._n_steps: int | None = None
        self._spec = EnvSpec(
            observation_space=env.spec.observation_space,
            action_space=env.spec.action_space,
            max_episode_length=horizon,
        )

    @property
    def spec(self) -> EnvSpec:
        """The environment's specification with the horizon as `max_episode_length`."""
        return self._spec

    def reset(self) -> tuple[np.ndarray, dict[str, Any]]:
        """Start an episode.

        Returns:
            The observation [O*] and the episode's info.
        """
        self._n_steps = 0
        return self._env.reset()

    def step(self, action: np.ndarray) -> EnvStep:
        """Take a step.

        Args:
            action: The agent's action, [A*].

        Returns:
            The step, of type TIMEOUT if it is the last one that the horizon allows and the
            environment did not end by itself.

        Raises:
            RuntimeError: If the episode is over or none was started.
        """
        if self._n_steps is None:
            raise RuntimeError('reset() must be called before step()')
        env_step = self._env.step(action)
        self._n_steps += 1
        step_type, info = env_step.step_type, env_step.env_info
        if self._n_steps == self._horizon and step_type != StepType.TERMINAL:
            step_type = StepType.TIMEOUT
            if 'TimeLimit.truncated' in info:
                info = {**info, 'TimeLimit.truncated': True}
        if step_type in (StepType.TERMINAL, StepType.TIMEOUT):
            self._n_steps = None
        return EnvStep(
            env_spec=self._spec,
            action=env_step.action,
            reward=env_step.reward,
            observation=env_step.observation,
            env_info=info,
            step_type=step_type,
        )
