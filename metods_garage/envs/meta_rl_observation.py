"""The observation of a recurrent meta-RL policy, [s_t, a_{t-1}, r_{t-1}, d_{t-1}]."""

from typing import Any

import akro
import numpy as np
from garage import Environment, EnvSpec, EnvStep, Wrapper


class MetaRLObservation(Wrapper):
    """Appends the last action, reward and done flag to what an environment shows.

    At the start of a trial the three are zeros. At the start of each later episode of the trial
    they are those of the last step of the episode before, so that an agent sees the reward that
    ended an episode. The action is the one that the agent sent, one-hot if it is discrete. The
    done flag is 1 after every last step, terminal or timeout.

    Without `begin_trial` an episode is a trial, as everywhere in plain garage. garage's workers do
    not call it, `TrialWorker` does: with any other worker, and so in a `MetaEvaluator` that is not
    given `worker_class=TrialWorker`, a policy that was trained on trials of several episodes sees
    zeros where it is used to the end of the episode before; see
    :class:`~metods_garage.samplers.TrialWorker`.

    Args:
        env: The environment, with an observation of any shape O* and Box or Discrete actions.
        include_done: Whether d_{t-1} is part of the observation.
    """

    def __init__(self, env: Environment, include_done: bool = True):
        super().__init__(env)
        self._include_done = include_done
        self._in_trial = False
        self._stepped = False
        n_appended = env.action_space.flat_dim + (2 if include_done else 1)
        # a_{t-1}, r_{t-1} and d_{t-1}, in this order. Always replaced and never written into: in a
        # copy that was sent through Ray arrays are read-only.
        self._previous = np.zeros(n_appended, dtype=np.float32)
        width = env.observation_space.flat_dim + n_appended
        self._spec = EnvSpec(
            observation_space=akro.Box(-np.inf, np.inf, shape=(width,), dtype=np.float32),
            action_space=env.action_space,
            max_episode_length=env.spec.max_episode_length,
        )

    @property
    def observation_space(self) -> akro.Space:
        """The space of the flat float32 observation, [O + A + 1] or [O + A + 2]."""
        return self._spec.observation_space

    @property
    def spec(self) -> EnvSpec:
        """The specification with the observation that this wrapper makes."""
        return self._spec

    @property
    def reward_entry(self) -> int:
        """Where in the observation r_{t-1} is, counted from its end: -2, or -1 without d_{t-1}."""
        return -2 if self._include_done else -1

    def begin_trial(self) -> None:
        """Forget the last action, reward and done; keep them over the resets that follow."""
        self._in_trial = True
        self._forget()

    def end_trial(self) -> None:
        """Let every reset start from zeros again."""
        self._in_trial = False

    def reset(self) -> tuple[np.ndarray, dict[str, Any]]:
        """Start an episode.

        Returns:
            The observation [O + A + 2] and the episode's info.
        """
        observation, episode_info = self._env.reset()
        if not self._in_trial:
            self._forget()
        elif self._stepped and self._include_done:
            # also where a sampler's own limit ended the episode
            self._previous = np.append(self._previous[:-1], np.float32(1))
        return self._augmented(observation), episode_info

    def step(self, action: np.ndarray) -> EnvStep:
        """Take a step.

        Args:
            action: The agent's action, [A*].

        Returns:
            The step, its observation augmented by what was just done and received.
        """
        env_step = self._env.step(action)
        self._remember(action, env_step)
        return EnvStep(
            env_spec=self._spec,
            action=env_step.action,
            reward=env_step.reward,
            observation=self._augmented(env_step.observation),
            env_info=env_step.env_info,
            step_type=env_step.step_type,
        )

    def _forget(self) -> None:
        self._previous = np.zeros_like(self._previous)
        self._stepped = False

    def _remember(self, action: np.ndarray, env_step: EnvStep) -> None:
        self._stepped = True
        done = [env_step.last] if self._include_done else []
        self._previous = np.concatenate(
            (self.action_space.flatten(action), [env_step.reward], done), dtype=np.float32
        )

    def _augmented(self, observation: np.ndarray) -> np.ndarray:
        flat = self._env.observation_space.flatten(observation)
        return np.concatenate((flat, self._previous), dtype=np.float32, casting='same_kind')
