"""ActingStep is RecurrentActorCritic.step, up to rounding, for all networks that it accepts."""

from metods_garage.modules import (
    ActingStep,
    CategoricalPolicyHead,
    ElmanCore,
    Embedding,
    GaussianPolicyHead,
    GRUCore,
    MetODSCore,
    RecurrentActorCritic,
    RunningNormalizer,
    ValueHead,
    can_act,
)
from metods_garage.modules.acting_metods_kernel import n_scratch
from metods_garage.modules.embedding import xavier_linear
from metods_garage.plasticity.kernel import new_scratch, padded
from metods_garage.plasticity.kernel_cache import KernelCacheError
from metods_garage.plasticity.unroll import choose_backend

import numpy as np
import pytest
import torch

SEEN, N, A, B = 5, 7, 3, 4


def network(core_options=(), head=GaussianPolicyHead, dtype=torch.float64, trunk=False, **options):
    core_options = {'n_inner_steps': 3, 'alpha_scale': 0.1} | dict(core_options)
    return network_around(lambda: MetODSCore(N, **core_options), head, dtype, trunk, **options)


def gru_network(n_units=11, **options):
    return network_around(lambda: GRUCore(N, n_units), **options)


def network_around(new_core, head=GaussianPolicyHead, dtype=torch.float64, trunk=False, **options):
    torch.manual_seed(3)
    core = new_core()
    n = core.output_size
    found = RecurrentActorCritic(
        Embedding(SEEN, N, **options),
        core,
        head(n, A),
        ValueHead(n),
        RunningNormalizer(SEEN, clip=0.8),
        torch.nn.Sequential(xavier_linear(n, n), torch.nn.Tanh()) if trunk else None,
    )
    return found.to(dtype)


def assert_equal_steps(actor_critic, tolerance, n_steps=5):
    """Compare step by step, each from a state of its own."""
    acting = ActingStep(actor_critic)
    dtype = next(actor_critic.parameters()).dtype
    state = acted = actor_critic.initial_state(B, torch.Generator().manual_seed(1))
    if isinstance(acted, tuple):
        acted = tuple(x.clone() for x in acted)
    else:
        acted = acted.detach().clone(memory_format=torch.contiguous_format)
    with torch.no_grad():
        for _ in range(n_steps):
            obs = torch.randn(B, SEEN, dtype=dtype)
            dist, value, state = actor_critic.step(obs, state)
            noise = torch.randn(B, acting.n_drawn, dtype=torch.float64)
            steps = acting(obs.numpy(), noise.numpy(), acted)
            expected = dist.mean if hasattr(dist, 'base_dist') else dist.logits
            output = torch.from_numpy(steps.outputs)
            if not hasattr(dist, 'base_dist'):
                output = output.log_softmax(-1)
            torch.testing.assert_close(output, expected, rtol=tolerance, atol=tolerance)
            found = torch.from_numpy(steps.values)
            torch.testing.assert_close(found, value, rtol=tolerance, atol=tolerance)
            torch.testing.assert_close(acted, state, rtol=tolerance, atol=tolerance)
            norm = (acted[0] if isinstance(acted, tuple) else acted).flatten(1).norm(dim=1)
            found = torch.from_numpy(steps.norms)
            torch.testing.assert_close(found, norm, rtol=tolerance, atol=tolerance)
            if acting.n_drawn:
                drawn = dist.mean + dist.stddev * noise.to(dtype)
                found = torch.from_numpy(steps.actions)
                torch.testing.assert_close(found, drawn, rtol=tolerance, atol=tolerance)
    return acting


@pytest.mark.parametrize(
    'core_options',
    [
        {},
        {'normalize': 'cap', 'cap': 0.4},
        {'normalize': 'l2', 'normalize_axis': 'outgoing', 'activation': 'relu'},
        {'write': 'linear', 'w0': 'sampled'},
        {'plastic': False},
        {'scalar_alpha': True, 'n_inner_steps': 1},
        {'alpha_spread': 2.0},
    ],
)
@pytest.mark.parametrize(('dtype', 'tolerance'), [(torch.float64, 1e-10), (torch.float32, 1e-4)])
def test_it_computes_what_the_modules_compute(core_options, dtype, tolerance):
    actor_critic = network(core_options, dtype=dtype)
    assert can_act(actor_critic, SEEN)
    assert_equal_steps(actor_critic, tolerance)


@pytest.mark.parametrize('n_units', [1, 5, 11, 32, 130])
@pytest.mark.parametrize(('dtype', 'tolerance'), [(torch.float64, 1e-10), (torch.float32, 1e-4)])
def test_it_computes_what_a_gated_unit_computes(n_units, dtype, tolerance):
    actor_critic = gru_network(n_units, dtype=dtype)
    assert can_act(actor_critic, SEEN)
    assert_equal_steps(actor_critic, tolerance, n_steps=50)


@pytest.mark.parametrize('build', [network, gru_network])
@pytest.mark.parametrize('head', [GaussianPolicyHead, CategoricalPolicyHead])
@pytest.mark.parametrize('options', [{'trunk': True}, {'linear': True}, {'hidden_size': 11}])
def test_other_layers_and_heads(build, head, options):
    assert_equal_steps(build(head=head, **options), 1e-10)


@pytest.mark.parametrize('build', [network, gru_network])
def test_it_sees_parameters_and_statistics_that_change(build):
    actor_critic = build()
    acting = assert_equal_steps(actor_critic, 1e-10)
    optimizer = torch.optim.SGD(actor_critic.parameters(), lr=0.1)
    for change in ('optimizer', 'statistics', 'state dict'):
        if change == 'optimizer':
            for parameter in actor_critic.parameters():
                parameter.grad = torch.randn_like(parameter)
            optimizer.step()
        elif change == 'statistics':
            actor_critic.observation_normalizer.update(torch.randn(9, SEEN).double() * 3 + 1)
        else:
            other = {key: x + 0.01 for key, x in actor_critic.state_dict().items()}
            actor_critic.load_state_dict(other)
        obs = torch.randn(B, SEEN, dtype=torch.float64)
        W = actor_critic.initial_state(B).detach().clone(memory_format=torch.contiguous_format)
        with torch.no_grad():
            dist, value, state = actor_critic.step(obs, W)
        steps = acting(obs.numpy(), np.zeros((B, A)), W)
        torch.testing.assert_close(torch.from_numpy(steps.outputs), dist.mean, msg=change)
        torch.testing.assert_close(torch.from_numpy(steps.values), value, msg=change)
        torch.testing.assert_close(W, state, msg=change)


@pytest.mark.parametrize('build', [network, gru_network])
def test_a_trial_is_the_same_to_the_last_bit_whichever_are_beside_it(build):
    actor_critic = build(dtype=torch.float32)
    acting = ActingStep(actor_critic)
    obs, noise = torch.randn(B, SEEN).numpy(), torch.randn(B, A).double().numpy()
    start = actor_critic.initial_state(B).detach()

    def states(n):
        return start[:n].clone(memory_format=torch.contiguous_format)

    W = states(B)
    together = acting(obs, noise, W)
    for i in range(B):
        W_i = states(1)
        alone = acting(obs[i : i + 1], noise[i : i + 1], W_i)
        for one, other in zip(alone, together, strict=True):
            np.testing.assert_array_equal(one[0], other[i])
        np.testing.assert_array_equal(W_i[0], W[i])


@pytest.mark.parametrize('normalize_axis', ['incoming', 'outgoing'])
def test_nan_is_gone_with_the_weights_that_had_it(normalize_axis):
    actor_critic = network({'normalize': 'l2', 'normalize_axis': normalize_axis})
    acting = ActingStep(actor_critic)
    obs, noise = torch.randn(B, SEEN).numpy(), torch.randn(B, A).double().numpy()

    def start():
        W = actor_critic.initial_state(B).detach()
        return W.clone(memory_format=torch.contiguous_format)

    before = acting(obs, noise, start())
    acting(obs, noise, start() * torch.nan)
    for again in range(2):
        after = acting(obs, noise, start())
        for one, other in zip(before, after, strict=True):
            np.testing.assert_array_equal(one, other, err_msg=str(again))


@pytest.mark.parametrize('build', [network, gru_network])
@pytest.mark.parametrize('what', ['observation', 'memory', 'parameter'])
def test_it_says_whether_all_is_finite(build, what):
    actor_critic = build()
    obs, noise = np.zeros((B, SEEN)), np.zeros((B, A))
    acting = ActingStep(actor_critic)
    acting.follow_parameters()
    own, rows = acting.own_memory(B), acting.new_rows(B)
    assert acting.take((0, B), 0, obs, noise, own, rows)
    if what == 'observation':
        obs[2, 1] = np.inf  # which normalisation cuts to a number
    elif what == 'memory':
        own[2, 0, 1] = np.nan
    else:
        with torch.no_grad():
            actor_critic.value_head.network[0].bias[1] = np.nan
        acting.follow_parameters()
    assert not acting.take((0, B), 0, obs, noise, own, rows)


@pytest.mark.parametrize('S', [1, 2, 5])
def test_scratch_memory_is_as_much_as_that_of_a_step_of_the_kernel(S):
    rule = sum(x.size for x in new_scratch(1, S, N, np.float64))
    assert n_scratch(S, N, padded(N, np.float64)) == rule


def test_what_it_does_not_know_is_left_to_torch():
    assert not can_act(network({'write': 'mlp'}), SEEN)
    assert not can_act(network({'activation': 'softmax'}), SEEN)
    assert not can_act(network({'backend': 'checkpointed'}), SEEN)
    for part, other in (
        ('core', ElmanCore(N, N)),
        ('embedding', torch.nn.Sequential(torch.nn.Linear(SEEN, N), torch.nn.ReLU())),
        ('embedding', torch.nn.Sequential(torch.nn.Tanh(), torch.nn.Linear(SEEN, N))),
        ('embedding', torch.nn.Sequential(torch.nn.Linear(SEEN, N, bias=False))),
        ('trunk', torch.nn.Dropout()),
    ):
        actor_critic = network()
        setattr(actor_critic, part, other.double())
        assert not can_act(actor_critic, SEEN), (part, other)


def test_gated_units_that_no_core_builds_are_left_to_torch():
    for options in ({'num_layers': 2}, {'bidirectional': True}, {'bias': False}):
        actor_critic = gru_network()
        actor_critic.core.rnn = torch.nn.GRU(N, 11, batch_first=True, **options).double()
        assert not can_act(actor_critic, SEEN), options


@pytest.mark.parametrize(
    ('part', 'other'),
    [
        ('embedding', Embedding(SEEN, N + 2)),
        ('embedding', Embedding(SEEN + 1, N)),
        ('embedding', torch.nn.Identity()),
        ('trunk', torch.nn.Sequential(torch.nn.Linear(11, 5))),
        ('policy_head', GaussianPolicyHead(N, A)),
        ('value_head', ValueHead(13)),
    ],
)
def test_parts_that_do_not_fit_together_are_left_to_torch_which_says_so(part, other):
    actor_critic = gru_network()
    setattr(actor_critic, part, other.double())
    assert not can_act(actor_critic, SEEN)
    with pytest.raises((RuntimeError, ValueError)):
        actor_critic.step(torch.zeros(1, SEEN).double(), actor_critic.initial_state(1))


@pytest.fixture
def _forgetful():
    """What is said once, or remembered of the machine code, is forgotten afterwards."""
    choose_backend.cache_clear()
    yield
    choose_backend.cache_clear()


@pytest.mark.usefixtures('_forgetful')
@pytest.mark.parametrize('build', [network, gru_network])
@pytest.mark.parametrize(
    'user', ['plasticity.unroll.compiled_kernel', 'modules.acting_step.ActingStep.load']
)
def test_where_machine_code_cannot_be_kept_torch_acts(build, user, monkeypatch):
    def refuse(*_args):
        raise KernelCacheError('no room')

    assert can_act(build(), SEEN)
    monkeypatch.setattr(f'metods_garage.{user}', refuse)
    choose_backend.cache_clear()
    rule_alone = user.startswith('plasticity') and build is gru_network
    assert can_act(build(), SEEN) == rule_alone
