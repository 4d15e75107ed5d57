from metods_garage.modules import GRUCore, MetODSCore
from metods_garage.plasticity import metods_unroll

import pytest
import torch


def test_it_computes_the_rule_with_its_own_parameters():
    torch.manual_seed(0)
    core = MetODSCore(5, n_inner_steps=3, write='linear', activation='softmax', normalize='cap')
    x = torch.randn(2, 7, 5)
    W = core.initial_state(2)
    expected = metods_unroll(
        x, W, core.kappa, core.beta, core.alpha, activation='softmax',
        projection=core.projection, normalize='cap', cap=0.4, backend='reference',
    )  # fmt: skip
    torch.testing.assert_close(core.unroll(x, W), expected)


def test_parameters_start_at_the_documented_defaults():
    core = MetODSCore(100)
    assert core.n_inner_steps == 4
    assert core.kappa[3].tolist() == core.beta[3].tolist() == [0.0, 0.0, 0.0, 1.0, 1.0]
    assert 0.0009 < core.alpha.std() < 0.0011
    assert torch.equal(core.initial_state(3)[1], core.initial_weights.W0)


def test_without_the_write_the_weights_stay_as_they_are():
    core = MetODSCore(5, plastic=False, normalize='l2')
    W = core.initial_state(2)
    y, W_T = core.unroll(torch.randn(2, 9, 5), W)
    assert torch.equal(W_T, W)
    assert not torch.equal(y[:, 0], y[:, 1])
    assert {name for name, _ in core.named_parameters()} == {'kappa', 'initial_weights.W0'}


def test_sampled_weights_are_new_for_every_trial_and_restored_by_its_resets():
    core = MetODSCore(5, w0='sampled')
    W, W0 = core.initial_state(2)
    assert not torch.equal(W[0], W[1])
    assert not torch.equal(W, core.initial_state(2)[0])
    x = torch.randn(2, 4, 5)
    reset = torch.tensor([[False, False, True, False]] * 2)
    y, (_, kept) = core.unroll(x, (W, W0), reset)
    assert torch.equal(kept, W0)
    torch.testing.assert_close(y[:, 2:], core.unroll(x[:, 2:], (W0, W0))[0])


@pytest.mark.parametrize(
    ('option', 'match'),
    [
        ({'write': 'cubic'}, "write is 'cubic'; it must be one of 'hebbian'"),
        ({'w0': 'ones'}, "w0 is 'ones'; it must be one of 'learned'"),
        ({'coefficients': 'ones'}, "coefficients are 'ones'"),
        ({'activation': 'sine'}, "activation is 'sine'"),
        ({'normalize': 'max'}, "normalize is 'max'"),
        ({'n_inner_steps': 0}, 'n_inner_steps is 0'),
        (
            {'alpha_spread': -1.0},
            'alpha_spread is -1.0; it must be a number of decades, at least 0',
        ),
        ({'alpha_spread': float('nan')}, 'alpha_spread is nan; it must be a number of decades'),
        ({'alpha_spread': -1.0, 'plastic': False}, 'alpha_spread is -1.0; it must be'),
        ({'alpha_spread': 1.0, 'scalar_alpha': True}, 'and 0 where all synapses share one'),
        (
            {'backend': 'fused', 'activation': 'softmax'},
            "backend 'fused' can't be used: activation",
        ),
    ],
)
def test_bad_options_are_refused_when_the_core_is_built(option, match):
    with pytest.raises(ValueError, match=match):
        MetODSCore(4, **option)


def test_retention_is_what_a_step_without_writes_keeps_of_the_weights():
    core = MetODSCore(5, n_inner_steps=3, coefficients='random', normalize=None, alpha_scale=0.0)
    W = torch.randn(2, 5, 5)
    _, after = core.step(torch.randn(2, 5), W)
    torch.testing.assert_close(after, core.diagnostics()['Retention'] * W)
    assert MetODSCore(5, plastic=False).diagnostics() == {'Retention': 1.0}
    assert GRUCore(5, 4).diagnostics() == {}


def test_the_weights_of_another_spread_are_not_taken_for_ones_own():
    plain, spread = MetODSCore(3), MetODSCore(3, alpha_spread=4.0)
    other = MetODSCore(3, alpha_spread=1.0)
    other.load_state_dict(spread.state_dict())  # the spread is one of the weights
    torch.testing.assert_close(other.plasticity, spread.plasticity)
    with pytest.raises(RuntimeError, match='alpha_gain'):
        plain.load_state_dict(spread.state_dict())
    with pytest.raises(RuntimeError, match='alpha_gain'):
        spread.load_state_dict(plain.state_dict())


def test_one_neuron_has_the_middle_of_the_spread():
    core = MetODSCore(1, alpha_spread=3.0)
    assert core.plasticity.item() == pytest.approx(core.alpha.item())


@pytest.mark.parametrize('axis', ['incoming', 'outgoing'])
def test_neurons_of_a_spread_plasticity_write_and_learn_by_their_own_measure(axis):
    options = {'w0': 'zero', 'n_inner_steps': 1, 'normalize': None, 'normalize_axis': axis}
    plain, spread = MetODSCore(3, **options), MetODSCore(3, alpha_spread=4.0, **options)
    spread.load_state_dict(plain.state_dict(), strict=False)
    x = torch.randn(2, 3)
    _, W = plain.step(x, plain.initial_state(2))
    _, W_spread = spread.step(x, spread.initial_state(2))
    gain = torch.tensor([0.01, 1.0, 100.0])
    gain = gain.unsqueeze(1) if axis == 'incoming' else gain.unsqueeze(0)
    torch.testing.assert_close(W_spread, gain * W)
    W.sum().backward()
    W_spread.sum().backward()
    torch.testing.assert_close(spread.alpha.grad, gain * plain.alpha.grad)
