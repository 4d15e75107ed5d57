"""Trials of different length in one rectangle of tensors."""

from dataclasses import dataclass, fields, replace

import numpy as np
import torch
from garage import EpisodeBatch


@dataclass(frozen=True)
class TrialBatch:
    """B trials, padded with zeros to the T steps of the longest.

    Attributes:
        observations: [B, T, O*].
        actions: [B, T, A*].
        rewards: [B, T].
        reset: Bool [B, T], True at the first step of a trial.
        episode_start: Bool [B, T], True at the first step of each episode.
        valid: Bool [B, T], False where a trial is over.
        log_prob: [B, T], log-probability of each action when it was sampled; zeros where the
            policy did not say.
        value: [B, T], value of each observation when it was seen; zeros where the policy did not
            say.
        trial: Int [B], numbers of the trials.
    """

    observations: torch.Tensor
    actions: torch.Tensor
    rewards: torch.Tensor
    reset: torch.Tensor
    episode_start: torch.Tensor
    valid: torch.Tensor
    log_prob: torch.Tensor
    value: torch.Tensor
    trial: torch.Tensor

    @classmethod
    def from_episodes(cls, episodes: EpisodeBatch) -> 'TrialBatch':
        """Put the episodes of each trial one after the other.

        Args:
            episodes: Trial by trial, as `TrialWorker` and `obtain_trials` return them. Without
                `episode_infos` 'trial' and 'episode' (a batch from plain garage), each episode is
                a trial.

        Returns:
            The trials in the order of `episodes`; element [b, t] of a field is the entry of step t
            of trial b, so that `batch.rewards[batch.valid]` is `episodes.rewards` again.

        Raises:
            ValueError: If the episodes of a trial are not in order or not side by side.
        """
        trial_of_episode, first_episode = _trials(episodes)
        lengths = np.add.reduceat(episodes.lengths, first_episode)  # [B]
        valid = np.arange(lengths.max()) < lengths[:, np.newaxis]  # [B, T]
        starts_episode = np.zeros(len(episodes.rewards), dtype=bool)
        starts_episode[np.cumsum(episodes.lengths) - episodes.lengths] = True
        reset = np.zeros_like(valid)
        reset[:, 0] = True
        no_info = np.zeros(len(episodes.rewards), dtype=episodes.observations.dtype)
        return cls(
            observations=_padded(episodes.observations, valid),
            actions=_padded(episodes.actions, valid),
            rewards=_padded(episodes.rewards, valid),
            reset=torch.from_numpy(reset),
            episode_start=_padded(starts_episode, valid),
            valid=torch.from_numpy(valid),
            log_prob=_padded(episodes.agent_infos.get('log_prob', no_info), valid),
            value=_padded(episodes.agent_infos.get('value', no_info), valid),
            trial=torch.from_numpy(trial_of_episode[first_episode]),
        )

    def __len__(self) -> int:
        """The number of trials."""
        return len(self.valid)

    @property
    def lengths(self) -> torch.Tensor:
        """Steps of each trial, [B]."""
        return self.valid.sum(1)

    def to(self, device: torch.device | str, dtype: torch.dtype | None = None) -> 'TrialBatch':
        """The same trials elsewhere.

        Args:
            device: Where.
            dtype: Type of everything that is not a boolean or an integer; None for no change.

        Returns:
            The moved batch.
        """
        moved = {
            f.name: x.to(device, dtype if x.is_floating_point() else None)
            for f in fields(self)
            for x in [getattr(self, f.name)]
        }
        return replace(self, **moved)


def _trials(episodes: EpisodeBatch) -> tuple[np.ndarray, np.ndarray]:
    """The trial of each episode [E], and the index of the first episode of each trial [B]."""
    infos = episodes.episode_infos_by_episode
    n_episodes = len(episodes.lengths)
    if 'trial' not in infos:
        return np.arange(n_episodes), np.arange(n_episodes)
    trial, number = np.asarray(infos['trial']), np.asarray(infos['episode'])
    first = np.flatnonzero(np.append(True, trial[1:] != trial[:-1]))
    counted = np.arange(n_episodes) - np.repeat(first, np.diff(np.append(first, n_episodes)))
    if len(np.unique(trial[first])) != len(first) or not np.array_equal(number, counted):
        raise ValueError(
            'the episodes of each trial have to stand side by side and in order: got trials '
            f'{trial.tolist()} with episodes {number.tolist()}'
        )
    return trial, first


def _padded(flat: np.ndarray, valid: np.ndarray) -> torch.Tensor:
    padded = np.zeros((*valid.shape, *flat.shape[1:]), dtype=flat.dtype)
    padded[valid] = flat
    return torch.from_numpy(padded)
