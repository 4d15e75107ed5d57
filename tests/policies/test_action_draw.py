"""Actions are drawn from the distribution, and from the trial's own generator."""

from metods_garage.policies.action_draw import draw

import numpy as np
import torch
from torch.distributions import Categorical, Independent, Normal


def _generators(n, seed=0):
    print('seed', seed)
    return [np.random.default_rng([seed, i]) for i in range(n)]


def test_categorical_frequencies_are_the_probabilities():
    p = torch.tensor([0.1, 0.0, 0.6, 0.3])
    actions = draw(Categorical(probs=p.expand(4000, 4)), _generators(4000))
    frequency = torch.bincount(actions, minlength=4) / 4000
    assert frequency[1] == 0
    # Standard errors are at most 0.008.
    torch.testing.assert_close(frequency, p, atol=0.03, rtol=0)


def test_a_certain_action_is_always_taken():
    p = torch.eye(3)
    assert draw(Categorical(probs=p), _generators(3)).tolist() == [0, 1, 2]


def test_gaussian_moments_are_the_parameters():
    mean, std = torch.tensor([1.0, -2.0]), torch.tensor([0.5, 2.0])
    dist = Independent(Normal(mean.expand(4000, 2), std.expand(4000, 2)), 1)
    actions = draw(dist, _generators(4000))
    # Standard errors of the mean are 0.008 and 0.032.
    torch.testing.assert_close(actions.mean(0), mean, atol=0.13, rtol=0)
    torch.testing.assert_close(actions.std(0), std, rtol=0.05, atol=0)


def test_a_trials_action_does_not_depend_on_its_neighbours():
    dist = Categorical(probs=torch.full((5, 8), 1 / 8))
    together = draw(dist, _generators(5))
    alone = draw(Categorical(probs=torch.full((1, 8), 1 / 8)), _generators(5)[3:4])
    assert together[3] == alone[0]


def test_without_generators_torch_decides():
    dist = Categorical(probs=torch.full((50, 8), 1 / 8))
    torch.manual_seed(3)
    first = draw(dist, None)
    torch.manual_seed(3)
    assert torch.equal(draw(dist, None), first)
