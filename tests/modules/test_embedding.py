from metods_garage.modules import Embedding

import pytest
import torch


def test_it_is_two_tanh_layers_with_xavier_weights_and_zero_bias():
    print('seed 0')
    torch.manual_seed(0)
    f = Embedding(8, 4, hidden_size=16)
    assert [type(layer).__name__ for layer in f] == ['Linear', 'Tanh', 'Linear', 'Tanh']
    for layer in (f[0], f[2]):
        bound = (6 / sum(layer.weight.shape)) ** 0.5
        assert 0.9 * bound < layer.weight.abs().max() <= bound
        assert layer.weight.std().item() == pytest.approx(bound / 3**0.5, rel=0.2)  # uniform
        assert not layer.bias.any()
    assert f(torch.randn(3, 5, 8)).shape == (3, 5, 4)


def test_a_linear_embedding_is_one_layer():
    f = Embedding(8, 4, linear=True)
    x = torch.randn(3, 8)
    torch.testing.assert_close(f(2 * x), 2 * f(x))
