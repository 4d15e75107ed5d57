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
        n_steps: Steps taken of the episode.
        generator: The action stream.
        observation: What the agent sees next, [O*].
        active: Whether the trial goes on.
        lengths: Lengths of the finished episodes.
        last_observations: What was seen after the last step of each finished episode.
    """

    def __init__(self) -> None:
        self.env: Environment | None = None
        self.task_name = 'environment'

    def apply(self, env_update: EnvUpdate | Environment | None) -> None:
        """Set the task.

        Args:
            env_update: As in `TrialUpdate`.
        """
        self.env, changed = _apply_env_update(self.env, env_update)
        if changed:
            inner = type(getattr(self.env, 'unwrapped', self.env)).__name__
            self.task_name = getattr(env_update, 'task_name', inner)

    def begin(self, update: TrialUpdate, n_episodes: int, max_episode_length: float) -> int:
        """Begin a trial in the slot's books, and its action stream.

        Args:
            update: The trial.
            n_episodes: Its number of episodes.
            max_episode_length: Steps after which an episode ends by timeout.

        Returns:
            The seed of its environment.
        """
        self.trial = update.trial
        self.n_episodes = n_episodes
        self.max_episode_length = max_episode_length
        self.lengths: list[int] = []
        self.last_observations: list[np.ndarray] = []
        self.n_steps = 0
        self.active = True
        self.generator, environment_seed = trial_streams(update.seed)
        return environment_seed

    def start(self, update: TrialUpdate, n_episodes: int, max_episode_length: float) -> None:
        """Set the task and start the trial's first episode.

        Args:
            update: The trial.
            n_episodes: Its number of episodes.
            max_episode_length: Steps after which an episode ends by timeout.
        """
        environment_seed = self.begin(update, n_episodes, max_episode_length)
        self.apply(update.env_update)
        if self.env is None:
            raise ValueError(
                f'trial {update.trial} has no environment: give its TrialUpdate an env_update, or '
                'the sampler an environment'
            )
        _call_if_there(self.env, 'seed', environment_seed)
        _call_if_there(self.env, 'begin_trial')
        self.reset()

    def step(self, action: np.ndarray) -> EnvStep:
        """Take a step, and start the next episode if it was the last one of its episode.

        Args:
            action: What the agent does, [A*].

        Returns:
            The step. Its type is TIMEOUT where `max_episode_length` ended the episode.
        """
        assert self.env is not None
        env_step = self.env.step(action)
        self.n_steps += 1
        self.observation = np.asarray(env_step.observation)
        self.check_finite(self.observation, env_step.reward)
        if self.n_steps >= self.max_episode_length and not env_step.last:
            env_step.step_type = StepType.TIMEOUT
        if env_step.last:
            self.finish_episode(self.observation)
            if self.active:
                self.reset()
        return env_step

    def finish_episode(self, last_observation: np.ndarray) -> None:
        """Enter an episode that is over, and end the trial if it was its last one.

        Args:
            last_observation: What was seen after its last step, [O*].
        """
        self.lengths.append(self.n_steps)
        self.last_observations.append(last_observation)
        self.n_steps = 0
        self.active = len(self.lengths) < self.n_episodes
        if not self.active:
            _call_if_there(self.env, 'end_trial')

    def reset(self) -> None:
        """Start an episode."""
        assert self.env is not None
        self.observation = np.asarray(self.env.reset()[0])
        self.check_finite(self.observation, 0.0)

    def check_finite(self, observation: np.ndarray, reward: float) -> None:
        """Refuse what no policy can learn from.

        Args:
            observation: [O*].
            reward: The reward that came with it.

        Raises:
            FloatingPointError: If one is NaN or infinite; says where in the trial.
        """
        if np.isfinite(observation).all() and np.isfinite(reward):
            return
        what = 'observation' if np.isfinite(reward) else 'reward'
        raise FloatingPointError(
            f'{self.task_name} gave a {what} that is not finite {self.place}: '
            f'observation {observation}, reward {reward}'
        )

    @property
    def place(self) -> str:
        """Where in its trial the slot is, for errors."""
        return (
            f'in trial {self.trial}, episode {len(self.lengths)}, after step {self.n_steps} '
            '(counted from 0 and 1)'
        )

    def close(self) -> None:
        """Free the environment."""
        if self.env is not None:
            self.env.close()
            self.env = None


def diverged(agent_name: str, what: str, place: str, values: np.ndarray) -> FloatingPointError:
    """The error of a policy that gave something that is not finite.

    Args:
        agent_name: Class of the policy.
        what: What it gave.
        place: Where in its trial.
        values: What was given there.
    """
    return FloatingPointError(
        f'{agent_name} gave a {what} that is not finite {place}: {values}. The policy has '
        f'diverged, in its parameters or in its memory'
    )


def trial_streams(seed: int) -> tuple[np.random.Generator, int]:
    """The two random streams of a trial.

    Args:
        seed: Seed of the trial.

    Returns:
        The generator of its actions, and the seed of its environment.
    """
    actions, environment = np.random.SeedSequence(seed).spawn(2)
    return np.random.default_rng(actions), int(environment.generate_state(1)[0])


def seed_trial(seed: int, env: Environment) -> np.random.Generator:
    """Start the two random streams of a trial, that of its environment and that of its actions.

    Args:
        seed: Seed of the trial.
        env: Its environment, given a seed of its own if it takes one.

    Returns:
        The generator of the actions.
    """
    generator, environment_seed = trial_streams(seed)
    _call_if_there(env, 'seed', environment_seed)
    return generator


def _call_if_there(env: Any, name: str, *args: Any) -> None:
    method = getattr(env, name, None)
    if method is not None:
        method(*args)
