"""Returns and advantages agree with what a pencil gives."""

from metods_garage.algos.advantages import (
    explained_variance,
    generalized_advantages,
    standardized,
)

import pytest
import torch


def _f(*rows):
    return torch.tensor(rows, dtype=torch.float64)


def _all(x):
    return torch.ones(x.shape, dtype=torch.bool)


def _returns(r, valid, *, discount, cut=None):
    """What is left of the advantages without a critic: sums of discounted rewards."""
    v = torch.zeros_like(r)
    return generalized_advantages(r, v, valid, discount=discount, lambda_=1.0, cut=cut)


def test_advantages_of_three_steps_equal_the_hand_computed_ones():
    r, v = _f([1, 2, 3]), _f([10, 20, 30])
    # delta_2 = 3 - 30 = -27; delta_1 = 2 + 0.5 * 30 - 20 = -3; delta_0 = 1 + 0.5 * 20 - 10 = 1
    # A_2 = -27; A_1 = -3 + 0.25 * -27 = -9.75; A_0 = 1 + 0.25 * -9.75 = -1.4375
    a = generalized_advantages(r, v, _all(r), discount=0.5, lambda_=0.5)
    assert torch.equal(a, _f([-1.4375, -9.75, -27]))


def test_lambda_zero_gives_the_one_step_errors():
    r, v = _f([1, 2, 3]), _f([10, 20, 30])
    a = generalized_advantages(r, v, _all(r), discount=0.5, lambda_=0.0)
    assert torch.equal(a, _f([1, -3, -27]))


def test_lambda_one_gives_return_minus_value_for_any_critic():
    seed = 3
    print('seed', seed)
    g = torch.Generator().manual_seed(seed)
    r, v = (torch.randn(4, 17, generator=g, dtype=torch.float64) for _ in range(2))
    valid = torch.arange(17) < torch.tensor([[17], [1], [9], [16]])
    a = generalized_advantages(r, v, valid, discount=0.9, lambda_=1.0)
    returns = torch.stack(
        [
            sum(0.9**k * torch.where(valid, r, 0.0)[:, t + k] for k in range(17 - t))
            for t in range(17)
        ],
        dim=1,
    )
    torch.testing.assert_close(a, torch.where(valid, returns - v, 0.0))


@pytest.mark.parametrize('lambda_', [0.0, 0.3, 0.95, 1.0])
def test_a_constant_critic_and_no_reward_leave_a_geometric_sum(lambda_):
    # With r = 0 and v = c every delta but the last is (gamma - 1) c, and the last is -c, since
    # nothing is bootstrapped after a trial's end.
    c, gamma, steps = 2.0, 0.9, 6
    v = torch.full((1, steps), c, dtype=torch.float64)
    a = generalized_advantages(torch.zeros_like(v), v, _all(v), discount=gamma, lambda_=lambda_)
    k = gamma * lambda_
    expected = [
        sum(k**j * (gamma - 1) * c for j in range(left)) - k**left * c
        for left in reversed(range(steps))
    ]
    torch.testing.assert_close(a, _f(expected))


def test_what_stands_in_the_padding_reaches_no_real_step():
    r, v = _f([1, 2, torch.nan], [1, 2, 3]), _f([1, 1, torch.inf], [1, 1, 1])
    valid = torch.tensor([[True, True, False], [True, True, True]])
    a = generalized_advantages(r, v, valid, discount=0.5, lambda_=1.0)
    assert torch.equal(a, _f([1, 1, 0], [1.75, 2.5, 2]))


def test_rewards_pass_the_border_of_an_episode_unless_it_is_cut():
    r = _f([0, 0, 0, 8])
    start = torch.tensor([[True, False, True, False]])
    whole = _returns(r, _all(r), discount=0.5)
    assert torch.equal(whole, _f([1, 2, 4, 8]))
    cut = _returns(r, _all(r), discount=0.5, cut=start)
    assert torch.equal(cut, _f([0, 0, 4, 8]))


def test_a_cut_also_stops_the_bootstrap():
    r, v = _f([0, 0]), _f([0, 5])
    start = torch.tensor([[True, True]])
    a = generalized_advantages(r, v, _all(r), discount=1.0, lambda_=0.0, cut=start)
    assert torch.equal(a, _f([0, -5]))


def test_standardized_counts_real_steps_only():
    x = _f([1, 3, 1000], [5, 7, 9])
    valid = torch.tensor([[True, True, False], [True, True, True]])
    z = standardized(x, valid)
    assert z[0, 2] == 0
    torch.testing.assert_close(z[valid].mean(), torch.tensor(0.0, dtype=torch.float64))
    torch.testing.assert_close(z[valid].std(unbiased=False), torch.tensor(1.0, dtype=torch.float64))


def test_standardized_leaves_equal_advantages_at_zero():
    x = torch.full((2, 3), 4.0)
    assert torch.equal(standardized(x, _all(x)), torch.zeros(2, 3))


def test_explained_variance_is_one_zero_or_below():
    target = _f([1, 2, 3, 4])
    valid = _all(target)
    assert explained_variance(target, target, valid) == 1
    assert explained_variance(torch.zeros_like(target), target, valid) == 0
    assert explained_variance(-target, target, valid) == -3
    assert explained_variance(target, torch.ones_like(target), valid).isnan()


def test_shapes_that_differ_are_named():
    r = torch.zeros(2, 3)
    with pytest.raises(ValueError, match=r'values has shape \(2, 4\).*rewards have \(2, 3\)'):
        generalized_advantages(r, torch.zeros(2, 4), _all(r), discount=1, lambda_=1)
    with pytest.raises(ValueError, match=r'\[trials, steps\], got shape \(6,\)'):
        _returns(torch.zeros(6), torch.ones(6, dtype=bool), discount=1)
