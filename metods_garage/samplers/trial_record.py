"""What a worker writes down while its trials run side by side."""

import copy
from collections.abc import Sequence
from typing import Any

from metods_garage.samplers.trial_slot import TrialSlot

import numpy as np
from garage import EnvSpec, EnvStep, EpisodeBatch, StepType


class TrialRecord:
    """Rows of B trials, one row for each step that the batch takes.

    Trials may differ in length: a finished one repeats its last entries, which `episodes` leaves
    out.

    Args:
        slots: The B trials.
        info_keys: Entries of `env_info` to keep, which have to be numbers.
    """

    def __init__(self, slots: Sequence[TrialSlot], info_keys: Sequence[str]):
        self._slots = slots
        self._observations: list[np.ndarray] = []
        self._actions: list[np.ndarray] = []
        self._agent_infos: list[dict[str, np.ndarray]] = []
        self._rewards: list[np.ndarray] = []
        self._step_types: list[np.ndarray] = []
        self._env_infos: dict[str, list[np.ndarray]] = {key: [] for key in info_keys}

    def add_decision(
        self, observations: np.ndarray, actions: np.ndarray, agent_infos: dict[str, np.ndarray]
    ) -> None:
        """Write down what the policy saw and did.

        Args:
            observations: [B, O*].
            actions: [B, A*].
            agent_infos: Arrays [B, ...].
        """
        self._observations.append(observations)
        self._actions.append(actions)
        self._agent_infos.append(agent_infos)
        self._rewards.append(np.zeros(len(self._slots)))
        self._step_types.append(np.full(len(self._slots), StepType.MID, dtype=StepType))
        for column in self._env_infos.values():
            column.append(np.full(len(self._slots), np.nan))

    def add_outcome(self, row: int, env_step: EnvStep) -> None:
        """Write down what came of it in one trial.

        Args:
            row: Which of the B trials.
            env_step: The environment's answer.
        """
        self._rewards[-1][row] = env_step.reward
        self._step_types[-1][row] = env_step.step_type
        for key, column in self._env_infos.items():
            if key in env_step.env_info:
                column[-1][row] = _number(key, env_step.env_info[key])

    def episodes(self, env_spec: EnvSpec) -> EpisodeBatch:
        """The record as a garage batch.

        Args:
            env_spec: Specification of the environments.

        Returns:
            All episodes, trial by trial, with `episode_infos` 'trial' and 'episode'. An entry of
            `env_infos` is NaN on steps without it, for `without_unreported` to settle once all
            trials are together: another worker's may have it.
        """
        lengths = np.array([sum(slot.lengths) for slot in self._slots])
        valid = np.arange(len(self._rewards)) < lengths[:, np.newaxis]  # [B, T]

        def flat(rows: list[np.ndarray]) -> np.ndarray:
            return np.stack(rows, axis=1)[valid]

        return EpisodeBatch(
            env_spec=env_spec,
            episode_infos=self._episode_infos(),
            observations=flat(self._observations),
            last_observations=np.stack(
                [last for slot in self._slots for last in slot.last_observations]
            ),
            actions=flat(self._actions),
            rewards=flat(self._rewards),
            env_infos={key: flat(column) for key, column in self._env_infos.items()},
            agent_infos={
                key: flat([infos[key] for infos in self._agent_infos])
                for key in self._agent_infos[0]
            },
            step_types=flat(self._step_types),
            lengths=np.array([length for slot in self._slots for length in slot.lengths]),
        )

    def _episode_infos(self) -> dict[str, np.ndarray]:
        numbered = [
            (slot.trial, episode) for slot in self._slots for episode in range(len(slot.lengths))
        ]
        trial, episode = np.array(numbered).T
        return {'trial': trial, 'episode': episode}


def empty_episodes(
    env_spec: EnvSpec, agent_infos: dict[str, np.ndarray], info_keys: Sequence[str]
) -> EpisodeBatch:
    """A batch of no episode, for the worker of a sampler that has more workers than trials.

    garage's constructor refuses it because it looks at the first step to check shapes; its
    `EpisodeBatch.concatenate` takes it.

    Args:
        env_spec: Specification of the environment.
        agent_infos: What the policy returns for any number of trials, for its keys and shapes.
        info_keys: Entries of `env_infos`.

    Returns:
        The batch.
    """
    observation_space, action_space = env_spec.observation_space, env_spec.action_space
    observations = np.zeros((0, *observation_space.shape), dtype=observation_space.dtype)
    number = np.zeros(0)
    fields: dict[str, Any] = {
        'env_spec': env_spec,
        'episode_infos_by_episode': {
            'trial': np.zeros(0, dtype=int),
            'episode': np.zeros(0, dtype=int),
        },
        'observations': observations,
        'last_observations': observations,
        'actions': np.zeros((0, *action_space.shape), dtype=action_space.dtype),
        'rewards': number,
        'env_infos': {key: number for key in info_keys},
        'agent_infos': {key: value[:0] for key, value in agent_infos.items()},
        'step_types': np.zeros(0, dtype=StepType),
        'lengths': np.zeros(0, dtype=int),
    }
    batch = EpisodeBatch.__new__(EpisodeBatch)
    for name, value in fields.items():
        object.__setattr__(batch, name, value)
    return batch


def without_unreported(episodes: EpisodeBatch) -> EpisodeBatch:
    """Drop the `env_infos` that no environment reported.

    Args:
        episodes: From `TrialRecord.episodes`, or a concatenation of such batches.

    Returns:
        A batch without them, and with zeros on the steps without one of the other entries.
    """
    settled = copy.copy(episodes)
    env_infos = {
        key: np.where(np.isnan(column), 0.0, column)
        for key, column in episodes.env_infos.items()
        if not np.isnan(column).all()
    }
    object.__setattr__(settled, 'env_infos', env_infos)  # the dataclass is frozen
    return settled


def _number(key: str, value: Any) -> float:
    if np.ndim(value) != 0:
        raise ValueError(
            f'env_info[{key!r}] has shape {np.shape(value)}; TrialWorker keeps numbers only: leave '
            'it out of info_keys'
        )
    return float(value)
