"""What a worker writes down while its trials run side by side."""

import copy
from collections.abc import Sequence
from typing import Any

from metods_garage.samplers.trial_rows import Outcome
from metods_garage.samplers.trial_slot import TrialSlot

import numpy as np
from garage import EnvSpec, EpisodeBatch, StepType

_FIRST_CAPACITY = 512  # steps; it doubles when it is used up

# garage's StepType by its value
STEP_TYPES = np.empty(len(StepType), dtype=StepType)
STEP_TYPES[:] = list(StepType)


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
        self._n_steps = 0
        self._observations = _Column()
        self._actions = _Column()
        self._agent_infos: dict[str, _Column] = {}
        n_slots = len(slots)
        self._rewards = _Column(np.zeros(n_slots))
        self._step_types = _Column(np.full(n_slots, StepType.MID, dtype=np.int8))
        self._env_infos = {key: _Column(np.full(n_slots, np.nan)) for key in info_keys}

    def add_observations(self, observations: np.ndarray) -> np.ndarray:
        """Write down what the policy sees.

        Args:
            observations: [B, O*].

        Returns:
            The same, in the place where they stay.
        """
        return self._observations.put(self._n_steps, observations)

    def add_decision(self, actions: np.ndarray, agent_infos: dict[str, np.ndarray]) -> Outcome:
        """Write down what the policy did.

        Args:
            actions: [B, A*].
            agent_infos: Arrays [B, ...].

        Returns:
            Where to write what came of it: reward 0, StepType.MID and NaN for each info.
        """
        t = self._n_steps
        self._n_steps += 1
        self._actions.put(t, actions)
        if t == 0:
            self._agent_infos = {key: _Column() for key in agent_infos}
        for key, column in self._agent_infos.items():
            column.put(t, agent_infos[key])
        return Outcome(
            self._rewards.row(t),
            self._step_types.row(t),
            {key: column.row(t) for key, column in self._env_infos.items()},
        )

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
        return EpisodeBatch(
            env_spec=env_spec,
            episode_infos=episode_infos(self._slots),
            observations=self._observations.flat(lengths),
            last_observations=np.stack(
                [last for slot in self._slots for last in slot.last_observations]
            ),
            actions=self._actions.flat(lengths),
            rewards=self._rewards.flat(lengths),
            env_infos={key: column.flat(lengths) for key, column in self._env_infos.items()},
            agent_infos={key: column.flat(lengths) for key, column in self._agent_infos.items()},
            step_types=STEP_TYPES[self._step_types.flat(lengths)],
            lengths=np.array([length for slot in self._slots for length in slot.lengths]),
        )


def episode_infos(slots: Sequence[TrialSlot]) -> dict[str, np.ndarray]:
    """The trial of each episode, and its number within it."""
    numbered = [(slot.trial, episode) for slot in slots for episode in range(len(slot.lengths))]
    trial, episode = np.array(numbered).T
    return {'trial': trial, 'episode': episode}


class _Column:
    """Rows [B, ...] one below the other, in memory that is allocated ahead of them.

    Args:
        blank: What a row is before it is written, [B]; None where all of it is put in at once.
    """

    def __init__(self, blank: np.ndarray | None = None):
        self._blank = blank
        self._rows: np.ndarray | None = None

    def put(self, t: int, row: np.ndarray) -> np.ndarray:
        """Set row t, and return where it stands."""
        rows = self._rows
        if rows is None or t == len(rows):
            rows = self._grow(np.asarray(row))
        rows[t] = row
        return rows[t]

    def row(self, t: int) -> np.ndarray:
        """Row t, for the caller to write into."""
        rows = self._rows
        if rows is None or t == len(rows):
            assert self._blank is not None
            rows = self._grow(self._blank)
            rows[t:] = self._blank
        return rows[t]

    def flat(self, lengths: np.ndarray) -> np.ndarray:
        """The first `lengths[b]` rows of each trial b, trial by trial [sum(lengths), ...]."""
        assert self._rows is not None
        by_trial = self._rows[: lengths.max()].swapaxes(0, 1)  # [B, T, ...]
        if (lengths == lengths[0]).all():
            return by_trial.reshape(-1, *by_trial.shape[2:])
        valid: np.ndarray = np.arange(lengths.max()) < lengths[:, np.newaxis]
        return by_trial[valid]

    def _grow(self, row: np.ndarray) -> np.ndarray:
        held = self._rows
        if held is None:
            self._rows = np.empty((_FIRST_CAPACITY, *row.shape), row.dtype)
        else:
            self._rows = np.empty((2 * len(held), *held.shape[1:]), held.dtype)
            self._rows[: len(held)] = held
        return self._rows


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
