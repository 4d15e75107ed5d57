"""Which kind of rows the trials of a worker run in."""

from collections.abc import Sequence
from typing import Any

from metods_garage.envs.env_maker import EnvMaker
from metods_garage.envs.task_env import TaskEnv
from metods_garage.envs.task_update import TaskUpdate
from metods_garage.envs.task_vector_env import TaskVectorEnv
from metods_garage.samplers.known_chain import KnownChain, are_of_one_kind, known_chain
from metods_garage.samplers.lean_rows import DirectRows
from metods_garage.samplers.trial_rows import SlotRows, TrialRows
from metods_garage.samplers.trial_slot import TrialSlot
from metods_garage.samplers.trial_update import TrialUpdate
from metods_garage.samplers.vector_rows import VectorRows


class RowsStarter:
    """Starts trials in the quickest rows that give what `SlotRows` gives, to the last bit.

    `VectorRows` where all trials are on tasks of one kind that has a vector form; `DirectRows`
    where every environment is a gymnasium one within wrappers that are known; else `SlotRows`.

    Args:
        lean: Whether the first two may be used.
    """

    def __init__(self, lean: bool):
        self._lean = lean
        self._vector: tuple[EnvMaker, TaskVectorEnv] | None = None

    def start(
        self,
        slots: Sequence[TrialSlot],
        updates: Sequence[TrialUpdate],
        n_episodes: Sequence[int],
        max_episode_length: float,
    ) -> TrialRows:
        """Start one trial in each slot.

        Args:
            slots: The slots, [B].
            updates: The trials, [B].
            n_episodes: Numbers of episodes, [B].
            max_episode_length: Steps after which an episode ends by timeout.

        Returns:
            The trials, before their first step.
        """
        tasks: list[Any] = [update.env_update for update in updates]
        if self._lean and are_of_one_kind(tasks):
            slots[0].apply(tasks[0])
            chain = known_chain(slots[0].env)
            if chain is not None and _has_vector_form(chain, tasks[0]):
                seeds = []
                for slot, update, n in zip(slots, updates, n_episodes, strict=True):
                    slot.task_name = tasks[0].task_name
                    seeds.append(slot.begin(update, n, max_episode_length))
                env = self._vector_env(tasks[0].env_type, len(slots))
                return VectorRows(slots, chain, env, [task.task for task in tasks], seeds)
        for slot, update, n in zip(slots, updates, n_episodes, strict=True):
            slot.start(update, n, max_episode_length)
        chains = [known_chain(slot.env) for slot in slots] if self._lean else [None]
        known = [chain for chain in chains if chain is not None]
        if len(known) == len(slots) and _alike(known):
            return DirectRows(slots, known)
        return SlotRows(slots)

    def _vector_env(self, make: EnvMaker, n_rows: int) -> TaskVectorEnv:
        if self._vector is None or self._vector[0] != make or self._vector[1].num_envs != n_rows:
            self._vector = (make, make.vector(n_rows))
        return self._vector[1]


def _has_vector_form(chain: KnownChain, update: TaskUpdate) -> bool:
    make = update.env_type
    return (
        isinstance(make, EnvMaker)
        and not make.wrappers
        and isinstance(chain.inner, TaskEnv)
        and type(chain.inner) is make.env_type
    )


def _alike(chains: Sequence[KnownChain]) -> bool:
    first = chains[0]
    return all(
        chain.observation_shape == first.observation_shape
        and chain.env_spec.action_space == first.env_spec.action_space
        and chain.env_spec.observation_space == first.env_spec.observation_space
        for chain in chains[1:]
    )
