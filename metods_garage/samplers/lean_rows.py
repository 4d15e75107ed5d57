"""Trials in lockstep without the wrappers' work at every step and for every trial."""

import abc
from collections.abc import Sequence
from typing import Any

from metods_garage.samplers.known_chain import KnownChain
from metods_garage.samplers.trial_rows import Outcome, TrialRows, number
from metods_garage.samplers.trial_slot import TrialSlot

import akro
import numpy as np
from garage import StepType


class LeanRows(TrialRows, abc.ABC):
    """What garage's and our wrappers do at a step, done for B trials at once.

    Equal to `SlotRows` to the last bit, in what is observed, rewarded and ended. (GymEnv also
    refuses an environment whose infos change their keys within an episode. Here none is refused.)

    Args:
        slots: Slots whose trials have begun.
        chain: The wrappers, the same ones in all rows.
        episode_limits: Steps after which the wrappers end an episode, for each row.
        observations: What the agents see first, [B, O + A + 2], or [B, O + A + 1].
    """

    def __init__(
        self,
        slots: Sequence[TrialSlot],
        chain: KnownChain,
        episode_limits: Sequence[float],
        observations: np.ndarray,
    ):
        self.slots = slots
        self.observations = observations
        self._n_seen = int(np.prod(chain.observation_shape))
        self._reward_at = self._n_seen + chain.action_size
        self._shows_done = observations.shape[1] > self._reward_at + 1
        self._discrete = isinstance(chain.env_spec.action_space, akro.Discrete)
        self._limits = np.array(episode_limits)
        self._sampler_limits = np.array([slot.max_episode_length for slot in slots])
        self._n_steps = np.zeros(len(slots), dtype=np.int64)
        self._terminated = np.zeros(len(slots), dtype=bool)
        self._truncated = np.zeros(len(slots), dtype=bool)
        self._rows = list(range(len(slots)))  # those that go on
        self._check_finite(np.zeros(len(slots)))

    @property
    def going_on(self) -> bool:
        """Whether any trial is not over."""
        return bool(self._rows)

    def place(self, row: int) -> str:
        """Where in its trial a row is, for errors."""
        slot = self.slots[row]
        slot.n_steps = int(self._n_steps[row])
        return slot.place

    @abc.abstractmethod
    def _advance(self, rows: list[int], actions: np.ndarray, outcome: Outcome) -> None:
        """Step these rows: sets their rewards, infos, terminated, truncated, and what is seen."""

    @abc.abstractmethod
    def _begin_episodes(self, rows: list[int]) -> None:
        """Start an episode in these rows: sets what is seen."""

    def step(self, actions: np.ndarray, outcome: Outcome) -> None:
        """Step the rows that go on; see `TrialRows.step`."""
        rows: Any = self._rows
        self._advance(rows, actions, outcome)
        at = slice(None) if len(rows) == len(self.slots) else rows
        self._n_steps[at] += 1
        terminated = self._terminated[at]
        n_steps = self._n_steps[at]
        ended = terminated | self._truncated[at] | (n_steps >= self._limits[at])
        over = ended | (n_steps >= self._sampler_limits[at])
        self._observe(at, actions[at], outcome.rewards[at], ended)
        self._check_finite(outcome.rewards)
        types = np.not_equal(n_steps, 1, dtype=bool).astype(np.int8)  # FIRST is 0, MID is 1
        if over.any():
            types[over] = np.where(terminated[over], StepType.TERMINAL, StepType.TIMEOUT)
            outcome.step_types[at] = types
            self._end_episodes([row for row, is_over in zip(rows, over, strict=True) if is_over])
        else:
            outcome.step_types[at] = types

    def _observe(
        self, at: Any, actions: np.ndarray, rewards: np.ndarray, ended: np.ndarray
    ) -> None:
        """a_{t-1}, r_{t-1} and d_{t-1}, as `MetaRLObservation` appends them."""
        seen, n = self.observations, self._n_seen
        if self._discrete:
            seen[at, n : self._reward_at] = 0
            seen[np.arange(len(seen))[at], n + actions] = 1
        else:
            seen[at, n : self._reward_at] = actions.reshape(len(actions), -1)
        seen[at, self._reward_at] = rewards
        if self._shows_done:
            seen[at, -1] = ended

    def _end_episodes(self, rows: list[int]) -> None:
        again = []
        for row in rows:
            slot = self.slots[row]
            slot.n_steps = int(self._n_steps[row])
            slot.finish_episode(self.observations[row].copy())
            if slot.active:
                again.append(row)
        if again:
            if self._shows_done:
                self.observations[again, -1] = 1  # also where the sampler's limit ended it
            self._n_steps[again] = 0
            self._begin_episodes(again)
            self._check_finite(np.zeros(len(self.slots)))
        if len(again) < len(rows):
            self._rows = [row for row in self._rows if self.slots[row].active]

    def _check_finite(self, rewards: np.ndarray) -> None:
        if np.isfinite(self.observations).all() and np.isfinite(rewards).all():
            return
        for row in self._rows:
            slot = self.slots[row]
            slot.n_steps = int(self._n_steps[row])
            slot.check_finite(self.observations[row], rewards[row])


class DirectRows(LeanRows):
    """Trials in environments of their own, of known wrappers.

    Args:
        slots: Slots whose trials have started.
        chains: Their wrappers.
    """

    def __init__(self, slots: Sequence[TrialSlot], chains: Sequence[KnownChain]):
        first = np.stack([slot.observation for slot in slots])
        self.chains = chains
        self._steps = [chain.inner.step for chain in chains]
        self._shape = chains[0].observation_shape
        limits = [chain.episode_limit for chain in chains]
        super().__init__(slots, chains[0], limits, first)
        self._windows = [row[: self._n_seen] for row in first]

    def _advance(self, rows: list[int], actions: np.ndarray, outcome: Outcome) -> None:
        rewards, infos = outcome.rewards, outcome.env_infos
        steps, windows, shape = self._steps, self._windows, self._shape
        terminated, truncated = self._terminated, self._truncated
        for row in rows:
            observation, reward, ends, runs_out, info = steps[row](actions[row])
            seen = np.asarray(observation)
            if seen.shape != shape:
                raise wrong_shape(self.slots[row], seen, shape)
            windows[row][:] = seen if len(shape) == 1 else seen.reshape(-1)
            rewards[row] = float(reward)
            terminated[row] = ends
            # GymEnv takes the mere presence of this entry for a timeout.
            truncated[row] = runs_out or 'TimeLimit.truncated' in info
            for key, column in infos.items():
                if key in info:
                    column[row] = number(key, info[key])

    def _begin_episodes(self, rows: list[int]) -> None:
        for row in rows:
            chain = self.chains[row]
            seen, _ = chain.below_observation.reset()
            self._windows[row][:] = np.asarray(seen).reshape(-1)


def wrong_shape(slot: TrialSlot, seen: np.ndarray, shape: tuple[int, ...]) -> RuntimeError:
    """The error of an observation that the environment's space does not hold."""
    return RuntimeError(
        f'{slot.task_name} gave an observation of shape {seen.shape} {slot.place}: its '
        f'observation_space says {shape}'
    )
