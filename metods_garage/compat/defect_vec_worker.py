"""VecWorker records the observations that the agent saw.

It keeps the present observations of all environments in one array, writes down a view of a row, and
overwrites the row by the next observation. All observations of an episode are then its last one.
"""

from types import ModuleType
from typing import Any

from metods_garage.compat.adjustment import Adjustment, replace


def _vec_worker_observations(module: ModuleType) -> None:
    def step_episode(self: Any) -> bool:
        self._seen = [observation.copy() for observation in self._prev_obs]
        finished = step_of_garage(self)
        for observations, seen in zip(self._observations, self._seen, strict=True):
            if observations:  # an episode that has just been gathered has left none
                observations[-1] = seen
        return finished

    def gather_episode(self: Any, episode_number: int, last_observation: Any) -> None:
        self._observations[episode_number][-1] = self._seen[episode_number]
        gather_of_garage(self, episode_number, last_observation)

    step_of_garage = replace(module.VecWorker, 'step_episode', step_episode)
    gather_of_garage = replace(module.VecWorker, '_gather_episode', gather_episode)


ADJUSTMENTS = (
    Adjustment(
        name='vec-worker-observations',
        module='garage.sampler.vec_worker',
        apply=_vec_worker_observations,
        reason='VecWorker records views of an array that it overwrites, so that every observation '
        'of an episode is its last one.',
    ),
)
