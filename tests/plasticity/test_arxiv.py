from metods_garage.plasticity import arxiv_step, arxiv_unroll

import pytest
import torch


def test_one_update_gives_the_numbers_worked_out_by_hand():
    h = torch.tensor([[1.0, 2.0]])
    w = torch.tensor([[[0.0, 1.0], [0.5, 0.0]]])
    eta = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
    beta = torch.tensor([[0.0, 1.0], [1.0, 0.0]])
    out, w_next = arxiv_step(h, w, eta, beta, activation='identity', normalize=None)
    # h w = (1, 1); h (x) beta h = ((2, 1), (4, 2))
    torch.testing.assert_close(out, torch.tensor([[2.0, 3.0]]))
    torch.testing.assert_close(w_next, torch.tensor([[[2.0, 3.0], [12.5, 8.0]]]))


def test_the_columns_have_norm_one_after_an_update():
    torch.manual_seed(0)
    _, w = arxiv_step(torch.randn(2, 3), torch.randn(2, 3, 3), torch.randn(3, 3), torch.eye(3))
    torch.testing.assert_close(w.square().sum(-2), torch.ones(2, 3))


@pytest.mark.parametrize('backend', ['reference', 'auto'])
@pytest.mark.parametrize('normalize', [None, 'l1', 'l2', 'cap'])
def test_it_is_the_general_rule_at_one_inner_step_on_transposed_weights(normalize, backend):
    print('seed 3')
    torch.manual_seed(3)
    B, T, N = 3, 9, 5
    h = torch.randn(B, T, N, dtype=torch.float64, requires_grad=True)
    w, eta, beta, w0 = (
        (0.5 * torch.randn(*shape, dtype=torch.float64)).requires_grad_()
        for shape in [(B, N, N), (N, N), (N, N), (N, N)]
    )
    reset = torch.rand(B, T) < 0.2
    out, w_T = arxiv_unroll(
        h, w, eta, beta, reset=reset, w0=w0, normalize=normalize, backend=backend
    )
    expected, w_t = [], w
    for t in range(T):
        w_t = torch.where(reset[:, t, None, None], w0, w_t)
        y, w_t = arxiv_step(h[:, t], w_t, eta, beta, normalize=normalize)
        expected.append(y)
    torch.testing.assert_close(out, torch.stack(expected, 1), rtol=1e-11, atol=1e-11)
    torch.testing.assert_close(w_T, w_t, rtol=1e-11, atol=1e-11)
    leaves = [h, w, eta, beta, w0]
    loss, expected_loss = (
        (x.square().sum() + y.square().sum())
        for x, y in [(out, w_T), (torch.stack(expected, 1), w_t)]
    )
    got = torch.autograd.grad(loss, leaves)
    for x, y in zip(got, torch.autograd.grad(expected_loss, leaves), strict=True):
        torch.testing.assert_close(x, y, rtol=1e-9, atol=1e-9)
