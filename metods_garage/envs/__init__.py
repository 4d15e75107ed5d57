"""Environments: the meta-RL observation, episode horizons, and the benchmarks."""

from metods_garage.envs.balanced_task_sampler import BalancedTaskSampler
from metods_garage.envs.bandit import BernoulliBandit
from metods_garage.envs.benchmarks import (
    BENCHMARKS,
    Benchmark,
    EvaluationTask,
    make_benchmark,
)
from metods_garage.envs.episode_horizon import EpisodeHorizon
from metods_garage.envs.meta_rl_observation import MetaRLObservation
from metods_garage.envs.task_update import TaskUpdate

__all__ = [
    'BENCHMARKS',
    'BalancedTaskSampler',
    'Benchmark',
    'BernoulliBandit',
    'EpisodeHorizon',
    'EvaluationTask',
    'MetaRLObservation',
    'TaskUpdate',
    'make_benchmark',
]
