"""A meta-batch of trials from any of garage's samplers."""

from collections.abc import Sequence
from typing import Any

from metods_garage.samplers.trial_record import without_unreported
from metods_garage.samplers.trial_update import TrialUpdate

import numpy as np
from garage import EpisodeBatch
from garage.sampler import EnvUpdate


def obtain_trials(
    sampler: Any,
    agent_update: Any,
    task_updates: Sequence[EnvUpdate],
    seeds: Sequence[int],
    n_workers: int | None = None,
    *,
    episodes_per_trial: int | None = None,
    deterministic: bool | None = None,
) -> EpisodeBatch:
    """Collect one trial on each task.

    Trial i is on task i, draws from seed i, and has the same place in the result whatever the
    number of workers: they take consecutive trials, the first ones one more where it doesn't come
    out even. A worker without a trial takes no step.

    Args:
        sampler: A garage sampler (or a wrapper of one) whose workers are `TrialWorker`s.
        agent_update: The policy, or its parameters.
        task_updates: The tasks, [B].
        seeds: Seeds of the trials, [B].
        n_workers: Workers of the sampler; None asks the sampler.
        episodes_per_trial: Episodes of each trial; None for the workers' own number.
        deterministic: Whether to take mean actions; None for what the workers do.

    Returns:
        The episodes, trial by trial, with `episode_infos` 'trial' and 'episode'.

    Raises:
        ValueError: If there is no task, or another number of seeds.
    """
    if len(task_updates) == 0 or len(task_updates) != len(seeds):
        raise ValueError(
            f'{len(task_updates)} tasks and {len(seeds)} seeds: a trial needs one of each'
        )
    trials = [
        TrialUpdate(update, trial, int(seed), episodes_per_trial, deterministic)
        for trial, (update, seed) in enumerate(zip(task_updates, seeds, strict=True))
    ]
    episodes = sampler.obtain_exact_episodes(
        1,
        agent_update=agent_update,
        env_update=_shares(trials, n_workers or _n_workers(sampler)),
    )
    return without_unreported(episodes)


def _shares(trials: list[TrialUpdate], n_workers: int) -> list[list[TrialUpdate]]:
    bounds = np.cumsum([len(share) for share in np.array_split(range(len(trials)), n_workers)])
    return [trials[start:stop] for start, stop in zip([0, *bounds], bounds, strict=False)]


def _n_workers(sampler: Any) -> int:
    # LocalSampler and MultiprocessingSampler call it one way, RaySampler the other.
    factory = getattr(sampler, '_factory', None) or getattr(sampler, '_worker_factory', None)
    if factory is None:
        raise ValueError(
            f'{type(sampler).__name__} does not say how many workers it has: pass n_workers'
        )
    return factory.n_workers
