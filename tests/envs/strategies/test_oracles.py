"""Oracles and random actions earn on Harlow and in the mazes what is known of them."""

from metods_garage.envs import HarlowVectorEnv, MazeVectorEnv
from metods_garage.envs.harlow import DISTANCE, MARK_REWARD, N_CELLS
from metods_garage.envs.strategies import HarlowOptimum, RandomActions, ShortestPath, play
from metods_garage.envs.strategies.oracles import distances

import numpy as np
import pytest


def played(env, strategy):
    n = env.num_envs
    return play(env, strategy, tasks=[None] * n, seeds=range(n), seed=1)


@pytest.mark.parametrize(('n_object_trials', 'optimum', 'steps'), [(5, 5.0, 29), (6, 6.2, 35)])
def test_the_best_that_can_be_expected_on_harlow(near, n_object_trials, optimum, steps):
    found = played(HarlowVectorEnv(1000, n_object_trials), HarlowOptimum())
    assert near(found.returns, optimum)
    assert set(np.round(found.returns, 6)) == {optimum - 1, optimum + 1}  # all but the first right
    assert near(found.lengths, steps)
    assert set(found.lengths - steps) == {-1, 0, 1}
    assert found.success.all()


def harlow_return_of_random_actions(n_object_trials=5, max_steps=250):
    """By exact propagation of probabilities: choices pay 0 on average, marks 0.2 each.

    Between two events the agent walks at random: from a mark until 3 cells away, from an object on
    the ring until the cell 3 cells back is reached.
    """

    def first_arrival(starts, targets, ring):
        """Probability of arriving at each step 1, 2, ... from cells with given probabilities."""
        at, arrivals = np.array(starts, dtype=float), []
        for _ in range(max_steps):
            at = (np.roll(at, 1) + np.roll(at, -1)) / 2
            arrivals.append(at[targets].sum())
            at[targets] = 0
        assert ring == len(at)
        return np.concatenate(([0.0], arrivals))

    nearby, apart = np.zeros(N_CELLS), np.zeros(N_CELLS)
    nearby[[-3, -2, -1, 1, 2, 3]] = 1 / 6
    apart[DISTANCE] = 1
    to_first_mark = first_arrival(nearby, [0], N_CELLS)
    to_mark = first_arrival(apart, [0], N_CELLS)
    centre = np.zeros(N_CELLS)
    centre[0] = 1
    to_object = first_arrival(centre, [DISTANCE, -DISTANCE], N_CELLS)
    marks, arrival = 0.0, to_first_mark
    for _ in range(n_object_trials):
        marks += arrival[: max_steps + 1].sum()
        choice = np.convolve(arrival, to_object)[: max_steps + 1]
        arrival = np.convolve(choice, to_mark)[: max_steps + 1]
    return MARK_REWARD * marks


def test_random_actions_on_harlow_reach_as_many_marks_as_a_random_walk(near):
    found = played(HarlowVectorEnv(2000), RandomActions())
    assert near(found.returns, harlow_return_of_random_actions())
    choices = np.where(np.abs(found.rewards) == 1, found.rewards, 0).sum(axis=1)
    assert near(choices, 0)


# means of another simulation of these mazes
@pytest.mark.parametrize(
    ('size', 'oracle', 'random'),
    [(6, 393, 34), (8, 216, 10), (10, 149, 4.7), (12, 110, 2.8), (14, 87, 1.5)],
)
def test_returns_of_oracle_and_random_actions_in_mazes(near, size, oracle, random):
    env = MazeVectorEnv(1000, size)
    found = played(env, ShortestPath())
    assert near(found.returns, oracle, tolerance=0.01 * oracle)
    assert found.success.all()
    assert (found.lengths == 100).all()
    assert near(played(env, RandomActions()).returns, random, tolerance=0.05 * random + 0.1)


def test_the_shortest_way_takes_as_many_steps_as_the_distance_says():
    env = MazeVectorEnv(50, size=12)
    env.reset(seed=2)
    steps = distances(env.walls, env.target)
    rows = np.arange(50)
    row, column = env.position.T
    expected = steps[rows, row, column]
    oracle = ShortestPath()
    oracle.begin(env, np.random.default_rng(0))
    first_hit = np.full(50, 0)
    for step in range(1, 101):
        hit = env.step(oracle.actions())[1] > 0
        first_hit[(first_hit == 0) & hit] = step
    reached = expected <= 100
    np.testing.assert_array_equal(first_hit[reached], expected[reached])
    assert reached.mean() > 0.9


def test_distances_of_a_corridor_and_of_what_is_walled_in():
    walls = np.ones((1, 5, 7), dtype=bool)
    walls[0, 1, 1:4] = False
    walls[0, 3, 5] = False
    steps = distances(walls, np.array([[1, 1]]))
    np.testing.assert_array_equal(steps[0, 1, 1:4], (0, 1, 2))
    assert np.isinf(steps[0, 3, 5])
    assert np.isinf(steps[walls]).all()
