"""Environments: the papers' tasks, the meta-RL observation, episode horizons, the benchmarks."""

from metods_garage.envs.acceleration import accelerate
from metods_garage.envs.ant_dir import AntDirEnv
from metods_garage.envs.balanced_task_sampler import BalancedTaskSampler
from metods_garage.envs.bandit import BanditEnv, BanditVectorEnv
from metods_garage.envs.benchmarks import (
    BENCHMARKS,
    Benchmark,
    EvaluationTask,
    make_benchmark,
)
from metods_garage.envs.direction_switching import DirectionSwitching
from metods_garage.envs.env_maker import EnvMaker
from metods_garage.envs.episode_horizon import EpisodeHorizon
from metods_garage.envs.fresh_task_sampler import FreshTaskSampler
from metods_garage.envs.half_cheetah_dir import HalfCheetahDirEnv
from metods_garage.envs.harlow import HarlowEnv, HarlowVectorEnv
from metods_garage.envs.impairment import Impairment
from metods_garage.envs.masked_reward import MaskedReward
from metods_garage.envs.maze import MazeEnv, MazeVectorEnv
from metods_garage.envs.meta_rl_observation import MetaRLObservation
from metods_garage.envs.task_update import TaskUpdate
from metods_garage.envs.task_vector_env import TaskVectorEnv

__all__ = [
    'BENCHMARKS',
    'AntDirEnv',
    'BalancedTaskSampler',
    'BanditEnv',
    'BanditVectorEnv',
    'Benchmark',
    'DirectionSwitching',
    'EnvMaker',
    'EpisodeHorizon',
    'EvaluationTask',
    'FreshTaskSampler',
    'HalfCheetahDirEnv',
    'HarlowEnv',
    'HarlowVectorEnv',
    'Impairment',
    'MaskedReward',
    'MazeEnv',
    'MazeVectorEnv',
    'MetaRLObservation',
    'TaskUpdate',
    'TaskVectorEnv',
    'accelerate',
    'make_benchmark',
]
