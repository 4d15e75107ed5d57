"""Known strategies for the papers' tasks: random actions, oracles, and those for bandits."""

from metods_garage.envs.strategies.bandits import (
    UCB1,
    BestArm,
    GittinsIndex,
    ThompsonSampling,
    WinStayLoseShift,
)
from metods_garage.envs.strategies.gittins import gittins_indices
from metods_garage.envs.strategies.oracles import HarlowOptimum, ShortestPath
from metods_garage.envs.strategies.strategy import Played, RandomActions, Strategy, play

__all__ = [
    'UCB1',
    'BestArm',
    'GittinsIndex',
    'HarlowOptimum',
    'Played',
    'RandomActions',
    'ShortestPath',
    'Strategy',
    'ThompsonSampling',
    'WinStayLoseShift',
    'gittins_indices',
    'play',
]
