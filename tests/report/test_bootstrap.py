from metods_garage.report import bootstrap_interval

import numpy as np
import pytest


def test_mean_is_over_goals_then_classes_then_seeds():
    # Class 0 has one goal (1.0), class 1 has three (0, 0, 0.6): (1.0 + 0.2) / 2 = 0.6.
    scores = np.array([[[1.0, np.nan, np.nan], [0.0, 0.0, 0.6]]])

    assert bootstrap_interval(scores).mean == pytest.approx(0.6)


def test_interval_contains_the_mean_and_stays_within_the_scores():
    seed = np.random.SeedSequence().entropy
    print('seed', seed)
    scores = np.random.default_rng(seed).uniform(size=(3, 4, 5))

    mean, low, high = bootstrap_interval(scores)

    assert scores.min() <= low <= mean <= high <= scores.max()
    assert mean == pytest.approx(scores.mean())


def test_equal_scores_have_an_interval_of_no_width():
    assert bootstrap_interval(np.full((2, 3, 4), 0.25)) == pytest.approx((0.25, 0.25, 0.25))


def test_width_over_many_goals_is_that_of_the_normal_approximation():
    scores = np.random.default_rng(0).normal(size=(1, 1, 500))

    _, low, high = bootstrap_interval(scores)

    assert high - low == pytest.approx(2 * 1.96 * scores.std() / 500**0.5, rel=0.1)


def test_seeds_that_disagree_widen_the_interval_however_many_goals_there_are():
    scores = np.zeros((2, 1, 1000))
    scores[1] = 1.0

    # Both draws are one seed with probability 1/2: the interval reaches both.
    assert bootstrap_interval(scores) == pytest.approx((0.5, 0.0, 1.0))


def test_interval_of_normal_scores_covers_the_truth_about_95_times_in_100():
    rng = np.random.default_rng(1)
    covered = 0
    for _ in range(200):
        _, low, high = bootstrap_interval(rng.normal(size=(1, 1, 60)), resamples=500)
        covered += low <= 0 <= high

    assert 180 <= covered <= 199


def test_same_scores_give_the_same_interval_and_leave_the_global_generator_alone():
    scores = np.random.default_rng(2).uniform(size=(2, 2, 9))
    before = np.random.get_state()[1].copy()  # noqa: NPY002 - the one to be left alone

    assert bootstrap_interval(scores) == bootstrap_interval(scores)
    assert (np.random.get_state()[1] == before).all()  # noqa: NPY002


def test_seeds_with_different_goals_are_refused():
    scores = np.ones((2, 1, 2))
    scores[1, 0, 1] = np.nan

    with pytest.raises(ValueError, match='do not cover the same goals'):
        bootstrap_interval(scores)
