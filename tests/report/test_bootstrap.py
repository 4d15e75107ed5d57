from metods_garage.report import bootstrap, bootstrap_interval

import numpy as np
import pytest


def test_mean_is_over_goals_then_classes_then_seeds():
    # Class 0 has one goal (1.0), class 1 has three (0, 0, 0.6): (1.0 + 0.2) / 2 = 0.6.
    scores = np.array([[[1.0, np.nan, np.nan], [0.0, 0.0, 0.6]]])

    assert bootstrap_interval(scores).mean == pytest.approx(0.6)


def test_interval_of_rates_contains_the_mean_and_stays_within_0_and_1():
    seed = np.random.SeedSequence().entropy
    print('seed', seed)
    scores = np.random.default_rng(seed).uniform(size=(3, 4, 5))

    mean, low, high = bootstrap_interval(scores, rate=True)

    assert 0 <= low <= mean <= high <= 1
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

    # Both draws are one seed with probability 1/2: the interval reaches both, and further.
    assert bootstrap_interval(scores, rate=True) == pytest.approx((0.5, 0.0, 1.0))
    # t(0.975, 1) / z(0.975) * sqrt(2) = 12.706 / 1.960 * 1.414
    assert bootstrap_interval(scores).high == pytest.approx(0.5 + 0.5 * 9.168, rel=1e-3)


def test_interval_of_normal_scores_covers_the_truth_about_95_times_in_100():
    rng = np.random.default_rng(1)
    covered = 0
    for _ in range(200):
        _, low, high = bootstrap_interval(rng.normal(size=(1, 1, 60)), resamples=500)
        covered += low <= 0 <= high

    assert 180 <= covered <= 199


def test_few_seeds_that_differ_are_covered():
    rng = np.random.default_rng(3)
    covered = 0
    for _ in range(200):
        scores = rng.normal(size=(3, 1, 1)) + rng.normal(size=(3, 1, 50))
        _, low, high = bootstrap_interval(scores, resamples=300)
        covered += low <= 0 <= high

    assert covered >= 180


def test_each_factor_lengthens_the_arms_by_its_share_of_the_variance():
    seeds, classes = np.array([1.0, -1.0])[:, None, None], np.array([3.0, -3.0])[:, None]
    goals = np.array([[1.0, -1.0, np.nan], [2.0, -4.0, 2.0]])
    scores = seeds + classes + goals
    # variances of the mean: of 2 seeds 2 / 2, of 2 classes 18 / 2, of 2 and 3 goals 2 / 2 / 4 and
    # 12 / 3 / 4; t(0.975) with 1, 2 degrees of freedom is 12.706, 4.303, z(0.975) is 1.960
    wide = 12.706**2 * (1 + 9 + 0.25) + 4.303**2 * 1
    drawn = 1.96**2 * ((1 + 9 + 0.25) / 2 + 1 * 2 / 3)

    assert bootstrap._stretch(scores, 0.95) == pytest.approx((wide / drawn) ** 0.5, rel=1e-3)
    wider = np.pad(scores, ((0, 0), (0, 0), (0, 4)), constant_values=np.nan)
    assert bootstrap._stretch(wider, 0.95) == bootstrap._stretch(scores, 0.95)
    assert bootstrap._stretch(1e90 * scores, 0.95) == pytest.approx(
        bootstrap._stretch(scores, 0.95)
    )


def test_where_only_pairs_of_units_differ_the_fewest_units_count():
    scores = np.array([[[0.0, 1.0]], [[1.0, 0.0]]])

    assert bootstrap._stretch(scores, 0.95) == pytest.approx(9.168, rel=1e-3)


@pytest.mark.parametrize('n_seeds', [2, 3])
@pytest.mark.parametrize('between_seeds', [0.0, 0.14, 0.3, 1.0])
def test_few_seeds_are_covered_however_much_they_differ(between_seeds, n_seeds):
    # goals differ by 1, so that their mean over 50 has a deviation of 0.14 of its own
    rng = np.random.default_rng(6)
    covered = 0
    for _ in range(300):
        scores = between_seeds * rng.normal(size=(n_seeds, 1, 1)) + rng.normal(size=(1, 1, 50))
        scores = scores + 0.5 * rng.normal(size=(n_seeds, 1, 50))
        _, low, high = bootstrap_interval(scores, resamples=300)
        covered += low <= 0 <= high

    assert covered >= 277  # of 285, less two deviations


def test_seeds_that_do_not_differ_are_not_wider_than_one_of_them():
    scores = np.random.default_rng(7).normal(size=(1, 1, 50))
    _, low, high = bootstrap_interval(scores)

    # which seeds are drawn changes nothing; which goals are is another draw
    assert bootstrap_interval(np.repeat(scores, 3, axis=0))[1:] == pytest.approx(
        (low, high), rel=0.1
    )


def test_few_classes_and_goals_under_one_seed_are_covered():
    rng = np.random.default_rng(4)
    covered = 0
    for _ in range(200):
        scores = rng.normal(size=(1, 5, 1)) + rng.normal(size=(1, 5, 3))
        _, low, high = bootstrap_interval(scores, resamples=300)
        covered += low <= 0 <= high

    assert covered >= 180


def test_rare_success_is_covered():
    rng = np.random.default_rng(5)
    covered = 0
    for _ in range(200):
        scores = (rng.uniform(size=(1, 1, 50)) < 0.02).astype(float)
        _, low, high = bootstrap_interval(scores, rate=True, resamples=300)
        covered += low <= 0.02 <= high

    assert covered >= 180


@pytest.mark.parametrize(('rate', 'low', 'high'), [(0.0, 0.0, 0.0713), (1.0, 0.9287, 1.0)])
def test_success_that_is_the_same_everywhere_has_wilsons_interval(rate, low, high):
    # 50 goals: z^2 / (50 + z^2) = 3.8415 / 53.8415
    found = bootstrap_interval(np.full((3, 1, 50), rate), rate=True)

    assert found == pytest.approx((rate, low, high), abs=1e-4)


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
