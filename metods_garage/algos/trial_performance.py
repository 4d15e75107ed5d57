"""What is logged about the trials of one iteration."""

from __future__ import annotations

from typing import Any

import numpy as np
from dowel import tabular

__all__ = ['log_trials']


def log_trials(episodes: Any, prefix: str) -> None:
    """Records return per trial, success by episode number, and how far the memory grew.

    Args:
        episodes: A garage ``EpisodeBatch`` of whole trials, with ``trial`` and ``episode`` in its
            ``episode_infos``. Success is ``env_infos['success']`` at any step of an episode.
        prefix: Prefix of the recorded keys.
    """
    trial = np.asarray(episodes.episode_infos_by_episode['trial'])
    number = np.asarray(episodes.episode_infos_by_episode['episode'])
    start = np.concatenate([[0], np.cumsum(episodes.lengths)[:-1]])
    with tabular.prefix(prefix + '/'):
        returns = np.add.reduceat(episodes.rewards, start)
        tabular.record('AverageTrialReturn', returns.sum() / len(np.unique(trial)))
        _log_by_number('Return', returns, number)
        if 'success' in episodes.env_infos:
            success = np.logical_or.reduceat(
                np.asarray(episodes.env_infos['success'], dtype=bool).reshape(-1), start
            )
            _log_by_number('Success', success, number)
        if 'memory_norm' in episodes.agent_infos:
            norm = np.asarray(episodes.agent_infos['memory_norm']).reshape(-1)
            last = np.append(trial[1:] != trial[:-1], True)
            end = start + episodes.lengths - 1
            tabular.record('MemoryNormStart', norm[start[number == 0]].mean())
            tabular.record('MemoryNormEnd', norm[end[last]].mean())
            tabular.record('MemoryNormMax', norm.max())


def _log_by_number(name: str, of_episode: np.ndarray, number: np.ndarray) -> None:
    for k in np.unique(number):
        tabular.record(f'{name}ByEpisode/{k + 1}', of_episode[number == k].mean())
