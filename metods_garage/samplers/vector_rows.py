"""Trials in one `TaskVectorEnv`, which steps all of them by operations on arrays."""

from collections.abc import Sequence
from typing import Any

from metods_garage.envs.task_vector_env import TaskVectorEnv
from metods_garage.samplers.known_chain import KnownChain
from metods_garage.samplers.lean_rows import LeanRows
from metods_garage.samplers.trial_rows import Outcome
from metods_garage.samplers.trial_slot import TrialSlot

import numpy as np


class VectorRows(LeanRows):
    """Trials that are rows of a vector environment.

    Row b does what the single environment does that is given the same task and seed.

    Args:
        slots: Slots whose trials have begun.
        chain: The wrappers of a single environment of this kind.
        env: The rows' environment.
        tasks: Their tasks.
        seeds: The seeds of their environments.
    """

    def __init__(
        self,
        slots: Sequence[TrialSlot],
        chain: KnownChain,
        env: TaskVectorEnv,
        tasks: Sequence[Any],
        seeds: Sequence[int],
    ):
        self._env = env
        env.set_tasks(tasks)
        seen, _ = env.reset(seed=seeds)
        space = chain.env_spec.observation_space
        first = np.zeros((len(slots), *space.shape), dtype=space.dtype)
        first[:, : seen[0].size] = seen.reshape(len(slots), -1)
        super().__init__(slots, chain, [chain.episode_limit] * len(slots), first)

    def _advance(self, rows: list[int], actions: np.ndarray, outcome: Outcome) -> None:
        if len(rows) == len(self.slots):
            at: Any = slice(None)
        else:
            at = rows
            going_on = np.zeros(len(self.slots), dtype=bool)
            going_on[rows] = True
            # of a trial that is over, the action means nothing and may be anything
            actions = np.where(going_on, actions, 0)
        seen, rewards, terminated, truncated, infos = self._env.step(actions)
        self.observations[at, : self._n_seen] = seen.reshape(len(seen), -1)[at]
        outcome.rewards[at] = rewards[at]
        self._terminated[at] = terminated[at]
        self._truncated[at] = truncated[at]
        for key, column in outcome.env_infos.items():
            if key in infos:
                column[at] = infos[key][at]

    def _begin_episodes(self, rows: list[int]) -> None:
        mask = np.zeros(len(self.slots), dtype=bool)
        mask[rows] = True
        seen, _ = self._env.reset(options={'reset_mask': mask})
        self.observations[rows, : self._n_seen] = seen.reshape(len(seen), -1)[rows]
