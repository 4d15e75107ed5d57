import math

from metods_garage.modules import CategoricalPolicyHead, GaussianPolicyHead, ValueHead

import pytest
import torch


@pytest.mark.parametrize('linear', [False, True])
def test_a_categorical_head_starts_close_to_uniform(linear):
    torch.manual_seed(0)
    head = CategoricalPolicyHead(20, 5, linear=linear)
    distribution = head(5 * torch.randn(50, 4, 20))
    assert distribution.batch_shape == (50, 4)
    assert 0.9 * math.log(5) < distribution.entropy().mean() < math.log(5) - 1e-4
    assert head.most_likely(distribution).shape == (50, 4)


def test_a_gaussian_head_with_fixed_deviation_has_nothing_to_learn_about_it():
    head = GaussianPolicyHead(20, 3, std=0.1, learn_std=False)
    distribution = head(torch.randn(6, 4, 20))
    assert distribution.batch_shape == (6, 4)
    assert distribution.event_shape == (3,)
    torch.testing.assert_close(distribution.stddev, torch.full((6, 4, 3), 0.1))
    assert 'log_std' not in dict(head.named_parameters())
    assert 'log_std' in head.state_dict()
    assert torch.equal(head.most_likely(distribution), distribution.mean)


def test_a_gaussian_head_learns_one_deviation_per_action_dimension():
    head = GaussianPolicyHead(20, 3, std=0.5)
    head(torch.randn(6, 20)).log_prob(torch.zeros(6, 3)).sum().backward()
    assert head.log_std.grad.abs().min() > 0


def test_a_deviation_that_is_not_positive_is_refused():
    with pytest.raises(ValueError, match=r'std is 0\.0'):
        GaussianPolicyHead(20, 3, std=0.0)


def test_the_last_layer_of_a_policy_head_starts_at_a_tenth():
    torch.manual_seed(0)
    weight = CategoricalPolicyHead(50, 50).network[-1].weight
    bound = 0.1 * (6 / 100) ** 0.5
    assert 0.99 * bound < weight.abs().max() <= bound
    assert weight.std().item() == pytest.approx(bound / 3**0.5, rel=0.05)  # uniform


def test_the_value_is_one_number_per_step():
    assert ValueHead(20)(torch.randn(6, 4, 20)).shape == (6, 4)
    assert ValueHead(20, linear=True)(torch.randn(6, 20)).shape == (6,)
