"""The shell keeps a memory per trial, and replays what it did."""

import copy

from metods_garage.modules import CORES
from metods_garage.policies import memory

import cloudpickle
import numpy as np
import pytest
import torch

KINDS = ['discrete', 'continuous']


def _observations(seed, *shape):
    return np.random.default_rng(seed).standard_normal((*shape, 5))


def _generators(n, seed=7):
    return [np.random.default_rng([seed, i]) for i in range(n)]


def _act(policy, observations, **options):
    """Steps through [B, T, O]; actions and infos, each [B, T, ...]."""
    policy.reset([True] * len(observations))
    steps = [
        policy.get_actions(observations[:, t], **options) for t in range(observations.shape[1])
    ]
    actions = np.stack([a for a, _ in steps], axis=1)
    return actions, {k: np.stack([i[k] for _, i in steps], axis=1) for k in steps[0][1]}


@pytest.mark.parametrize('kind', KINDS)
@pytest.mark.parametrize('core', CORES)
def test_stepping_through_a_trial_equals_forward(make_policy, core, kind):
    policy, x = make_policy(core, kind), _observations(1, 3, 11)
    actions, infos = _act(policy, x)
    dist, info = policy(torch.as_tensor(x))
    log_prob = dist.log_prob(torch.as_tensor(actions)).detach().numpy()
    np.testing.assert_allclose(log_prob, infos['log_prob'], atol=1e-9)
    np.testing.assert_allclose(info['value'].detach(), infos['value'], atol=1e-9)


@pytest.mark.parametrize('core', CORES)
def test_a_trial_is_the_same_beside_others_and_alone(make_policy, core):
    policy, x = make_policy(core), _observations(2, 4, 6)
    together, _ = _act(policy, x, generators=_generators(4))
    alone, _ = _act(policy, x[2:3], generators=_generators(4)[2:3])
    np.testing.assert_allclose(together[2:3], alone, atol=1e-9)


@pytest.mark.parametrize('core', CORES)
def test_padding_changes_nothing_of_the_real_steps_and_no_gradient(make_policy, core):
    policy = make_policy(core)
    x = torch.as_tensor(_observations(3, 2, 8))
    valid = torch.ones(2, 8, dtype=torch.bool)
    valid[1, 5:] = False
    short = policy(x[1:, :5])[1]['value']
    padded = torch.where(valid.unsqueeze(-1), x, torch.nan)
    values = policy(padded, valid=valid)[1]['value']
    torch.testing.assert_close(values[1:, :5], short)
    torch.where(valid, values, 0).sum().backward()
    assert all(p.grad is None or p.grad.isfinite().all() for p in policy.parameters())


def test_a_reset_within_a_trial_starts_from_an_empty_memory(make_policy):
    policy = make_policy()
    x = torch.as_tensor(_observations(4, 2, 6))
    reset = torch.zeros(2, 6, dtype=torch.bool)
    reset[1, 3] = True
    values = policy(x, reset=reset)[1]['value']
    torch.testing.assert_close(values[1, 3:], policy(x[1:, 3:])[1]['value'][0])
    torch.testing.assert_close(values[0], policy(x[:1])[1]['value'][0])


def test_reset_empties_the_marked_memories_only(make_policy):
    policy, x = make_policy(), _observations(5, 3, 2)
    _act(policy, x[:, :1])
    before = policy.clone_state()
    policy.reset([False, True, False])
    after = policy.clone_state()
    assert torch.equal(after[[0, 2]], before[[0, 2]])
    assert torch.equal(after[1], policy.actor_critic.initial_state(1)[0])


def test_reset_sets_the_number_of_trials(make_policy):
    policy = make_policy()
    for n in (4, 1, 2):
        policy.reset([True] * n)
        assert policy.get_actions(_observations(6, n))[0].shape == (n, 2)
    policy.reset()
    assert policy.get_action(_observations(6))[0].shape == (2,)


def test_memory_that_does_not_fit_is_refused(make_policy):
    policy = make_policy()
    with pytest.raises(RuntimeError, match='no memory yet'):
        policy.clone_state()
    policy.reset([True, True])
    with pytest.raises(ValueError, match=r'5 observations while the memory holds 2 trials'):
        policy.get_actions(_observations(7, 5))
    with pytest.raises(ValueError, match=r'keep trials \[1, 2\] of 3.*holds 2'):
        policy.reset([True, False, False])


def test_forward_leaves_the_memory_of_acting_alone(make_policy):
    policy = make_policy()
    _act(policy, _observations(8, 2, 3))
    before = policy.clone_state()
    policy(torch.as_tensor(_observations(9, 4, 5)))
    assert torch.equal(policy.clone_state(), before)


def test_flattened_time_is_refused_with_the_reason(make_policy):
    with pytest.raises(ValueError, match=r'whole trials.*\(12, 5\).*lost the order.*RecurrentPPO'):
        make_policy()(torch.zeros(12, 5))


def test_an_observation_of_another_size_is_refused_with_the_remedy(make_policy):
    policy = make_policy()
    message = r'observation of 3 numbers.*built for 5.*MetaRLObservation'
    with pytest.raises(ValueError, match=message):
        policy.get_action(np.zeros(3))
    with pytest.raises(ValueError, match=message):
        policy(torch.zeros(2, 4, 3))


def test_masks_of_another_shape_are_refused(make_policy):
    policy, x = make_policy(), torch.zeros(2, 4, 5)
    for name in ('reset', 'valid'):
        with pytest.raises(ValueError, match=rf'{name} has shape \(2, 3\).*\(2, 4\)'):
            policy(x, **{name: torch.ones(2, 3, dtype=torch.bool)})


@pytest.mark.parametrize('kind', KINDS)
def test_deterministic_takes_the_most_likely_action(make_policy, kind):
    policy, x = make_policy(kind=kind), _observations(10, 6, 1)
    actions, infos = _act(policy, x, deterministic=True)
    dist, _ = policy(torch.as_tensor(x))
    if kind == 'discrete':
        assert np.array_equal(actions, dist.probs.argmax(-1))
    else:
        np.testing.assert_array_equal(actions, infos['mean'])
    single = policy.reset() or policy.get_action(x[0, 0], deterministic=True)[0]
    np.testing.assert_allclose(single, actions[0, 0])


def test_infos_hold_numbers_per_trial_and_never_the_weights(make_policy):
    _, infos = _act(make_policy(), _observations(11, 3, 2))
    shapes = {key: info.shape[2:] for key, info in infos.items()}
    assert shapes == {
        'log_prob': (),
        'value': (),
        'memory_norm': (),
        'mean': (2,),
        'log_std': (2,),
    }


def test_memory_norm_is_the_norm_of_each_trials_weights(make_policy):
    policy = make_policy()
    _, infos = _act(policy, _observations(12, 3, 2))
    expected = torch.linalg.matrix_norm(policy.clone_state())
    np.testing.assert_allclose(infos['memory_norm'][:, -1], expected)


@pytest.mark.parametrize('core', CORES)
@pytest.mark.parametrize(
    'copied', [copy.deepcopy, lambda p: cloudpickle.loads(cloudpickle.dumps(p))]
)
def test_a_copy_acts_like_the_original_even_mid_trial(make_policy, core, copied):
    policy, x = make_policy(core), _observations(13, 2, 4)
    _act(policy, x[:, :2], generators=_generators(2))
    other = copied(policy)
    for t in (2, 3):
        ours = policy.get_actions(x[:, t], _generators(2, t))[0]
        theirs = other.get_actions(x[:, t], _generators(2, t))[0]
        assert np.array_equal(ours, theirs)


def test_parameters_and_statistics_travel_as_one_dict(make_policy):
    options = {'normalize_observations': True, 'scale_rewards': True}
    source, target = (make_policy(seed=s, **options) for s in (1, 2))
    x, valid = torch.as_tensor(_observations(14, 2, 5)), torch.ones(2, 5, dtype=torch.bool)
    source.update_observation_statistics(3 + 2 * x, valid)
    source.update_reward_statistics(10 * x[..., 0], valid, discount=0.9)
    target.set_param_values(source.get_param_values())
    torch.testing.assert_close(target(x)[1]['value'], source(x)[1]['value'])
    rewards = torch.ones(1, 1, dtype=torch.float64)
    assert target.reward_scaler(rewards) == source.reward_scaler(rewards) != 1


def test_the_first_trials_are_learned_at_the_scale_of_all_others(make_policy):
    policy = make_policy(scale_rewards=True)
    rewards = 100 * torch.ones(3, 40, dtype=torch.float64) * torch.rand(3, 1, dtype=torch.float64)
    valid = torch.ones(3, 40, dtype=torch.bool)
    policy.update_reward_statistics(rewards, valid, discount=0.9)
    scaled = policy.scaled_rewards(rewards)
    assert 0 < scaled.abs().max() < 10
    assert torch.equal(policy.scaled_rewards(rewards), scaled)
    policy.update_reward_statistics(rewards, valid, discount=0.9)
    assert policy.scaled_rewards(rewards).allclose(scaled, rtol=0.05)
    plain = make_policy()
    plain.update_reward_statistics(rewards, valid, discount=0.9)
    assert plain.scaled_rewards(rewards) is rewards


def test_statistics_count_real_steps_only_and_normalise_observations(make_policy):
    policy = make_policy(normalize_observations=True)
    x = torch.as_tensor(5 + 3 * _observations(15, 4, 50))
    valid = torch.ones(4, 50, dtype=torch.bool)
    valid[0, 20:] = False
    x[0, 20:] = 1e9
    policy.update_observation_statistics(x, valid)
    z = policy.actor_critic.observation_normalizer(x)[valid]
    torch.testing.assert_close(z.mean(0), torch.zeros(5, dtype=torch.float64))
    torch.testing.assert_close(z.std(0, unbiased=False), torch.ones(5, dtype=torch.float64))


def test_acting_and_replaying_do_not_move_the_statistics(make_policy):
    policy = make_policy(normalize_observations=True)
    before = copy.deepcopy(policy.get_param_values())
    x = _observations(16, 2, 3)
    _act(policy, x)
    policy(torch.as_tensor(x))
    assert all(torch.equal(before[k], v) for k, v in policy.get_param_values().items())


@pytest.mark.parametrize('core', ['metods', 'arxiv'])
def test_a_sampled_initial_state_is_drawn_per_trial_and_replayed_from_its_seed(make_policy, core):
    policy, x = make_policy(core, core_options={'w0': 'sampled'}), _observations(17, 3, 6)
    actions, infos = _act(policy, x, generators=_generators(3))
    seeds = infos['memory_seed'][:, 0]
    assert len(set(seeds)) == 3
    assert (infos['memory_seed'] == seeds[:, None]).all()
    dist, _ = policy(torch.as_tensor(x), memory_seeds=seeds)
    log_prob = dist.log_prob(torch.as_tensor(actions)).detach()
    np.testing.assert_allclose(log_prob, infos['log_prob'], atol=1e-9)
    again, _ = _act(policy, x, generators=_generators(3))
    assert np.array_equal(again, actions)
    other, _ = _act(policy, x, generators=_generators(3, seed=8))
    assert not np.array_equal(other, actions)


def test_generators_have_to_be_one_per_trial(make_policy):
    policy = make_policy()
    with pytest.raises(ValueError, match='2 generators for 3 trials'):
        policy.get_actions(_observations(18, 3), _generators(2))


def test_observations_of_any_form_are_the_same_observation(make_policy):
    policy, x = make_policy(), _observations(19, 2)
    forms = [x, list(x), torch.as_tensor(x), list(torch.as_tensor(x))]
    values = [policy.reset([True, True]) or policy.get_actions(form)[1]['value'] for form in forms]
    assert all(np.array_equal(values[0], v) for v in values[1:])


@pytest.mark.parametrize('core', CORES)
def test_final_state_is_the_memory_that_stepping_reaches(make_policy, core):
    policy, x = make_policy(core), _observations(20, 1, 9)
    _act(policy, x)
    reached = memory.tensors(policy.clone_state())
    computed = memory.tensors(policy.final_state(torch.as_tensor(x)))
    for ours, theirs in zip(reached, computed, strict=True):
        torch.testing.assert_close(ours, theirs)
