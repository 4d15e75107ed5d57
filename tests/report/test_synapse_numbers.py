"""Known answers of what is read off a record of synapses."""

from metods_garage.report.synapse_numbers import (
    choices,
    energy,
    energy_landscape,
    nearest_centroid_accuracy,
    outcomes,
    plane_energies,
    principal_components,
    rewards_seen,
    separation,
    step_kinds,
)

import numpy as np
import pytest


def test_the_components_of_a_rank_two_trajectory_are_its_two_axes():
    angle = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    axes = np.array([[0.6, 0, 0.8, 0], [0, 1.0, 0, 0]])
    mean = np.array([1.0, 2.0, -3.0, 4.0])
    coordinates = np.stack([3 * np.cos(angle), np.sin(angle)], axis=1)

    found = principal_components(mean + coordinates @ axes, n=3)

    np.testing.assert_allclose(found.mean, mean, atol=1e-12)
    np.testing.assert_allclose(found.directions[:2], axes, atol=1e-12)
    np.testing.assert_allclose(found.scores[:, :2], coordinates, atol=1e-12)
    np.testing.assert_allclose(found.explained, [0.9, 0.1, 0], atol=1e-12)


def test_more_components_than_there_are_points_or_dimensions_are_zeros():
    found = principal_components(np.array([[0.0], [2.0]]), n=2)
    assert found.scores.tolist() == [[-1, 0], [1, 0]]
    assert found.explained.tolist() == [1, 0]


def test_points_that_are_all_the_same_have_no_variance_to_explain():
    found = principal_components(np.ones((5, 3)))
    assert not found.scores.any()
    assert found.explained.tolist() == [0, 0]


def test_energy_is_the_bilinear_form():
    W = np.array([[1.0, 2.0], [3.0, 4.0]])
    assert energy(np.array([1.0, 10.0]), W, np.array([5.0, 7.0])) == 1 * (5 + 14) + 10 * (15 + 28)


def test_the_energies_of_a_plane_are_those_of_its_directions():
    rng = np.random.default_rng(3)
    W, plane = rng.normal(size=(6, 4, 4)), rng.normal(size=(2, 4))
    found = plane_energies(W, plane)
    for i in range(2):
        for j in range(2):
            np.testing.assert_allclose(found[:, i, j], energy(plane[i], W, plane[j]))


def test_the_landscape_is_the_energy_of_each_point_of_the_plane():
    W = np.diag([1.0, 2.0, 3.0])
    plane = np.array([[1.0, 0, 0], [0, 0, 1.0]])
    found = energy_landscape(W, np.ones(3), plane, np.array([0.0, 1.0]), np.array([0.0, -2.0, 4.0]))
    # v = (1 + x, 1, 1 + y): v' W v = (1 + x)^2 + 2 + 3 (1 + y)^2
    assert found.tolist() == [[6, 9], [6, 9], [78, 81]]


def test_a_step_sees_the_reward_of_the_step_before_it(make_record):
    record = make_record(rewards=[[0.2, -1.0, 0.0], [1.0, 5.0, 7.0]], lengths=[3, 2])
    assert rewards_seen(record).tolist() == [[0, np.float32(0.2), -1], [0, 1, 0]]


def test_on_the_harlow_task_the_mark_is_no_choice(make_record):
    rewards = [[0.2, 0, 1.0, 0.2, -1.0], [0.2, -1.0, 0, 1.0, 0], [0.2, 0, 0, 0, 0]]
    record = make_record('harlow', rewards=rewards, lengths=[5, 4, 5])
    assert np.argwhere(choices(record)).tolist() == [[0, 2], [0, 4], [1, 1], [1, 3]]

    found = outcomes(record)

    assert found.known.tolist() == [True, True, False]
    assert found.good[:2].tolist() == [True, False]
    assert found.onset[:2].tolist() == [3, 2]

    kinds = step_kinds(record)
    assert np.argwhere(kinds['after a choice']).tolist() == [[0, 3], [1, 2]]
    assert np.argwhere(kinds['after another reward']).tolist() == [[0, 1], [0, 4], [1, 1], [2, 1]]
    np.testing.assert_array_equal(sum(kinds.values()), record.valid.astype(int))


@pytest.mark.parametrize('benchmark', ['bandit-10-5', 'restless'])
def test_every_pull_of_a_bandit_is_a_choice(make_record, benchmark):
    record = make_record(benchmark, rewards=[[1, 0], [0, 1]], lengths=[2, 2])
    found = outcomes(record)
    assert choices(record).all()
    assert found.good.tolist() == [True, False]
    assert found.onset.tolist() == [1, 1]


def test_where_nothing_is_a_choice_trials_are_grouped_by_return(make_record):
    record = make_record('maze-8', rewards=[[0, 10], [10, 10], [0, 0]], lengths=[2, 2, 2])
    found = outcomes(record)
    assert found.good.tolist() == [False, True, False]
    assert found.known.all()
    assert not found.onset.any()
    assert 'return' in found.labels[0]


def test_the_accuracy_of_the_nearest_mean_is_what_it_is_by_hand():
    apart = np.array([[0.0], [1.0], [10.0], [11.0]])
    good = np.array([True, True, False, False])
    assert nearest_centroid_accuracy(apart, good) == 1
    # Each good point is farther from the other one than from the bad ones, though not 0 from the
    # mean of all good ones.
    assert nearest_centroid_accuracy(np.array([[0.0], [6.0], [4.0], [4.0]]), good) == 0.5
    assert np.isnan(nearest_centroid_accuracy(apart[1:], good[1:]))


def test_groups_that_part_when_they_see_the_outcome_are_told_apart_from_then_on(make_record):
    rewards = [[0.2, 1.0, 0, 0], [0.2, -1.0, 0, 0]] * 3
    record = make_record('harlow', rewards=rewards, lengths=[4] * 6)
    groups = outcomes(record)
    sign = np.where(groups.good, 1, -1)[record.weight_trial]
    points = np.where(record.weight_step > 2, sign, 0)[:, np.newaxis].astype(float)

    told = separation(points, record, groups, range(-2, 9))

    assert told == {-2: 0, -1: 0, 0: 0, 1: 1, 2: 1}  # a tie is no right answer
