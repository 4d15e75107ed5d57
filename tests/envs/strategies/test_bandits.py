"""Strategies for bandits earn what is known of them, and choose as their definitions say."""

from metods_garage.envs import BanditVectorEnv
from metods_garage.envs.strategies import (
    UCB1,
    BestArm,
    GittinsIndex,
    RandomActions,
    ThompsonSampling,
    WinStayLoseShift,
    gittins_indices,
    play,
)

import numpy as np
import pytest


def returns(strategy, n_pulls, n_arms, n_instances=2000, **arguments):
    env = BanditVectorEnv(n_instances, n_arms, n_pulls, **arguments)
    seeds = range(n_instances)
    return play(env, strategy, tasks=[None] * n_instances, seeds=seeds, seed=1).returns


@pytest.mark.parametrize(('n_pulls', 'n_arms'), [(10, 5), (100, 10), (100, 50)])
def test_random_actions_earn_half_and_the_best_arm_the_expected_maximum(near, n_pulls, n_arms):
    assert near(returns(RandomActions(), n_pulls, n_arms), n_pulls / 2)
    assert near(returns(BestArm(), n_pulls, n_arms), n_pulls * n_arms / (n_arms + 1))


@pytest.mark.parametrize(
    ('n_pulls', 'n_arms', 'published'),
    [(10, 5, 6.6), (10, 10, 6.6), (100, 5, 78.3), (100, 10, 82.8), (100, 50, 85.2)],
)
def test_gittins_earns_what_was_published(near, n_pulls, n_arms, published):
    found = returns(GittinsIndex(), n_pulls, n_arms, 4000)
    assert near(found, published, n_published=1000, tolerance=0.05)


def test_gittins_earns_more_than_the_others_and_they_more_than_chance(near):
    """On the same instances; the memoryless rule is known to earn 6.3 at 10 pulls of 5 arms."""
    found = {
        type(strategy): returns(strategy, 10, 5)
        for strategy in (
            RandomActions(),
            UCB1(),
            ThompsonSampling(),
            WinStayLoseShift(),
            GittinsIndex(),
            BestArm(),
        )
    }
    assert near(found[WinStayLoseShift], 6.3)
    assert near(found[GittinsIndex], 6.57)
    order = sorted(found, key=lambda kind: found[kind].mean())
    names = [kind.__name__ for kind in order]
    assert names == ['RandomActions', 'UCB1', 'ThompsonSampling', 'WinStayLoseShift',
                     'GittinsIndex', 'BestArm']  # fmt: skip


def test_the_best_arm_of_a_restless_bandit_is_the_best_of_the_moment(near):
    found = returns(BestArm(), 100, 10, 500, redraw_probability=0.05)
    assert near(found, 100 * 10 / 11)


def paying(strategy, outcomes, n_arms=3):
    """Arms pulled when pulls pay as listed, whatever the arm."""
    env = BanditVectorEnv(1, n_arms, n_pulls=len(outcomes))
    env.reset(seed=0)
    strategy.begin(env, np.random.default_rng(0))
    pulled = []
    for outcome in outcomes:
        arms = strategy.actions()
        strategy.observe(arms, np.array([float(outcome)]))
        pulled.append(int(arms[0]))
    return pulled


def test_gittins_follows_its_table():
    assert paying(GittinsIndex(), [1, 1, 0, 0]) == [0, 0, 0, 1]
    table = gittins_indices(4)
    assert table[2, 1] < table[0, 0] < table[2, 0]


def test_win_stay_lose_shift_stays_and_shifts():
    arms = paying(WinStayLoseShift(), [1, 1, 0, 1, 0, 0, 1, 1])
    assert arms[0] == arms[1] == arms[2] != arms[3] == arms[4] != arms[5] != arms[6] == arms[7]
    assert paying(WinStayLoseShift(), [0, 0], n_arms=1) == [0, 0]


def test_ucb1_pulls_every_arm_once_and_then_by_its_bound():
    # after 1, 0, 0 the bound of arm 0 is highest; at t = 4 it is 1 + sqrt(ln 4), above all others
    assert paying(UCB1(), [1, 0, 0, 1, 0]) == [0, 1, 2, 0, 0]


def test_thompson_sampling_draws_from_the_posterior():
    env = BanditVectorEnv(4000, n_arms=2, n_pulls=10)
    env.reset(seed=0)
    strategy = ThompsonSampling()
    strategy.begin(env, np.random.default_rng(3))
    strategy.observe(np.zeros(4000, dtype=int), np.ones(4000))
    first = strategy.actions() == 0
    # P(Beta(2, 1) > Beta(1, 1)) = E[Beta(2, 1)] = 2 / 3
    assert abs(first.mean() - 2 / 3) < 5 * np.sqrt(2 / 9 / 4000)
