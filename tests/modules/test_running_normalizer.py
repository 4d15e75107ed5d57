from metods_garage.modules import RewardScaler, RunningNormalizer

import pytest
import torch


def test_statistics_of_parts_equal_those_of_the_whole():
    torch.manual_seed(0)
    x = 3.0 + 2.0 * torch.randn(60, 4, dtype=torch.float64)
    normalizer = RunningNormalizer(4)
    for part in (x[:7], x[7:31], x[31:]):
        normalizer.update(part)
    torch.testing.assert_close(normalizer.mean, x.mean(0))
    torch.testing.assert_close(normalizer.var, x.var(0, unbiased=False))
    assert normalizer.count == 60


def test_steps_that_are_not_valid_are_not_counted():
    x = torch.randn(2, 5, 3)
    valid = torch.tensor([[True] * 5, [True] * 2 + [False] * 3])
    masked, plain = RunningNormalizer(3), RunningNormalizer(3)
    masked.update(x, valid)
    plain.update(torch.cat([x[0], x[1, :2]]))
    torch.testing.assert_close(masked.var, plain.var)
    masked.update(x, torch.zeros(2, 5, dtype=torch.bool))
    assert masked.count == 7


def test_it_changes_nothing_before_the_first_update_and_never_by_being_applied():
    normalizer = RunningNormalizer(3)
    x = 100 * torch.randn(4, 3)
    assert x.abs().max() > normalizer.clip
    assert torch.equal(normalizer(x), x)
    assert normalizer.count == 0
    rewards = torch.tensor([[50.0, -0.1]])
    assert torch.equal(RewardScaler(discount=0.9)(rewards), rewards)


def test_outputs_are_clipped_and_constant_dimensions_stay_finite():
    normalizer = RunningNormalizer(2)
    normalizer.update(torch.tensor([[1.0, 5.0], [2.0, 5.0]]))
    out = normalizer(torch.tensor([[1e6, 5.0], [-1e6, 6.0]]))
    assert out.tolist() == [[10.0, 0.0], [-10.0, 10.0]]


def test_statistics_are_part_of_the_state_dict():
    first, second = RunningNormalizer(2), RunningNormalizer(2)
    first.update(torch.randn(9, 2))
    second.load_state_dict(first.state_dict())
    x = torch.randn(3, 2)
    assert torch.equal(first(x), second(x))


def test_another_size_is_refused():
    with pytest.raises(ValueError, match='its last dimension must be 3'):
        RunningNormalizer(3).update(torch.zeros(2, 4))


def test_rewards_are_divided_by_the_deviation_of_the_discounted_return():
    scaler = RewardScaler(discount=0.5, clip=100.0)
    rewards = torch.tensor([[1.0, 0.0, 1.0], [0.0, 0.0, 7.0]])
    valid = torch.tensor([[True, True, True], [True, True, False]])
    scaler.update(rewards, valid)
    returns = torch.tensor([1.0, 0.5, 1.25, 0.0, 0.0])
    torch.testing.assert_close(scaler(rewards), rewards / returns.std(unbiased=False))
