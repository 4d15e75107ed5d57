"""The bandit keeps gymnasium's contract and pays with the arms' probabilities."""

import pickle

from metods_garage.envs import BernoulliBandit, make_benchmark

import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env


def test_it_passes_gymnasiums_own_check():
    check_env(BernoulliBandit(), skip_render_check=True)


def rewards(env, arm, n_episodes=50, seed=0):
    paid = []
    for i in range(n_episodes):
        env.reset(seed=seed if i == 0 else None)
        done = False
        while not done:
            _, reward, done, _, _ = env.step(arm)
            paid.append(reward)
    return np.array(paid)


def test_arms_pay_with_their_probabilities():
    seed = 4
    print(f'seed {seed}')
    env = BernoulliBandit()
    for arms in [(0.25, 0.75), (0.75, 0.25)]:
        env.set_task({'probabilities': arms})
        for arm, p in enumerate(arms):
            paid = rewards(env, arm, seed=seed)
            assert len(paid) == 2000
            assert abs(paid.mean() - p) < 5 * np.sqrt(p * (1 - p) / len(paid))


def test_the_same_seed_pays_the_same_and_a_copy_goes_on_like_the_original():
    env = BernoulliBandit()
    assert np.array_equal(rewards(env, 0, 2, seed=3), rewards(env, 0, 2, seed=3))
    twin = pickle.loads(pickle.dumps(env))
    env.reset()
    twin.reset()
    assert [env.step(0)[1] for _ in range(30)] == [twin.step(0)[1] for _ in range(30)]


def test_sampled_tasks_have_the_same_arms_in_random_order():
    env = BernoulliBandit((0.1, 0.2, 0.9))
    env.reset(seed=0)
    tasks = env.sample_tasks(50)
    assert {tuple(sorted(t['probabilities'])) for t in tasks} == {(0.1, 0.2, 0.9)}
    assert len({t['probabilities'] for t in tasks}) == 6


def test_wrong_tasks_and_steps_are_refused():
    env = BernoulliBandit(n_pulls=1)
    with pytest.raises(RuntimeError, match='reset'):
        env.step(0)
    with pytest.raises(ValueError, match='3 probabilities'):
        env.set_task({'probabilities': (0.1, 0.2, 0.3)})
    with pytest.raises(ValueError, match='within'):
        env.set_task({'probabilities': (0.1, 1.2)})


def test_the_benchmark_has_both_orders_equally_often():
    for split in ('train', 'test'):
        tasks = make_benchmark('bandit-2').evaluation_tasks(split)
        orders = [task.env_update().unwrapped._probabilities for task in tasks]
        assert orders.count((0.25, 0.75)) == orders.count((0.75, 0.25)) == 25
        assert len({task.seed for task in tasks}) == 50
