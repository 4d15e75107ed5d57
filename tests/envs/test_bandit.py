"""Arms pay with their probabilities, at rest or restless, and the same to whoever pulls them."""

from metods_garage.envs import BanditEnv, BanditVectorEnv, make_benchmark

import numpy as np
import pytest


def pull(env, arms, seed):
    """Rewards [B, n_pulls] of pulling arm `arms[t]` at pull t, and the probabilities [B, n, K]."""
    env.reset(seed=seed)
    rewards, probabilities = [], []
    for arm in arms:
        probabilities.append(env.probabilities)
        rewards.append(env.step(np.full(env.num_envs, arm))[1])
    return np.stack(rewards, axis=1), np.stack(probabilities, axis=1)


def test_arms_pay_with_their_probabilities():
    seed = 4
    print(f'seed {seed}')
    arms = (0.0, 0.25, 0.75, 1.0)
    env = BanditVectorEnv(50, n_arms=4, n_pulls=40)
    env.set_tasks([{'probabilities': arms}] * 50)
    for arm, p in enumerate(arms):
        paid, _ = pull(env, [arm] * 40, seed + 1000 * arm)
        assert abs(paid.mean() - p) <= 5 * np.sqrt(p * (1 - p) / paid.size)


def test_an_instance_pays_the_same_whoever_plays_it():
    """Whether pull t pays depends on its noise and the arm, not on what was pulled before."""
    env = BanditVectorEnv(20, n_arms=2, n_pulls=30)
    env.set_tasks([{'probabilities': (0.4, 0.4)}] * 20)
    one, _ = pull(env, [0] * 30, seed=7)
    other, _ = pull(env, [1, 0, 1] * 10, seed=7)
    np.testing.assert_array_equal(one, other)
    assert 0 < one.mean() < 1


def test_drawn_arms_are_uniform():
    seed = 5
    print(f'seed {seed}')
    generator = np.random.default_rng(seed)
    env = BanditEnv(n_arms=10)
    drawn = np.array([env.draw_task(generator)['probabilities'] for _ in range(1000)])
    assert drawn.shape == (1000, 10)
    counts = np.histogram(drawn, bins=10, range=(0, 1))[0]
    assert np.abs(counts - 1000).max() < 5 * np.sqrt(1000 * 0.9)


def test_arms_at_rest_stay():
    env = BanditVectorEnv(3, n_arms=4, n_pulls=20)
    _, probabilities = pull(env, [0] * 20, seed=1)
    assert (probabilities == probabilities[:, :1]).all()
    assert len(np.unique(probabilities)) == 12


@pytest.mark.parametrize('together', [True, False])
def test_restless_arms_are_redrawn_before_a_pull_in_twenty(together):
    seed = 3
    print(f'seed {seed}')
    env = BanditVectorEnv(200, 10, 100, redraw_probability=0.05, redraw_together=together)
    task = env.draw_task(np.random.default_rng(1))
    env.set_tasks([task] * 200)
    rewards, probabilities = pull(env, [0] * 100, seed)
    assert (probabilities[:, 0] == task['probabilities']).all()
    changed = probabilities[:, 1:] != probabilities[:, :-1]
    frequency, n_chances = changed.mean(), changed.size / (10 if together else 1)
    assert abs(frequency - 0.05) < 5 * np.sqrt(0.05 * 0.95 / n_chances)
    assert (changed.all(axis=2) == changed.any(axis=2)).all() == together
    assert abs(probabilities[:, -1].mean() - 0.5) < 0.05  # fresh arms are uniform too
    paid = rewards - probabilities[:, :, 0]
    assert abs(paid.mean()) < 5 * 0.5 / np.sqrt(paid.size)


def test_the_last_pull_ends_the_episode_by_the_task():
    env = BanditEnv(n_arms=3, n_pulls=4)
    env.reset(seed=0)
    assert [env.step(1)[2:4] for _ in range(4)] == [(False, False)] * 3 + [(True, False)]


def test_wrong_tasks_and_arguments_are_refused():
    env = BanditEnv(n_arms=2)
    with pytest.raises(ValueError, match='3 probabilities'):
        env.set_task({'probabilities': (0.1, 0.2, 0.3)})
    with pytest.raises(ValueError, match='within'):
        env.set_task({'probabilities': (0.1, 1.2)})
    with pytest.raises(ValueError, match='n_arms=0'):
        BanditEnv(n_arms=0)
    with pytest.raises(ValueError, match='redraw_probability=2'):
        BanditEnv(redraw_probability=2)


def test_two_arms_have_both_orders_equally_often():
    for split in ('train', 'test'):
        tasks = make_benchmark('bandit-2').evaluation_tasks(split)
        orders = [task.env_update.task['probabilities'] for task in tasks]
        assert orders.count((0.25, 0.75)) == orders.count((0.75, 0.25)) == 25
        assert len({task.seed for task in tasks}) == 50
