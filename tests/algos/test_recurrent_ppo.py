"""Recurrent PPO: minibatches of whole trials, the clipped ratio."""

from metods_garage import RecurrentPPO

import numpy as np
import pytest
import torch


def test_the_ratio_is_one_at_the_first_minibatch_and_moves_after_it(make_problem):
    algo = make_problem().algo(RecurrentPPO, n_epochs=3, n_minibatches=2, learning_rate=0.02)
    targets = algo._targets(algo._sample_trials())
    updates = [algo._update(targets, torch.as_tensor(rows)) for rows in algo._minibatches(4)]
    assert updates[0]['MaxLogRatio'] < 1e-9
    assert updates[0]['ApproxKL'] < 1e-9
    assert updates[-1]['MaxLogRatio'] > 1e-3
    assert updates[-1]['ApproxKL'] > 0


def test_each_epoch_deals_every_trial_into_one_minibatch(make_problem):
    algo = make_problem().algo(RecurrentPPO, n_epochs=3, n_minibatches=2, meta_batch_size=5)
    minibatches = algo._minibatches(5)
    assert [len(rows) for rows in minibatches] == [3, 2] * 3
    for epoch in range(3):
        dealt = np.concatenate(minibatches[2 * epoch : 2 * epoch + 2])
        assert sorted(dealt) == [0, 1, 2, 3, 4]


def test_the_gradient_is_cut_where_the_ratio_has_moved_too_far(make_problem):
    algo = make_problem().algo(RecurrentPPO, clip_range=0.2)
    # ratio:          in range, too high, too high, too low, too low
    log_prob = torch.log(torch.tensor([[1.1, 1.5, 1.5, 0.5, 0.5]])).requires_grad_()
    advantages = torch.tensor([[1.0, 1.0, -1.0, 1.0, -1.0]])
    loss = algo._policy_loss(log_prob, torch.zeros(1, 5), advantages)
    torch.testing.assert_close(loss.detach(), torch.tensor([[-1.1, -1.2, 1.5, -0.5, 0.8]]))
    loss.sum().backward()
    assert (log_prob.grad != 0).tolist() == [[True, False, True, True, False]]


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        ({'n_epochs': 0}, 'n_epochs is 0'),
        ({'n_minibatches': 5}, r'n_minibatches is 5.*meta_batch_size \(4\)'),
        ({'clip_range': 0.0}, 'clip_range is 0.0'),
    ],
)
def test_a_number_out_of_range_is_named(make_problem, options, message):
    with pytest.raises(ValueError, match=message):
        make_problem().algo(RecurrentPPO, **options)
