from metods_garage.plasticity import metods_step

import pytest
import torch


def test_two_neurons_and_one_inner_step_give_the_numbers_worked_out_by_hand():
    v = torch.tensor([[1.0, 2.0]], dtype=torch.float64)
    W = torch.tensor([[[0.5, -0.25], [0.0, 1.0]]], dtype=torch.float64)
    kappa = torch.tensor([[0.5, 2.0]], dtype=torch.float64)
    beta = torch.tensor([[0.5, 3.0]], dtype=torch.float64)
    alpha = torch.tensor([[0.1, 0.2], [0.3, 0.4]], dtype=torch.float64)
    v_S, W_S = metods_step(v, W, kappa, beta, alpha, activation='identity', backend='reference')
    # W v = (0, 2); v (x) v = ((1, 2), (2, 4))
    torch.testing.assert_close(v_S, torch.tensor([[0.5, 5.0]], dtype=torch.float64))
    expected = torch.tensor([[[0.55, 1.075], [1.8, 5.3]]], dtype=torch.float64)
    torch.testing.assert_close(W_S, expected)


def test_two_inner_steps_read_the_weights_that_the_first_one_wrote():
    v = torch.tensor([[1.0, -1.0]], dtype=torch.float64)
    W = torch.zeros(1, 2, 2, dtype=torch.float64)
    coefficients = torch.tensor([[1.0, 1.0, 0.0], [0.0, 1.0, 1.0]], dtype=torch.float64)
    v_S, W_S = metods_step(
        v, W, coefficients, coefficients, 0.5, activation='relu', backend='reference'
    )
    # s = 1: v = (1, -1), W = 0.5 ((1, -1), (-1, 1)); s = 2: W v = (1, -1), relu (1, 0)
    torch.testing.assert_close(v_S, torch.tensor([[2.0, -1.0]], dtype=torch.float64))
    expected = torch.tensor([[[1.0, -1.0], [-1.0, 1.0]]], dtype=torch.float64)
    torch.testing.assert_close(W_S, expected)


@pytest.mark.parametrize(
    ('project', 'written'), [('pre', [[0.0, 2.0], [0.0, 4.0]]), ('post', [[0.0, 0.0], [2.0, 4.0]])]
)
def test_the_linear_write_projects_the_side_that_was_asked_for(project, written):
    v = torch.tensor([[1.0, 2.0]])
    P = torch.tensor([[0.0, 0.0], [0.0, 1.0]])
    ones = torch.ones(1, 2)
    _, W = metods_step(
        v, torch.zeros(1, 2, 2), ones, ones, 1.0, projection=P, project=project, backend='reference'
    )
    torch.testing.assert_close(W, torch.tensor([written]))
