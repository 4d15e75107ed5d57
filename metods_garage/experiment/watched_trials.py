"""Evaluation trials of a trained policy that are looked at more closely afterwards."""

import copy
import dataclasses
import math

from metods_garage.envs import EvaluationTask
from metods_garage.experiment.evaluation import Evaluator, choose_tasks
from metods_garage.experiment.random_state import preserved_random_state
from metods_garage.experiment.silence import silent_bars
from metods_garage.modules import State
from metods_garage.policies import RecurrentPolicy, memory
from metods_garage.samplers import TrialWorker, obtain_trials

import numpy as np
from garage import EpisodeBatch
from garage.sampler import LocalSampler


def act_on_trials(evaluator: Evaluator, policy: RecurrentPolicy, n_trials: int) -> EpisodeBatch:
    """Run trials as an evaluation would, with the same tasks and seeds, and count none of them.

    Args:
        evaluator: The run's evaluator.
        policy: The trained policy; a copy of it acts.
        n_trials: About how many trials, on held-out tasks where the protocol has them: every task
            name has equally many goals.

    Returns:
        The episodes, trial by trial.

    """
    tasks = _tasks(evaluator, n_trials)
    with preserved_random_state(evaluator.protocol.evaluation_seed):
        return _act(evaluator, copy.deepcopy(policy), tasks)


def memory_at_start(policy: RecurrentPolicy, episodes: EpisodeBatch) -> State:
    """The memory that each of these trials started from."""
    if 'memory_seed' in episodes.agent_infos:
        first = np.flatnonzero(episodes.episode_infos_by_episode['episode'] == 0)
        seeds = episodes.agent_infos['memory_seed'][
            (np.cumsum(episodes.lengths) - episodes.lengths)[first]
        ]
        return memory.drawn(policy.actor_critic, seeds)
    n_trials = len(np.unique(episodes.episode_infos_by_episode['trial']))
    return policy.actor_critic.initial_state(n_trials)


def _tasks(evaluator: Evaluator, n_trials: int) -> list[EvaluationTask]:
    splits = evaluator.protocol.splits
    split = 'test' if 'test' in splits else splits[0]
    offered = [task for task in evaluator.tasks if task.split == split]
    n_goals = math.ceil(n_trials / len({task.task for task in offered}))
    protocol = dataclasses.replace(evaluator.protocol, final_goals=n_goals)
    return choose_tasks(protocol, 'final', offered)


def _act(
    evaluator: Evaluator, policy: RecurrentPolicy, tasks: list[EvaluationTask]
) -> EpisodeBatch:
    protocol = evaluator.protocol
    sampler = LocalSampler(
        agents=policy,
        envs=tasks[0].env_update(),
        max_episode_length=evaluator.horizon,
        n_workers=1,
        seed=protocol.evaluation_seed,
        worker_class=TrialWorker,
        worker_args={
            'episodes_per_trial': protocol.evaluation_episodes,
            'deterministic': not protocol.sampled_actions,
        },
    )
    updates, seeds = [task.env_update for task in tasks], [task.seed for task in tasks]
    with silent_bars():
        episodes = obtain_trials(sampler, policy, updates, seeds)
    sampler.shutdown_worker()
    return episodes
