from metods_garage.modules import Embedding

import torch


def test_it_is_two_tanh_layers_with_xavier_weights_and_zero_bias():
    torch.manual_seed(0)
    f = Embedding(8, 4, hidden_size=16)
    assert [type(layer).__name__ for layer in f] == ['Linear', 'Tanh', 'Linear', 'Tanh']
    assert f[0].weight.abs().max() <= (6 / 24) ** 0.5
    assert not f[0].bias.any()
    assert f(torch.randn(3, 5, 8)).shape == (3, 5, 4)


def test_a_linear_embedding_is_one_layer():
    f = Embedding(8, 4, linear=True)
    x = torch.randn(3, 8)
    torch.testing.assert_close(f(2 * x), 2 * f(x))
