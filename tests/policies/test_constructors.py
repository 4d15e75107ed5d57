"""The four policies that users construct."""

import inspect

from metods_garage.envs import MetaRLObservation
from metods_garage.modules import MetODSCore
from metods_garage.policies import (
    CategoricalGRUPolicy,
    CategoricalMetODSPolicy,
    GaussianGRUPolicy,
    GaussianMetODSPolicy,
)

import akro
import numpy as np
import pytest
import torch
from garage import EnvSpec
from garage.envs import GymEnv

CONTINUOUS = {GaussianMetODSPolicy: {'n_neurons': 6}, GaussianGRUPolicy: {'hidden_size': 6}}
DISCRETE = {CategoricalMetODSPolicy: {'n_neurons': 6}, CategoricalGRUPolicy: {'hidden_size': 6}}


@pytest.mark.parametrize('policy_class', CONTINUOUS)
def test_gaussian_policies_act_continuously(make_spec, policy_class):
    policy = policy_class(make_spec('continuous'), **CONTINUOUS[policy_class])
    actions, _ = policy.get_actions(np.zeros((4, 5)))
    assert actions.shape == (4, 2)
    assert actions.dtype == np.float32


@pytest.mark.parametrize('policy_class', DISCRETE)
def test_categorical_policies_act_discretely(make_spec, policy_class):
    policy = policy_class(make_spec('discrete'), **DISCRETE[policy_class])
    actions, _ = policy.get_actions(np.zeros((40, 5)))
    assert set(actions) <= {0, 1, 2}


@pytest.mark.parametrize('policy_class', [*CONTINUOUS, *DISCRETE])
def test_actions_of_the_other_kind_are_refused_by_name(make_spec, policy_class):
    wrong, other = (
        ('discrete', 'Categorical') if policy_class in CONTINUOUS else ('continuous', 'Gaussian')
    )
    with pytest.raises(ValueError, match=rf'{policy_class.__name__} needs.*{other}.*Policy is for'):
        policy_class(make_spec(wrong))


@pytest.mark.parametrize('policy_class', [*CONTINUOUS, *DISCRETE])
@pytest.mark.parametrize(
    'observations',
    [akro.Box(-1.0, 1.0, shape=(2, 3)), akro.Discrete(4)],
    ids=['matrix', 'discrete'],
)
def test_observations_that_are_not_vectors_are_refused_with_the_remedy(
    make_spec, policy_class, observations
):
    sizes = CONTINUOUS | DISCRETE
    actions = make_spec('continuous' if policy_class in CONTINUOUS else 'discrete').action_space
    spec = EnvSpec(observations, actions, max_episode_length=9)
    with pytest.raises(ValueError, match=r'observations that are vectors.*MetaRLObservation'):
        policy_class(spec, **sizes[policy_class])


def test_the_remedy_makes_vectors_of_them():
    env = MetaRLObservation(GymEnv('FrozenLake-v1', max_episode_length=5))
    policy = CategoricalMetODSPolicy(env.spec, n_neurons=6)
    assert policy.get_action(env.reset()[0])[0] in range(4)


@pytest.mark.parametrize(
    ('gaussian', 'categorical'), zip(CONTINUOUS, DISCRETE, strict=True), ids=['metods', 'gru']
)
def test_both_kinds_take_the_same_options_but_for_the_deviation(gaussian, categorical):
    ours, theirs = (
        {k: v.default for k, v in inspect.signature(c).parameters.items() if k != 'name'}
        for c in (gaussian, categorical)
    )
    deviation = {'init_std': ours.pop('init_std'), 'learn_std': ours.pop('learn_std')}
    assert ours == theirs
    assert deviation == {'init_std': 1.0, 'learn_std': True}


def test_metods_policies_offer_every_option_of_the_rule():
    ours, rule = (
        {k: v.default for k, v in inspect.signature(c).parameters.items()}
        for c in (GaussianMetODSPolicy, MetODSCore)
    )
    del rule['n_neurons']  # required there
    assert rule.items() <= ours.items()


@pytest.mark.parametrize('policy_class', [GaussianMetODSPolicy, CategoricalMetODSPolicy])
def test_metods_policies_hand_every_option_to_the_rule(make_spec, monkeypatch, policy_class):
    class Asked(Exception):
        pass

    def core(n_neurons, **options):
        raise Asked({'n_neurons': n_neurons} | options)

    monkeypatch.setattr(f'{policy_class.__module__}.MetODSCore', core)
    options = {name: object() for name in inspect.signature(MetODSCore).parameters}
    spec = make_spec('continuous' if policy_class is GaussianMetODSPolicy else 'discrete')
    with pytest.raises(Asked) as asked:
        policy_class(spec, **options)
    assert asked.value.args[0] == options


def test_both_cores_share_the_options_that_are_not_theirs():
    metods, gru, rule = (set(inspect.signature(c).parameters) for c in (*CONTINUOUS, MetODSCore))
    assert metods - rule == gru - {'hidden_size', 'embedding_size'}


@pytest.mark.parametrize('learn_std', [True, False])
def test_the_deviation_starts_where_asked_and_is_learned_or_not(make_spec, learn_std):
    policy = GaussianMetODSPolicy(make_spec(), n_neurons=6, init_std=0.1, learn_std=learn_std)
    _, infos = policy.get_actions(np.zeros((1, 5)))
    np.testing.assert_allclose(infos['log_std'], np.log(0.1), rtol=1e-6)
    learned = [name for name, _ in policy.named_parameters() if 'log_std' in name]
    assert bool(learned) == learn_std


@pytest.mark.parametrize('policy_class', [*CONTINUOUS, *DISCRETE])
def test_with_a_shared_trunk_both_heads_read_one_hidden_layer(make_spec, policy_class):
    spec = make_spec('continuous' if policy_class in CONTINUOUS else 'discrete')
    options = {'head_hidden_size': 9, 'dtype': torch.float64} | (CONTINUOUS | DISCRETE)[
        policy_class
    ]
    apart = policy_class(spec, **options)
    policy = policy_class(spec, shared_trunk=True, **options)
    assert apart.actor_critic.trunk is None
    n_hidden = 9 * 6 + 9
    counts = [sum(p.numel() for p in net.parameters()) for net in (apart, policy)]
    assert counts[0] - counts[1] == n_hidden
    x = torch.randn(2, 3, 5, dtype=torch.float64)
    policy(x)[1]['value'].sum().backward()
    assert policy.actor_critic.trunk[0].weight.grad.abs().max() > 0
    policy.zero_grad()
    actions = torch.ones(2, 3, 2) if policy_class in CONTINUOUS else torch.ones(2, 3)
    policy(x)[0].log_prob(actions).sum().backward()
    assert policy.actor_critic.trunk[0].weight.grad.abs().max() > 0
    policy.reset([True] * 2)
    acted = np.stack([policy.get_actions(x[:, t])[1]['value'] for t in range(3)], axis=1)
    np.testing.assert_allclose(policy(x)[1]['value'].detach(), acted, atol=1e-12)


def test_linear_heads_have_no_hidden_layer_to_share(make_spec):
    with pytest.raises(ValueError, match='shared_trunk and linear_heads exclude each other'):
        GaussianGRUPolicy(make_spec(), hidden_size=6, shared_trunk=True, linear_heads=True)


def test_float64_reaches_parameters_memory_and_actions(make_spec):
    policy = GaussianMetODSPolicy(make_spec(), n_neurons=6, dtype=torch.float64)
    actions, _ = policy.get_actions(np.zeros((1, 5)))
    assert actions.dtype == np.float64
    assert policy.clone_state().dtype == policy.dtype == torch.float64


def test_without_plasticity_a_trial_leaves_no_trace(make_spec):
    policy = GaussianMetODSPolicy(make_spec(), n_neurons=6, plastic=False)
    policy.reset()
    before = policy.clone_state()
    policy.get_action(np.ones(5))
    assert torch.equal(policy.clone_state(), before)


def test_an_unknown_option_value_is_refused_at_construction(make_spec):
    with pytest.raises(ValueError, match='activation'):
        GaussianMetODSPolicy(make_spec(), n_neurons=6, activation='sine')
