from metods_garage.plasticity.normalization import normalize_weights

import pytest
import torch

W = torch.tensor([[[3.0, 4.0], [0.3, -0.4]]])


@pytest.mark.parametrize(
    ('normalize', 'axis', 'expected'),
    [
        (None, 'incoming', [[3.0, 4.0], [0.3, -0.4]]),
        ('l1', 'incoming', [[3 / 7, 4 / 7], [3 / 7, -4 / 7]]),
        ('l2', 'incoming', [[0.6, 0.8], [0.6, -0.8]]),
        ('cap', 'incoming', [[0.6, 0.8], [0.3, -0.4]]),
        ('l1', 'outgoing', [[3 / 3.3, 4 / 4.4], [0.3 / 3.3, -0.4 / 4.4]]),
    ],
)
def test_each_norm_gives_the_numbers_worked_out_by_hand(normalize, axis, expected):
    torch.testing.assert_close(normalize_weights(W, normalize, axis=axis), torch.tensor([expected]))


@pytest.mark.parametrize('normalize', ['l1', 'l2', 'cap'])
def test_zero_weights_stay_zero_with_a_finite_gradient(normalize):
    zero = torch.zeros(1, 2, 2, requires_grad=True)
    out = normalize_weights(zero, normalize)
    out.sum().backward()
    assert torch.equal(out.detach(), torch.zeros(1, 2, 2))
    assert zero.grad.isfinite().all()
