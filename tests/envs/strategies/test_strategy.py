"""A strategy is played once through every task, on the instances that trained agents meet."""

from metods_garage.envs import BanditVectorEnv, HarlowVectorEnv, MetaRLObservation, make_benchmark
from metods_garage.envs.strategies import HarlowOptimum, RandomActions, Strategy, play
from metods_garage.samplers import TrialWorker, obtain_trials

import numpy as np
from garage.np.policies import FixedPolicy
from garage.sampler import LocalSampler


class FixedArms(Strategy):
    """Pulls arms in a fixed order."""

    def __init__(self, arms):
        self._arms = arms

    def begin(self, env, generator):
        self._left = list(self._arms)
        self._n = env.num_envs

    def actions(self):
        return np.full(self._n, self._left.pop(0))


def test_it_is_repeatable_and_paired():
    tasks = [{'probabilities': (0.3, 0.6)}] * 8
    env = BanditVectorEnv(8, n_arms=2, n_pulls=10)
    kept = {'tasks': tasks, 'seeds': range(8)}
    one = play(env, RandomActions(), **kept, seed=1)
    np.testing.assert_array_equal(one.rewards, play(env, RandomActions(), **kept, seed=1).rewards)
    other = play(env, RandomActions(), **kept, seed=2)
    assert (one.rewards != other.rewards).any()
    assert one.success is None
    assert one.rewards.shape == (8, 10)


def test_rewards_stop_where_an_episode_ends():
    found = play(HarlowVectorEnv(30), HarlowOptimum(), tasks=[None] * 30, seeds=range(30), seed=0)
    last = np.abs(found.rewards[np.arange(30), found.lengths - 1])
    np.testing.assert_array_equal(last, 1)  # the last choice
    after = np.arange(found.rewards.shape[1]) >= found.lengths[:, np.newaxis]
    assert after.any()
    assert not found.rewards[after].any()


def test_it_meets_the_instances_that_workers_meet():
    """The same arms in the same order earn the same rewards through TrialWorker and here."""
    benchmark = make_benchmark('bandit-10-5')
    tasks = benchmark.evaluation_tasks('test', lambda env, _: MetaRLObservation(env))[:4]
    arms = [0, 1, 2, 3, 4, 0, 1, 2, 3, 4]
    found = play(
        benchmark.make.vector(4),
        FixedArms(arms),
        tasks=[task.env_update.task for task in tasks],
        seeds=[task.environment_seed for task in tasks],
        seed=0,
    )
    env = tasks[0].env_update()
    for row, task in enumerate(tasks):
        sampler = LocalSampler(
            FixedPolicy(env.spec, np.array(arms)),
            env,
            max_episode_length=10,
            n_workers=1,
            worker_class=TrialWorker,
        )
        episodes = obtain_trials(sampler, None, [task.env_update], [task.seed])
        np.testing.assert_array_equal(episodes.rewards, found.rewards[row])
        sampler.shutdown_worker()
