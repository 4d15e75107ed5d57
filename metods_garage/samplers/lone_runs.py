"""Trials one after another, for policies that can act in one at the cost of one."""

from collections.abc import Sequence
from typing import Any

from metods_garage.samplers.known_chain import KnownChain
from metods_garage.samplers.lean_rows import wrong_shape
from metods_garage.samplers.trial_record import STEP_TYPES, episode_infos
from metods_garage.samplers.trial_rows import number
from metods_garage.samplers.trial_slot import TrialSlot, diverged

import numpy as np
from garage import EpisodeBatch, StepType

_FIRST_CAPACITY = 512  # steps


class LoneRuns:
    """Runs each trial from its start to its end, in an environment of its own.

    What a trial computes with (the policy's memory of it, the simulator's state) then stays in the
    processor's cache, where the trials of a batch in lockstep drive each other's out of it. Each
    trial is to the last bit what `DirectRows` makes of it.

    Args:
        slots: Slots whose trials have started.
        chains: Their wrappers.
        lone: The agent's `lone_trials` of these trials.
        info_keys: Entries of `env_info` to keep, which have to be numbers.
    """

    def __init__(
        self,
        slots: Sequence[TrialSlot],
        chains: Sequence[KnownChain],
        lone: Any,
        info_keys: Sequence[str],
    ):
        self._slots = slots
        self._chains = chains
        self._lone = lone
        self._rewards = np.empty(0)
        self._step_types = np.empty(0, np.int8)
        self._env_infos = {key: np.empty(0) for key in info_keys}
        self._n_seen = int(np.prod(chains[0].observation_shape))
        self._reward_at = self._n_seen + chains[0].action_size
        self._done_at = self._reward_at + 1  # the end of the row where it is not shown

    def episodes(self) -> EpisodeBatch:
        """Run all trials.

        Returns:
            As `TrialRecord.episodes`.

        Raises:
            FloatingPointError: If the policy or an environment gives NaN or infinity.
        """
        row = 0
        for slot, chain in zip(self._slots, self._chains, strict=True):
            row = self._run(slot, chain, row)
        lone = self._lone
        return EpisodeBatch(
            env_spec=self._chains[0].env_spec,
            episode_infos=episode_infos(self._slots),
            observations=lone.observations[:row],
            last_observations=np.stack(
                [last for slot in self._slots for last in slot.last_observations]
            ),
            actions=lone.actions[:row],
            rewards=self._rewards[:row],
            env_infos={key: column[:row] for key, column in self._env_infos.items()},
            agent_infos=lone.agent_infos(row),
            step_types=STEP_TYPES[self._step_types[:row]],
            lengths=np.array([length for slot in self._slots for length in slot.lengths]),
        )

    def _run(self, slot: TrialSlot, chain: KnownChain, row: int) -> int:
        """Run one trial from a row on; returns the row behind it."""
        self._make_room(row + 1)
        self._lone.start(row)
        self._lone.observations[row] = slot.observation
        while True:
            row = self._run_episode(slot, chain, row)
            if not slot.active:
                self._lone.end()
                return row
            seen, _ = chain.below_observation.reset()
            # The rest of the row says how the episode before it ended.
            self._lone.observations[row, : self._n_seen] = np.asarray(seen).reshape(-1)

    def _run_episode(self, slot: TrialSlot, chain: KnownChain, first: int) -> int:
        """Run one episode from a row on, whose observation is there; returns the row behind it."""
        lone, shape, env_step = self._lone, chain.observation_shape, chain.inner.step
        is_flat, n_seen, reward_at = len(shape) == 1, self._n_seen, self._reward_at
        limit, sampler_limit = chain.episode_limit, slot.max_episode_length
        row, n_steps, over, reward, n_rows = first, 0, False, 0.0, 0
        while not over:
            if row + 1 >= n_rows:
                n_rows = self._make_room(row + 2)
                act, actions, rewards = lone.step, lone.actions, self._rewards
                env_infos = tuple(self._env_infos.items())
                # of what is seen: what the environment shows, a_{t-1} and r_{t-1}
                shown = lone.observations[:, :n_seen]
                acted = lone.observations[:, n_seen:reward_at]
                rewarded = lone.observations[:, reward_at]
            if not act(row):
                self._refuse(slot, row, n_steps, reward)
            action = actions[row]
            # a copy, which the environment may keep or change
            observation, given, terminated, truncated, info = env_step(action.copy())
            rewards[row] = reward = float(given)
            for key, column in env_infos:
                if key in info:
                    column[row] = number(key, info[key])
            row += 1
            n_steps += 1
            seen = np.asarray(observation)
            if seen.shape != shape:
                slot.n_steps = n_steps
                raise wrong_shape(slot, seen, shape)
            shown[row] = seen if is_flat else seen.reshape(-1)
            acted[row] = action
            rewarded[row] = reward
            # GymEnv takes the mere presence of this entry for a timeout.
            ended = terminated or truncated or n_steps >= limit or 'TimeLimit.truncated' in info
            over = ended or n_steps >= sampler_limit
        lone.observations[row, self._done_at :] = ended
        self._end_episode(slot, first, row, bool(terminated))
        return row

    def _end_episode(self, slot: TrialSlot, first: int, end: int, terminated: bool) -> None:
        types = self._step_types[first:end]
        types[:] = StepType.MID
        types[0] = StepType.FIRST
        types[-1] = StepType.TERMINAL if terminated else StepType.TIMEOUT
        slot.n_steps = end - first
        last = self._lone.observations[end]
        slot.check_finite(last, self._rewards[end - 1])
        slot.finish_episode(last.copy())
        last[self._done_at :] = 1  # also where the sampler's limit ended it

    def _refuse(self, slot: TrialSlot, row: int, n_steps: int, reward: float) -> None:
        """Raise an error if something is not finite; a sum may be infinite without it."""
        slot.n_steps = n_steps
        slot.check_finite(self._lone.observations[row], reward)
        for what, values in self._lone.done(row).items():
            if not np.isfinite(values).all():
                raise diverged(self._lone.name, what, slot.place, values)

    def _make_room(self, n_rows: int) -> int:
        """Have at least that many rows; returns how many there are."""
        self._lone.make_room(max(n_rows, _FIRST_CAPACITY))
        n_more = len(self._lone.observations) - len(self._rewards)
        self._rewards = np.append(self._rewards, np.zeros(n_more))
        self._step_types = np.append(self._step_types, np.zeros(n_more, np.int8))
        for key, column in self._env_infos.items():
            self._env_infos[key] = np.append(column, np.full(n_more, np.nan))
        return len(self._rewards)
