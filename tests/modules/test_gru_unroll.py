"""The written-out GRU against `torch.nn.GRU`: states, every gradient, and what is refused."""

import itertools

from metods_garage.modules import GRUCore
from metods_garage.modules import gru_unroll as module
from metods_garage.modules.gru_unroll import can_unroll, gru_unroll
from metods_garage.modules.reset_spans import unroll_between_resets
from metods_garage.plasticity.kernel_cache import KernelCacheError

import pytest
import torch

I = 5  # noqa: E741
NAMES = ('x', 'h_0', 'W_ih', 'W_hh', 'b_ih', 'b_hh')


def layer_and_inputs(B, T, H, dtype=torch.float64, seed=3):
    print(f'seed {seed}')
    torch.manual_seed(seed)
    layer = torch.nn.GRU(I, H, batch_first=True).to(dtype)
    for parameter in layer.parameters():  # so that gates saturate now and then
        parameter.data.mul_(3)
    x, h_0 = torch.randn(B, T, I, dtype=dtype), torch.randn(B, H, dtype=dtype)
    return layer, [x.requires_grad_(), h_0.requires_grad_(), *layer.parameters()]


def by_torch(layer, x, h_0, *_):
    return layer(x, h_0.unsqueeze(0))[0]


def states_and_gradients(h, inputs):
    weights = torch.randn(h.shape, generator=torch.Generator().manual_seed(4), dtype=h.dtype)
    loss = (weights * h).sum() + h[:, -1].square().sum()
    return {'h': h} | dict(zip(NAMES, torch.autograd.grad(loss, inputs), strict=True))


def assert_equal(got, expected, tolerance=1e-9):
    assert got.keys() == expected.keys()
    for name, y in expected.items():
        assert got[name].shape == y.shape, name
        difference = (got[name] - y).abs().max() / y.abs().max()
        assert difference <= tolerance, f'{name} differs by {difference:.1e}'


@pytest.mark.parametrize(('B', 'T', 'H'), itertools.product((1, 2, 3), (1, 2, 101), (7, 33)))
def test_states_and_gradients_are_those_of_torch(B, T, H):
    layer, inputs = layer_and_inputs(B, T, H)
    expected = states_and_gradients(by_torch(layer, *inputs), inputs)
    assert_equal(states_and_gradients(gru_unroll(*inputs), inputs), expected)


@pytest.mark.parametrize('steps_at_once', [1, 7, 40, 1000])
def test_the_gradient_does_not_depend_on_how_many_steps_are_taken_at_once(
    monkeypatch, steps_at_once
):
    layer, inputs = layer_and_inputs(4, 23, 8)
    expected = states_and_gradients(by_torch(layer, *inputs), inputs)
    monkeypatch.setattr(module, '_STEPS_AT_ONCE', steps_at_once)
    assert_equal(states_and_gradients(gru_unroll(*inputs), inputs), expected)


def test_the_core_takes_resets_in_the_middle_as_it_does_by_torch():
    B, T, H = 3, 31, 9
    layer, inputs = layer_and_inputs(B, T, H)
    core = GRUCore(I, H).double()
    core.rnn = layer
    reset = torch.zeros(B, T, dtype=torch.bool)
    reset[0, 0] = reset[1, 7] = reset[2, 7] = reset[0, 8] = reset[2, 30] = True
    x, h_0 = inputs[:2]
    expected, expected_last = unroll_between_resets(
        super(GRUCore, core)._unroll, x, h_0, torch.zeros_like(h_0), reset
    )
    got, last = core.unroll(x, h_0, reset)
    assert_equal({'last': last}, {'last': expected_last})
    assert_equal(states_and_gradients(got, inputs), states_and_gradients(expected, inputs))


def test_the_core_takes_steps_without_torchs_layer(monkeypatch):
    core = GRUCore(I, 9)
    monkeypatch.setattr(core.rnn, 'forward', lambda *_: pytest.fail('taken by torch'))
    core.unroll(torch.zeros(2, 6, I), core.initial_state(2))


def test_without_gradients_the_states_are_the_same_to_the_last_bit_and_nothing_is_kept():
    _, inputs = layer_and_inputs(2, 11, 7)
    h = gru_unroll(*inputs)
    with torch.no_grad():
        without = gru_unroll(*inputs)
    assert torch.equal(without, h)
    assert h.grad_fn.saved_tensors
    assert without.grad_fn is None
    assert gru_unroll(*(x.detach() for x in inputs)).grad_fn is None


@pytest.mark.parametrize('name', NAMES)
def test_one_gradient_alone_is_the_one_that_comes_with_the_others(name):
    _, inputs = layer_and_inputs(2, 11, 7)
    expected = states_and_gradients(gru_unroll(*inputs), inputs)[name]
    alone = [x.detach().requires_grad_(own == name) for own, x in zip(NAMES, inputs, strict=True)]
    h = gru_unroll(*alone)
    weights = torch.randn(h.shape, generator=torch.Generator().manual_seed(4), dtype=h.dtype)
    ((weights * h).sum() + h[:, -1].square().sum()).backward()
    for own, x in zip(NAMES, alone, strict=True):
        assert (x.grad is None) == (own != name)
    assert torch.equal(alone[NAMES.index(name)].grad, expected)


def test_inputs_and_gradients_need_not_be_contiguous():
    layer, inputs = layer_and_inputs(3, 12, 8)
    x, h_0 = (a.detach().mT.contiguous().mT.requires_grad_() for a in inputs[:2])
    weights = [a.detach().mT.contiguous().mT.requires_grad_() for a in inputs[2:4]]
    scattered = [x, h_0, *weights, *inputs[4:]]
    assert not any(a.is_contiguous() for a in scattered[:4])
    got, expected = gru_unroll(*scattered), by_torch(layer, x, h_0)
    bar = torch.randn(8, 12, 3, dtype=x.dtype).permute(2, 1, 0)
    assert not bar.is_contiguous()
    for a, b in zip(
        [got, *torch.autograd.grad(got, scattered, bar)],
        [expected, *torch.autograd.grad(expected, [x, h_0, *layer.parameters()], bar)],
        strict=True,
    ):
        torch.testing.assert_close(a, b, rtol=1e-9, atol=1e-9)


def test_float32_is_close_to_float64():
    layer, inputs = layer_and_inputs(2, 101, 33)
    expected = states_and_gradients(by_torch(layer, *inputs), inputs)
    single = [x.detach().float().requires_grad_() for x in inputs]
    h = gru_unroll(*single)
    assert h.dtype == torch.float32
    weights = torch.randn(h.shape, generator=torch.Generator().manual_seed(4), dtype=torch.float64)
    loss = (weights.float() * h).sum() + h[:, -1].square().sum()
    got = {'h': h} | dict(zip(NAMES, torch.autograd.grad(loss, single), strict=True))
    assert_equal(got, expected, 1e-4)


def test_a_trial_of_nan_leaves_the_others_alone():
    _, inputs = layer_and_inputs(3, 9, 7)
    expected = gru_unroll(*inputs)
    x = inputs[0].detach().clone()
    x[1, 4] = float('nan')
    h = gru_unroll(x, *inputs[1:])
    assert torch.equal(h[[0, 2]], expected[[0, 2]])
    assert torch.equal(h[1, :4], expected[1, :4])
    assert h[1, 4:].isnan().all()


def test_the_same_twice_is_the_same_to_the_last_bit():
    _, inputs = layer_and_inputs(3, 50, 16, torch.float32)
    first, second = (states_and_gradients(gru_unroll(*inputs), inputs) for _ in range(2))
    for name, x in first.items():
        assert torch.equal(x, second[name]), name


def test_a_second_derivative_is_refused():
    _, inputs = layer_and_inputs(2, 4, 7)
    (x_bar,) = torch.autograd.grad(
        gru_unroll(*inputs).square().sum(), inputs[:1], create_graph=True
    )
    with pytest.raises(RuntimeError, match='once_differentiable'):
        x_bar.sum().backward()


def test_a_derivative_in_forward_mode_is_refused():
    _, inputs = layer_and_inputs(2, 4, 7)
    with torch.no_grad(), torch.autograd.forward_ad.dual_level():
        x = torch.autograd.forward_ad.make_dual(inputs[0], torch.ones_like(inputs[0]))
        with pytest.raises(RuntimeError, match='forward'):
            gru_unroll(x, *inputs[1:])


def test_states_that_are_written_over_are_not_differentiated_unnoticed():
    _, inputs = layer_and_inputs(2, 4, 7)
    h = gru_unroll(*inputs)
    loss = h.sum()
    with torch.no_grad():
        h.zero_()
    with pytest.raises(RuntimeError, match='inplace'):
        loss.backward()


def test_what_does_not_fit_is_refused():
    _, inputs = layer_and_inputs(2, 4, 7)
    x, h_0, W_ih, W_hh, b_ih, b_hh = inputs
    with pytest.raises(ValueError, match=r'h_0 is \(1, 7\).*; \(2, 7\) is expected'):
        gru_unroll(x, h_0[:1], W_ih, W_hh, b_ih, b_hh)
    with pytest.raises(ValueError, match=r'b_hh is \(7,\).*; \(21,\) is expected'):
        gru_unroll(x, h_0, W_ih, W_hh, b_ih, b_hh[:7])
    with pytest.raises(ValueError, match=r'W_ih is .*float32.*beside x.*float64'):
        gru_unroll(x, h_0, W_ih.float(), W_hh, b_ih, b_hh)
    for other in (x.half(), x.to('meta'), x[:, :0]):
        assert not can_unroll(other)
        with pytest.raises(ValueError, match='float32 or float64 on the CPU'):
            gru_unroll(other, h_0, W_ih, W_hh, b_ih, b_hh)


def test_the_core_leaves_to_torch_what_is_not_covered():
    core = GRUCore(I, 7).to(torch.bfloat16)
    y, _ = core.unroll(torch.zeros(2, 3, I, dtype=torch.bfloat16), core.initial_state(2))
    assert y.dtype == torch.bfloat16


def test_a_gru_trains_where_no_machine_code_can_be_kept(monkeypatch, caplog):
    core = GRUCore(3, hidden_size=5).double()
    x = torch.randn(2, 4, 3, dtype=torch.float64)
    expected = core.unroll(x, core.initial_state(2))

    def refuse(*_):
        raise KernelCacheError('no room')

    monkeypatch.setattr('metods_garage.modules.gru_core.gru_unroll', refuse)
    for _ in range(2):
        for ours, theirs in zip(core.unroll(x, core.initial_state(2)), expected, strict=True):
            torch.testing.assert_close(ours, theirs, rtol=1e-9, atol=1e-12)
    assert len([r for r in caplog.records if 'no room' in r.message]) == 1
