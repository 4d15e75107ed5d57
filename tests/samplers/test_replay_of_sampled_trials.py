"""What a worker samples, a policy's forward replays: same log-probabilities, same values."""

from metods_garage.envs import EpisodeHorizon, MetaRLObservation, make_benchmark
from metods_garage.policies import (
    CategoricalGRUPolicy,
    CategoricalMetODSPolicy,
    GaussianGRUPolicy,
    GaussianMetODSPolicy,
)
from metods_garage.samplers import TrialBatch, TrialWorker, obtain_trials

import numpy as np
import pytest
import torch
from garage.sampler import LocalSampler

METODS = {'n_neurons': 7, 'n_inner_steps': 3}
GRU = {'hidden_size': 9}


@pytest.mark.parametrize(
    ('name', 'policy_class', 'options'),
    [
        ('bandit-2', CategoricalMetODSPolicy, METODS),
        ('bandit-2', CategoricalGRUPolicy, GRU),
        ('ml1-reach-v3', GaussianMetODSPolicy, METODS),
        ('ml1-reach-v3', GaussianGRUPolicy, GRU),
    ],
)
@pytest.mark.parametrize(('dtype', 'tolerance'), [(torch.float64, 1e-9), (torch.float32, 1e-4)])
def test_replay_gives_the_sampled_numbers_back(name, policy_class, options, dtype, tolerance):
    torch.manual_seed(5)
    benchmark = make_benchmark(name)

    def wrapper(env, _):
        return MetaRLObservation(EpisodeHorizon(env, 11))

    env = benchmark.example_env(wrapper)
    policy = policy_class(env.spec, dtype=dtype, **options)
    sampler = LocalSampler(
        policy,
        env,
        max_episode_length=11,
        n_workers=2,
        seed=1,
        worker_class=TrialWorker,
        worker_args={'episodes_per_trial': 3},
    )
    tasks = benchmark.train_sampler(wrapper, seed=1).sample(3)
    episodes = obtain_trials(sampler, policy.get_param_values(), tasks, [1, 2, 3])
    sampler.shutdown_worker()

    trials = TrialBatch.from_episodes(episodes).to('cpu', dtype)
    dist, info = policy(trials.observations, reset=trials.reset, valid=trials.valid)
    error = (dist.log_prob(trials.actions) - trials.log_prob)[trials.valid].abs().max()
    assert error < tolerance
    assert (info['value'] - trials.value)[trials.valid].abs().max() < tolerance
    assert np.isfinite(episodes.observations).all()
    assert all(np.prod(x.shape[1:]) <= 7 for x in episodes.agent_infos.values()), 'no N x N'
