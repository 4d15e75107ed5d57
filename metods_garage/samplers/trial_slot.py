"""One environment and the trial that runs in it."""

from typing import Any

from metods_garage.samplers.trial_update import TrialUpdate

import numpy as np
from garage import Environment, EnvStep, StepType
from garage.sampler import EnvUpdate, _apply_env_update


class TrialSlot:
    """A place in a worker's batch: an environment, kept from trial to trial, and one trial.

    The trial has two random streams of its own, both derived from the seed of its `TrialUpdate`:
    `generator` for the actions, and the seed that the environment is given at the trial's start.

    Attributes:
        env: The environment, None before the first trial.
        trial: Number of the trial.
        n_episodes: Episodes of the trial.
        generator: The action stream.
        observation: What the agent sees next, [O*].
        active: Whether the trial goes on.
        lengths: Lengths of the finished episodes.
        last_observations: What was seen after the last step of each finished episode.
    """

    def __init__(self) -> None:
        self.env: Environment | None = None
        self.task_name = 'environment'

    @property
    def place(self) -> str:
        """Where in its trial the slot is, for errors."""
        return (
            f'in trial {self.trial}, episode {len(self.lengths)}, after step {self._n_steps} '
            '(counted from 0 and 1)'
        )

    def apply(self, env_update: EnvUpdate | Environment | None) -> None:
        """Set the task.

        Args:
            env_update: As in `TrialUpdate`.
        """
        self.env, changed = _apply_env_update(self.env, env_update)
        if changed:
            inner = type(getattr(self.env, 'unwrapped', self.env)).__name__
            self.task_name = getattr(env_update, 'task_name', inner)

    def start(self, update: TrialUpdate, n_episodes: int, max_episode_length: float) -> None:
        """Set the task and start the trial's first episode.

        Args:
            update: The trial.
            n_episodes: Its number of episodes.
            max_episode_length: Steps after which an episode ends by timeout.
        """
        self.trial = update.trial
        self.n_episodes = n_episodes
        self.lengths: list[int] = []
        self.last_observations: list[np.ndarray] = []
        self._max_episode_length = max_episode_length
        self._n_steps = 0
        self.apply(update.env_update)
        if self.env is None:
            raise ValueError(
                f'trial {update.trial} has no environment: give its TrialUpdate an env_update, or '
                'the sampler an environment'
            )
        self.generator = seed_trial(update.seed, self.env)
        _call_if_there(self.env, 'begin_trial')
        self.observation = self._reset()
        self.active = True

    def step(self, action: np.ndarray) -> EnvStep:
        """Take a step, and start the next episode if it was the last one of its episode.

        Args:
            action: What the agent does, [A*].

        Returns:
            The step. Its type is TIMEOUT where `max_episode_length` ended the episode.
        """
        assert self.env is not None
        env_step = self.env.step(action)
        self._n_steps += 1
        self.observation = np.asarray(env_step.observation)
        self._check_finite(env_step.reward)
        if self._n_steps >= self._max_episode_length and not env_step.last:
            env_step.step_type = StepType.TIMEOUT
        if env_step.last:
            self._finish_episode()
        return env_step

    def close(self) -> None:
        """Free the environment."""
        if self.env is not None:
            self.env.close()
            self.env = None

    def _finish_episode(self) -> None:
        self.lengths.append(self._n_steps)
        self.last_observations.append(self.observation)
        self._n_steps = 0
        self.active = len(self.lengths) < self.n_episodes
        if self.active:
            self.observation = self._reset()
        else:
            _call_if_there(self.env, 'end_trial')

    def _reset(self) -> np.ndarray:
        assert self.env is not None
        self.observation = np.asarray(self.env.reset()[0])
        self._check_finite(reward=0.0)
        return self.observation

    def _check_finite(self, reward: float) -> None:
        if np.isfinite(self.observation).all() and np.isfinite(reward):
            return
        what = 'observation' if np.isfinite(reward) else 'reward'
        raise FloatingPointError(
            f'{self.task_name} gave a {what} that is not finite {self.place}: '
            f'observation {self.observation}, reward {reward}'
        )


def seed_trial(seed: int, env: Environment) -> np.random.Generator:
    """Start the two random streams of a trial, that of its environment and that of its actions.

    Args:
        seed: Seed of the trial.
        env: Its environment, given a seed of its own if it takes one.

    Returns:
        The generator of the actions.
    """
    actions, environment = np.random.SeedSequence(seed).spawn(2)
    _call_if_there(env, 'seed', int(environment.generate_state(1)[0]))
    return np.random.default_rng(actions)


def _call_if_there(env: Any, name: str, *args: Any) -> None:
    method = getattr(env, name, None)
    if method is not None:
        method(*args)
