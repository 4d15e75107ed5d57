"""What every core promises: each core named in CORES goes through all of these tests."""

import io

from metods_garage.modules import CORES, GRUCore, MetODSCore, RecurrentCore
from metods_garage.modules.core import check_inputs, unroll_in_parts

import cloudpickle
import pytest
import torch

B, T, INPUT = 3, 13, 6


class StepOnlyCore(RecurrentCore):
    """A leaky average of its inputs, all that a new core has to write: no `unroll`."""

    def __init__(self, input_size: int) -> None:
        super().__init__(input_size, output_size=input_size + 1)
        self.start = torch.nn.Parameter(torch.randn(input_size))
        self.leak = torch.nn.Parameter(torch.tensor(0.3))
        self.read = torch.nn.Linear(input_size, input_size + 1)

    def initial_state(self, batch_size, generator=None):
        return self.start.expand(batch_size, -1)

    def step(self, x, state):
        check_inputs(self, x, n_dims=2)
        state = torch.tanh((1 - self.leak) * state + self.leak * x)
        return self.read(state), state


#: Options of a core that change its state or what it learns, beside every core as it comes.
VARIANTS = {
    'metods-linear': lambda: MetODSCore(INPUT, write='linear', normalize='cap'),
    'metods-mlp': lambda: MetODSCore(INPUT, n_inner_steps=2, write='mlp'),
    'metods-scalar': lambda: MetODSCore(INPUT, n_inner_steps=1, scalar_alpha=True),
    'metods-spread': lambda: MetODSCore(INPUT, alpha_scale=0.1, alpha_spread=2.0),
    'metods-spread-outgoing': lambda: MetODSCore(
        INPUT, alpha_scale=0.1, alpha_spread=2.0, normalize='l2', normalize_axis='outgoing'
    ),
    'metods-sampled': lambda: MetODSCore(INPUT, w0='sampled', normalize='l2'),
    'metods-zero': lambda: MetODSCore(INPUT, w0='zero', activation='relu', normalize='l1'),
    'metods-fixed': lambda: MetODSCore(INPUT, plastic=False),
    'gru-small': lambda: GRUCore(INPUT, hidden_size=5),
    'step-only': lambda: StepOnlyCore(INPUT),
}
CASES = {**{name: (lambda c=core: c(INPUT)) for name, core in CORES.items()}, **VARIANTS}


@pytest.fixture(params=CASES)
def core(request) -> RecurrentCore:
    print('seed 5')
    torch.manual_seed(5)
    return CASES[request.param]().double()


@pytest.fixture
def x() -> torch.Tensor:
    generator = torch.Generator().manual_seed(6)
    return torch.randn(B, T, INPUT, generator=generator, dtype=torch.float64)


def tensors_of(state):
    return state if isinstance(state, tuple) else (state,)


def rows(state, index):
    picked = tuple(x[index] for x in tensors_of(state))
    return picked if isinstance(state, tuple) else picked[0]


def assert_same(got, expected):
    for x, y in zip(tensors_of(got), tensors_of(expected), strict=True):
        torch.testing.assert_close(x, y, rtol=1e-9, atol=1e-9)


def test_gradients_end_at_cuts_and_outputs_do_not_change(core, x):
    x.requires_grad_()
    reset = torch.zeros(B, T, dtype=torch.bool)
    reset[1, 8] = True
    state = core.initial_state(B)
    expected = core.unroll(x, state, reset)
    got = unroll_in_parts(core, x, state, reset, (4, 9))
    for a, b in zip(got, expected, strict=True):
        assert_same(a, b)
    (gradient,) = torch.autograd.grad(got[0][:, 11].sum(), x, retain_graph=True)
    assert (gradient[:, :9] == 0).all()
    first = 9 if getattr(core, 'plastic', True) else 11  # without a memory, gradients stay
    assert (gradient[:, first:12].abs().sum(-1) > 0).all()
    (gradient,) = torch.autograd.grad(got[0][0, 6].sum(), x)
    assert (gradient[0, :4] == 0).all()
    assert (gradient[0, 6] != 0).any()


def test_shapes_are_batch_first(core, x):
    state = core.initial_state(B)
    y, next_state = core.unroll(x, state)
    assert core.input_size == INPUT
    assert y.shape == (B, T, core.output_size)
    for before, after in zip(tensors_of(state), tensors_of(next_state), strict=True):
        assert before.shape == after.shape
        assert before.shape[0] == B
        assert before.dtype == after.dtype == torch.float64


def test_stepping_equals_one_unroll(core, x):
    initial = core.initial_state(B)
    expected, expected_state = core.unroll(x, initial)
    state = initial
    for t in range(T):
        y, state = core.step(x[:, t], state)
        assert_same(y, expected[:, t])
    assert_same(state, expected_state)


def test_acting_without_gradients_equals_the_training_pass(core, x):
    initial = core.initial_state(B)
    expected = core.unroll(x, initial)
    with torch.no_grad():
        got = core.unroll(x, initial)
    assert_same(got[0], expected[0])
    assert_same(got[1], expected[1])


def test_a_reset_in_the_middle_equals_starting_anew(core, x):
    initial = core.initial_state(B)
    reset = torch.zeros(B, T, dtype=torch.bool)
    reset[1, 5] = reset[1, 9] = reset[2, 9] = True
    y, state = core.unroll(x, initial, reset)
    plain, _ = core.unroll(x, initial)
    assert_same(y[0], plain[0])
    assert_same(y[1, :5], plain[1, :5])
    assert_same(y[1, 5:9], core.unroll(x[:, 5:9], initial)[0][1])
    anew, anew_state = core.unroll(x[:, 9:], initial)
    assert_same(y[1:, 9:], anew[1:])
    assert_same(rows(state, slice(1, None)), rows(anew_state, slice(1, None)))


def test_a_reset_at_the_first_step_forgets_the_state_that_was_given(core, x):
    initial = core.initial_state(B)
    _, used = core.unroll(x, initial)
    reset = torch.zeros(B, T, dtype=torch.bool)
    reset[:, 0] = True
    assert_same(core.unroll(x, used, reset)[0], core.unroll(x, initial)[0])


def test_trials_do_not_see_each_other(core, x):
    initial = core.initial_state(B)
    order = [2, 0, 1]
    expected, _ = core.unroll(x, initial)
    permuted, _ = core.unroll(x[order], rows(initial, order))
    assert_same(permuted, expected[order])
    alone, _ = core.unroll(x[1:2], rows(initial, slice(1, 2)))
    assert_same(alone, expected[1:2])


def test_padding_at_the_end_changes_nothing_before_it(core, x):
    initial = core.initial_state(B)
    padded = torch.cat([x, torch.zeros(B, 4, INPUT, dtype=x.dtype)], dim=1)
    assert_same(core.unroll(padded, initial)[0][:, :T], core.unroll(x, initial)[0])


def test_gradients_reach_every_parameter(core, x):
    y, _ = core.unroll(x, core.initial_state(B))
    y.square().sum().backward()
    for name, parameter in core.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.isfinite().all(), name
        assert parameter.grad.abs().max() > 0, name


def test_the_state_dict_restores_the_same_core(core, x):
    stream = io.BytesIO()
    torch.save(core.state_dict(), stream)
    stream.seek(0)
    other = cloudpickle.loads(cloudpickle.dumps(core))
    for parameter in other.parameters():
        torch.nn.init.constant_(parameter, 0.01)
    other.load_state_dict(torch.load(stream))
    initial = core.initial_state(B)
    assert_same(other.unroll(x, initial)[0], core.unroll(x, initial)[0])


def test_a_pickled_core_is_the_same_core(core, x):
    copy = cloudpickle.loads(cloudpickle.dumps(core))
    initial = core.initial_state(B)
    assert_same(copy.unroll(x, initial)[0], core.unroll(x, initial)[0])


def test_the_same_generator_gives_the_same_initial_state(core):
    first, second = (core.initial_state(B, torch.Generator().manual_seed(1)) for _ in range(2))
    assert_same(first, second)


def test_inputs_of_another_shape_are_refused(core, x):
    state = core.initial_state(B)
    with pytest.raises(ValueError, match=r'\(3, 13, 5\); \[B, T, I\] with I = 6'):
        core.unroll(x[..., :5], state)
    with pytest.raises(ValueError, match=r'\(3, 13, 6\); \[B, I\] with I = 6'):
        core.step(x, state)
