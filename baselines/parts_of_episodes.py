"""Adaptation within an episode: its first part is explored, its second part is adapted to.

So do the papers run MAML where a trial is one episode ("gradient update after 100 steps" of 200; D,
section 4.4).
"""

from typing import Any

from metods_garage.experiment import MetaAlgorithmEvaluator, Protocol

import click
import numpy as np
from garage import EpisodeBatch
from garage.np.algos import MetaRLAlgorithm
from garage.sampler import DefaultWorker

adapt_option = click.option(
    '--adapt-at', type=click.IntRange(min=1), default=None,
    help='Step of an episode to adapt at, where a trial is one episode; by default after half.',
)  # fmt: skip


def find_adaptation(protocol: Protocol, episode_steps: int, adapt_at: int | None) -> int | None:
    """Step of an episode to adapt at; None where adaptation comes between episodes.

    Args:
        protocol: The protocol.
        episode_steps: Steps of an episode.
        adapt_at: The step that is asked for, or None.

    Returns:
        The step: half an episode by default, where there is no exploration episode to adapt to.

    Raises:
        click.UsageError: If there is no such step, or there are exploration episodes.

    """
    if protocol.exploration_episodes:
        if adapt_at is not None:
            raise click.UsageError(
                f'--adapt-at {adapt_at} is for trials of one episode, and those of protocol '
                f'{protocol.name} have {protocol.exploration_episodes} to adapt to: leave it out'
            )
        return None
    adapt_at = episode_steps // 2 if adapt_at is None else adapt_at
    if not 1 <= adapt_at < episode_steps:
        raise click.UsageError(
            f'--adapt-at {adapt_at}: an episode has {episode_steps} steps; choose an earlier one'
        )
    return adapt_at


class PartWorker(DefaultWorker):
    """Each `rollout` is one part of an episode: the first `adapt_at` steps, then all others.

    Where an episode ends within its first part, the second part starts another episode.

    Args:
        adapt_at (int): Steps of the first part.
        **others: The arguments of garage's `Worker`.

    Raises:
        ValueError: If an episode does not have two parts.

    """

    _max_episode_length: int

    def __init__(self, *, adapt_at: int, **others: Any) -> None:
        super().__init__(**others)
        horizon = self._max_episode_length
        if not 1 <= adapt_at < horizon:
            raise ValueError(
                f'adapt_at={adapt_at}: episodes of {horizon} steps are adapted to after 1 to '
                f'{horizon - 1} of them'
            )
        self._part_steps = adapt_at, horizon - adapt_at
        self.begin_trial()

    def begin_trial(self) -> None:
        """Start with the first part of a new episode."""
        self._part = 0
        self.episode_over = True

    def rollout(self) -> EpisodeBatch:
        """Collect the next part.

        Returns:
            It, as an episode of its own.

        """
        if self.episode_over:
            self.start_episode()
        # step_episode counts the steps of this part alone
        self._eps_length, self._max_episode_length = 0, self._part_steps[self._part]
        while not self.step_episode():
            pass
        self.episode_over = self._part == 1 or self._env_steps[-1].last
        self._part = 1 - self._part
        return self.collect_episode()


class PartEvaluator(MetaAlgorithmEvaluator):
    """Evaluates algorithms that adapt within each episode; to be given a `PartWorker`.

    Every episode starts with the exploration policy, as it may have a task of its own.
    """

    def _one_trial(self, algo: MetaRLAlgorithm, explorer: Any, tester: Any) -> EpisodeBatch:
        number = self.protocol.evaluation_episodes
        return EpisodeBatch.concatenate(*(_adapted_episode(algo, tester) for _ in range(number)))


def _adapted_episode(algo: MetaRLAlgorithm, worker: PartWorker) -> EpisodeBatch:
    policy = algo.get_exploration_policy()
    worker.begin_trial()
    worker.update_agent(policy)
    first = worker.rollout()
    if worker.episode_over:
        return first
    worker.update_agent(algo.adapt_policy(policy, first))
    return _joined(first, worker.rollout())


def _joined(first: EpisodeBatch, second: EpisodeBatch) -> EpisodeBatch:
    """Both parts as the one episode that they are."""
    parts = first, second

    def together(name: str) -> Any:
        values = [getattr(part, name) for part in parts]
        if isinstance(values[0], dict):
            return {key: np.concatenate([value[key] for value in values]) for key in values[0]}
        return np.concatenate(values)

    return EpisodeBatch(
        env_spec=first.env_spec,
        episode_infos=first.episode_infos_by_episode,
        last_observations=second.last_observations,
        lengths=np.array([sum(len(part.rewards) for part in parts)]),
        **{
            name: together(name)
            for name in (
                'observations', 'actions', 'rewards', 'step_types', 'env_infos', 'agent_infos',
            )
        },
    )  # fmt: skip
