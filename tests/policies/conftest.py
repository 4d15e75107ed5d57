"""Specifications with both kinds of actions, and a policy on any core for each."""

from metods_garage.modules import CORES
from metods_garage.policies import RecurrentPolicy, actor_critic_for

import akro
import numpy as np
import pytest
import torch
from garage import EnvSpec

_ACTIONS = {
    'discrete': akro.Discrete(3),
    'continuous': akro.Box(-1.0, 1.0, shape=(2,), dtype=np.float32),
}


@pytest.fixture
def make_spec():
    """kind of actions -> specification with observations of 5 numbers."""

    def make(kind='continuous'):
        return EnvSpec(akro.Box(-np.inf, np.inf, shape=(5,)), _ACTIONS[kind], max_episode_length=9)

    return make


@pytest.fixture
def make_policy(make_spec):
    """name of a core, kind of actions -> policy."""

    def make(core='metods', kind='continuous', seed=0, core_options=None, **options):
        print('torch seed', seed)
        torch.manual_seed(seed)
        spec = make_spec(kind)
        dtype = options.pop('dtype', torch.float64)
        shell = {'scale_rewards': options.pop('scale_rewards', False)}
        network = actor_critic_for(spec, CORES[core](7, **(core_options or {})), **options)
        return RecurrentPolicy(spec, network, dtype=dtype, **shell)

    return make
