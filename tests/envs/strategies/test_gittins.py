"""The tabulated Gittins index is that of the literature, and of its definition."""

from metods_garage.envs.strategies import gittins_indices

import numpy as np
import pytest


@pytest.mark.parametrize(
    ('discount', 'successes', 'failures', 'index'),
    # Gittins, Glazebrook and Weber, Multi-armed Bandit Allocation Indices: tables for Bernoulli
    # arms, by the parameters successes + 1 and failures + 1 of the posterior
    [
        (0.99, 0, 0, 0.8699),
        (0.99, 1, 0, 0.9102),
        (0.99, 0, 1, 0.7005),
        (0.99, 1, 1, 0.7844),
        (0.9, 0, 0, 0.7029),
        (0.9, 1, 0, 0.8001),
        (0.9, 0, 1, 0.5001),
        (0.9, 1, 1, 0.6346),
    ],
)
def test_published_indices(discount, successes, failures, index):
    assert gittins_indices(10, discount)[successes, failures] == pytest.approx(index, abs=1e-4)


def test_it_is_the_best_ratio_of_rewards_to_time_that_stopping_can_reach():
    """At a short horizon, all stopping rules are tried by another recursion, on the ratio."""
    discount = 0.5  # after 40 pulls nothing counts any more

    def gain(ratio, s, f, pulls_left):
        """Most of rewards - ratio * time, each discounted, over rules that pull at least once."""
        p = (s + 1) / (s + f + 2)
        if pulls_left == 0:
            return p - ratio
        paid = max(gain(ratio, s + 1, f, pulls_left - 1), 0)
        unpaid = max(gain(ratio, s, f + 1, pulls_left - 1), 0)
        return p - ratio + discount * (p * paid + (1 - p) * unpaid)

    for s, f in [(0, 0), (2, 1), (0, 3)]:
        index = gittins_indices(10, discount)[s, f]
        assert gain(index - 2e-3, s, f, 12) > 0 > gain(index + 2e-3, s, f, 12)


def test_indices_exceed_the_mean_less_and_less_and_rise_with_success():
    indices = gittins_indices(100)
    s, f = np.nonzero(~np.isnan(indices))
    assert (s + f < 100).all()
    mean = (s + 1) / (s + f + 2)
    assert (indices[s, f] > mean).all()
    assert (indices[s, f] < 1).all()
    assert (indices[20, 20] - 0.5) < (indices[5, 5] - 0.5) / 2
    rows = indices[:50, :50]  # where all are known
    assert (np.diff(rows, axis=0) > 0).all()
    assert (np.diff(rows, axis=1) < 0).all()


def test_a_table_is_made_once_and_not_to_be_written_into():
    assert gittins_indices(10) is gittins_indices(10)
    with pytest.raises(ValueError, match='read-only'):
        gittins_indices(10)[0, 0] = 0
