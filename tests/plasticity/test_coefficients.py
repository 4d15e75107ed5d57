from metods_garage.plasticity import initial_alpha, initial_coefficients, xavier_matrix
from metods_garage.plasticity.write_tables import write_tables

import pytest
import torch


def test_additive_coefficients_are_one_at_the_last_source_and_at_the_new_term():
    expected = [[1.0, 1.0, 0.0, 0.0], [0.0, 1.0, 1.0, 0.0], [0.0, 0.0, 1.0, 1.0]]
    assert initial_coefficients(3).tolist() == expected


def test_retention_is_the_share_of_the_weights_that_a_time_step_keeps():
    c, d = write_tables(initial_coefficients(4, retention=0.9).tolist(), 1.0)
    assert c[4] == pytest.approx(0.9)
    assert d[4][3] == 1.0


def test_mean_coefficients_weigh_every_term_alike():
    table = initial_coefficients(2, 'mean')
    torch.testing.assert_close(table, torch.tensor([[0.5, 0.5, 0.0], [1 / 3, 1 / 3, 1 / 3]]))


def test_random_coefficients_leave_the_unused_corner_at_zero():
    table = initial_coefficients(3, 'random')
    assert torch.equal(table, torch.tril(table, diagonal=1))
    assert table[2].abs().min() > 0


def test_random_coefficients_shrink_with_the_number_of_terms():
    print('seed 0')
    torch.manual_seed(0)
    deviation = torch.stack([initial_coefficients(3, 'random') for _ in range(2000)]).std(0)
    used = torch.tril(torch.ones(3, 4), diagonal=1)
    expected = used / torch.tensor([[2.0], [3.0], [4.0]])
    torch.testing.assert_close(deviation, expected, rtol=0.1, atol=0)


def test_alpha_is_small_noise_or_constant():
    torch.manual_seed(0)
    assert 0.008 < initial_alpha(100).std() < 0.012
    assert initial_alpha(3, 0.02, random=False).unique().tolist() == pytest.approx([0.02])


def test_xavier_weights_fill_their_bound():
    print('seed 0')
    torch.manual_seed(0)
    bound = (6 / 200) ** 0.5
    W = xavier_matrix(100)
    assert 0.99 * bound < W.abs().max() <= bound
    assert W.std().item() == pytest.approx(bound / 3**0.5, rel=0.05)  # uniform


@pytest.mark.parametrize(('kind', 'retention'), [('additive', 0.0), ('mean', 0.9)])
def test_a_retention_that_does_not_apply_is_named(kind, retention):
    with pytest.raises(ValueError, match=f'retention is {retention} with {kind!r}'):
        initial_coefficients(2, kind, retention=retention)


def test_bad_choices_are_named():
    with pytest.raises(ValueError, match='n_inner_steps is 0'):
        initial_coefficients(0)
    with pytest.raises(ValueError, match="'cubic'"):
        initial_coefficients(2, 'cubic')
