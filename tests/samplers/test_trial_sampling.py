"""obtain_trials gives the same trials from every sampler, in the same order."""

from metods_garage.envs import MetaRLObservation, make_benchmark
from metods_garage.samplers import TrialWorker, obtain_trials

import numpy as np
import pytest
import ray
from garage.sampler import LocalSampler, MultiprocessingSampler, RaySampler


class Delegating:
    """A wrapper of a sampler, like the one that counts steps."""

    def __init__(self, sampler):
        self.sampler = sampler

    def obtain_exact_episodes(self, n_eps_per_worker, agent_update, env_update=None):
        return self.sampler.obtain_exact_episodes(n_eps_per_worker, agent_update, env_update)


@pytest.fixture(scope='module')
def ray_cluster():
    # RaySampler starts Ray itself, with a worker per core; one core has to do for two.
    yield
    ray.shutdown()


def tasks(n_tasks):
    sampler = make_benchmark('bandit-2').train_sampler(lambda env, _: MetaRLObservation(env))
    return sampler.sample(n_tasks)


def sampler_of(kind, n_workers, policy, env):
    return kind(
        policy,
        env,
        max_episode_length=20,
        n_workers=n_workers,
        seed=1,
        worker_class=TrialWorker,
        worker_args={'episodes_per_trial': 2},
    )


@pytest.fixture(scope='session')
def arm_policy():
    class ArmPolicy:
        """Pulls each arm with the probability that its one parameter says."""

        def __init__(self):
            self.p = 0.5

        def reset(self, mask):
            self.n = len(mask)

        def get_actions(self, observations, generators):
            assert len(observations) == self.n
            arms = np.array([int(g.random() < self.p) for g in generators])
            return arms, {'log_prob': np.full(self.n, np.log(0.5)), 'value': np.zeros(self.n)}

        def get_param_values(self):
            return {'p': self.p}

        def set_param_values(self, params):
            self.p = params['p']

    return ArmPolicy


def assert_same(one, other):
    np.testing.assert_array_equal(one.observations, other.observations)
    np.testing.assert_array_equal(one.actions, other.actions)
    np.testing.assert_array_equal(one.rewards, other.rewards)
    np.testing.assert_array_equal(one.lengths, other.lengths)
    assert set(one.env_infos) == set(other.env_infos)
    for key in ('trial', 'episode'):
        np.testing.assert_array_equal(
            one.episode_infos_by_episode[key], other.episode_infos_by_episode[key]
        )


@pytest.mark.parametrize('n_workers', [2, 3, 7])
def test_the_number_of_workers_changes_nothing(arm_policy, n_workers):
    env = tasks(1)[0]()
    reference = sampler_of(LocalSampler, 1, arm_policy(), env)
    sampler = sampler_of(LocalSampler, n_workers, arm_policy(), env)
    for p in (0.5, 0.2):
        expected = obtain_trials(reference, {'p': p}, tasks(5), range(5))
        assert_same(expected, obtain_trials(sampler, {'p': p}, tasks(5), range(5)))
        assert expected.episode_infos_by_episode['trial'].tolist() == sorted([*range(5)] * 2)
    assert sampler.total_env_steps == 2 * 5 * 2 * 20


@pytest.mark.parametrize('kind', [MultiprocessingSampler, RaySampler])
@pytest.mark.timeout(120)
def test_other_processes_change_nothing(arm_policy, kind, ray_cluster):
    env = tasks(1)[0]()
    reference = sampler_of(LocalSampler, 1, arm_policy(), env)
    sampler = sampler_of(kind, 2, arm_policy(), env)
    try:
        for p, n_tasks in ((0.5, 3), (0.2, 3), (0.7, 1)):
            expected = obtain_trials(reference, {'p': p}, tasks(n_tasks), range(n_tasks))
            trials = obtain_trials(Delegating(sampler), {'p': p}, tasks(n_tasks), range(n_tasks), 2)
            assert_same(expected, trials)
    finally:
        sampler.shutdown_worker()


def test_evaluation_can_ask_for_other_episodes_of_the_same_sampler(arm_policy):
    sampler = sampler_of(LocalSampler, 2, arm_policy(), tasks(1)[0]())
    trials = obtain_trials(sampler, None, tasks(3), [1, 2, 3], episodes_per_trial=4)
    assert len(trials.lengths) == 12


def test_impossible_requests_are_refused(arm_policy):
    sampler = sampler_of(LocalSampler, 1, arm_policy(), tasks(1)[0]())
    with pytest.raises(ValueError, match='3 tasks and 2 seeds'):
        obtain_trials(sampler, None, tasks(3), [1, 2])
    with pytest.raises(ValueError, match='Delegating does not say how many workers'):
        obtain_trials(Delegating(sampler), None, tasks(1), [1])
