from metods_garage.plasticity.write_tables import tensor_write_tables, write_tables

import torch


def test_the_additive_rule_keeps_the_weights_and_every_write_once():
    beta = [[1.0, 1.0, 0.0, 0.0], [0.0, 1.0, 1.0, 0.0], [0.0, 0.0, 1.0, 1.0]]
    c, d = write_tables(beta, 1.0)
    assert c == [1.0, 1.0, 1.0, 1.0]
    assert d == [[], [1.0], [1.0, 1.0], [1.0, 1.0, 1.0]]


def test_two_inner_steps_give_the_tables_worked_out_by_hand():
    c, d = write_tables([[2.0, 3.0, 0.0], [5.0, 7.0, 11.0]], 1.0)
    assert c == [1.0, 2.0, 5.0 + 7.0 * 2.0]
    assert d == [[], [3.0], [7.0 * 3.0, 11.0]]


def test_tensors_give_the_same_tables_as_numbers():
    beta = torch.arange(1.0, 13.0).view(3, 4)
    c, d = tensor_write_tables(beta)
    expected_c, expected_d = write_tables(beta.tolist(), 1.0)
    assert [x.item() for x in c] == expected_c
    assert [[x.item() for x in row] for row in d] == expected_d
