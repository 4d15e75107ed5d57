"""In plain garage, where an episode is a trial, the policies are policies like any other."""

from metods_garage import (
    CategoricalGRUPolicy,
    CategoricalMetODSPolicy,
    GaussianGRUPolicy,
    GaussianMetODSPolicy,
)
from metods_garage.envs import MetaRLObservation

import cloudpickle
import garage
import numpy as np
import pytest
import torch
from garage.envs import GymEnv
from garage.sampler import DefaultWorker, LocalSampler, RaySampler, VecWorker

SIZES = {
    CategoricalMetODSPolicy: {'n_neurons': 8},
    CategoricalGRUPolicy: {'hidden_size': 8},
    GaussianMetODSPolicy: {'n_neurons': 8},
    GaussianGRUPolicy: {'hidden_size': 8},
}


def _env(policy_class):
    discrete = policy_class in (CategoricalMetODSPolicy, CategoricalGRUPolicy)
    name = 'CartPole-v1' if discrete else 'Pendulum-v1'
    return MetaRLObservation(GymEnv(name, max_episode_length=30))


def _policy(policy_class, env):
    torch.manual_seed(0)
    return policy_class(env.spec, dtype=torch.float64, **SIZES[policy_class])


def _assert_every_episode_replays_from_an_empty_memory(policy, episodes):
    for episode in episodes.split():
        dist, info = policy(torch.as_tensor(episode.observations).unsqueeze(0))
        log_prob = dist.log_prob(torch.as_tensor(episode.actions).unsqueeze(0))[0].detach()
        np.testing.assert_allclose(log_prob, episode.agent_infos['log_prob'], atol=1e-9)
        value = info['value'][0].detach()
        np.testing.assert_allclose(value, episode.agent_infos['value'], atol=1e-9)


@pytest.mark.parametrize('policy_class', SIZES)
def test_rollout(policy_class):
    env = _env(policy_class)
    path = garage.rollout(env, _policy(policy_class, env), max_episode_length=10)
    assert len(path['actions']) == len(path['agent_infos']['log_prob']) > 0


@pytest.mark.parametrize('deterministic', [True, False])
def test_rollout_takes_the_mean_where_asked(deterministic):
    env = _env(GaussianMetODSPolicy)
    policy = _policy(GaussianMetODSPolicy, env)
    path = garage.rollout(env, policy, max_episode_length=5, deterministic=deterministic)
    assert np.allclose(path['actions'], path['agent_infos']['mean']) == deterministic


@pytest.mark.parametrize('policy_class', SIZES)
@pytest.mark.parametrize(
    ('worker_class', 'worker_args'), [(DefaultWorker, {}), (VecWorker, {'n_envs': 3})]
)
def test_local_sampler(policy_class, worker_class, worker_args):
    env = _env(policy_class)
    policy = _policy(policy_class, env)
    sampler = LocalSampler(
        policy,
        env,
        max_episode_length=30,
        n_workers=1,
        worker_class=worker_class,
        worker_args=worker_args,
        seed=0,
    )
    episodes = sampler.obtain_samples(0, 150, policy.get_param_values())
    assert len(episodes.lengths) > 1
    _assert_every_episode_replays_from_an_empty_memory(policy, episodes)


def test_ray_sampler_takes_new_parameters():
    env = _env(GaussianMetODSPolicy)
    policy = _policy(GaussianMetODSPolicy, env)
    sampler = RaySampler(
        cloudpickle.loads(cloudpickle.dumps(policy)),
        env,
        max_episode_length=30,
        n_workers=1,
        worker_class=DefaultWorker,
        seed=0,
    )
    try:
        with torch.no_grad():
            for p in policy.parameters():
                p.mul_(1.1)
        episodes = sampler.obtain_samples(0, 60, policy.get_param_values())
    finally:
        sampler.shutdown_worker()
    _assert_every_episode_replays_from_an_empty_memory(policy, episodes)
