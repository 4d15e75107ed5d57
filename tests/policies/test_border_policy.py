"""Between two episodes a trial goes on with no memory, or with that of another trial."""

from metods_garage.policies import BorderPolicy

import numpy as np
import pytest
import torch

STEPS = 4  # of an episode


def _seen(n_trials, n_episodes, seed=0):
    shape = (n_episodes * STEPS, n_trials, 5)
    return np.random.default_rng(seed).standard_normal(shape)


def _values(policy, seen):
    policy.reset([True] * seen.shape[1])
    return np.stack([policy.get_actions(x, deterministic=True)[1]['value'] for x in seen])


@pytest.mark.parametrize('core', ['metods', 'gru', 'elman'])
def test_an_emptied_memory_makes_each_episode_a_trial_of_its_own(make_policy, core):
    policy, seen = make_policy(core), _seen(3, 3)
    alone = [_values(policy, seen[n * STEPS : (n + 1) * STEPS]) for n in range(3)]
    np.testing.assert_array_equal(
        _values(BorderPolicy(policy, 'emptied', STEPS), seen), np.concatenate(alone)
    )
    assert not np.array_equal(_values(policy, seen)[STEPS:], np.concatenate(alone)[STEPS:])


@pytest.mark.parametrize('core', ['metods', 'gru', 'elman'])
def test_an_exchanged_memory_is_that_of_the_trial_before(make_policy, core):
    policy, seen = make_policy(core), _seen(3, 3)
    found = _values(BorderPolicy(policy, 'exchanged', STEPS), seen)
    # trial b acts in episode n with what trials b - 1, b - 2, ... saw before: one memory wanders
    wandering = np.stack([np.roll(seen[n * STEPS : (n + 1) * STEPS], -n, axis=1) for n in range(3)])
    followed = _values(policy, wandering.reshape(3 * STEPS, 3, 5))
    for n in range(3):
        part = slice(n * STEPS, (n + 1) * STEPS)
        np.testing.assert_allclose(found[part], np.roll(followed[part], n, axis=1), rtol=1e-12)


def test_each_rollout_starts_anew(make_policy):
    policy = BorderPolicy(make_policy(), 'exchanged', STEPS)
    whole, part = _seen(2, 2), _seen(2, 1)[:3]
    expected = _values(policy, whole)
    _values(policy, part)  # ends within an episode
    np.testing.assert_array_equal(_values(policy, whole), expected)


def test_the_policy_behind_it_is_left_with_its_parameters(make_policy):
    policy = make_policy()
    border = BorderPolicy(policy, 'emptied', STEPS)
    assert border.env_spec is policy.env_spec
    border.set_param_values(
        {name: torch.zeros_like(x) for name, x in border.get_param_values().items()}
    )
    assert not any(parameter.any() for parameter in policy.parameters())


def test_what_can_not_be_is_refused(make_policy):
    with pytest.raises(ValueError, match="at_border='kept': it is one of emptied, exchanged"):
        BorderPolicy(make_policy(), 'kept', STEPS)
    policy = BorderPolicy(make_policy(), 'exchanged', STEPS)
    with pytest.raises(ValueError, match='one trial alone has no other'):
        policy.reset([True])
    with pytest.raises(ValueError, match='start together'):
        policy.reset([True, False])
