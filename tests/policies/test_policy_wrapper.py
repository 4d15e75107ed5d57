"""Policies that act as another one does take the same step, one trial or many at a time."""

from metods_garage.policies import AdaptedPolicy, BorderPolicy, ExplorationPolicy

import numpy as np
import pytest

WRAPPERS = {
    'adapted': lambda policy: AdaptedPolicy(policy, policy.clone_state()),
    'border': lambda policy: BorderPolicy(policy, 'emptied', episode_steps=9),
    'exploration': ExplorationPolicy,
}


@pytest.fixture
def policy(make_policy):
    found = make_policy()
    found.reset()
    return found


def _steps(policy, one_at_a_time):
    policy.reset()
    seen = np.random.default_rng(0).standard_normal((3, 5))
    for x in seen:
        if one_at_a_time:
            yield policy.get_action(x, deterministic=True)
        else:
            actions, infos = policy.get_actions(x[np.newaxis], deterministic=True)
            yield actions[0], {key: value[0] for key, value in infos.items()}


@pytest.mark.parametrize('name', WRAPPERS)
def test_one_trial_is_a_batch_of_one(policy, name):
    wrapper, twin = WRAPPERS[name](policy), WRAPPERS[name](policy)
    many = [step for step in _steps(twin, one_at_a_time=False)]
    alone = [step for step in _steps(wrapper, one_at_a_time=True)]
    plain = [step for step in _steps(policy, one_at_a_time=True)]
    for (action, infos), (expected, told), (same, _) in zip(alone, many, plain, strict=True):
        np.testing.assert_array_equal(action, expected)
        np.testing.assert_array_equal(action, same)  # from an empty memory, within an episode
        assert infos.keys() == told.keys()
        for key, value in infos.items():
            np.testing.assert_array_equal(value, told[key])


@pytest.mark.parametrize('name', WRAPPERS)
def test_it_is_of_the_same_environment(policy, name):
    found, expected = WRAPPERS[name](policy).env_spec, policy.env_spec
    assert found.observation_space == expected.observation_space
    assert found.action_space == expected.action_space


@pytest.mark.parametrize('name', WRAPPERS)
def test_each_trial_draws_its_own_actions(policy, name):
    wrapper = WRAPPERS[name](policy)
    wrapper.reset([True] * 3)
    generators = [np.random.default_rng(seed) for seed in (1, 2, 1)]
    actions = wrapper.get_actions(np.ones((3, 5)), generators)[0]
    assert not np.array_equal(actions[0], actions[1])
    np.testing.assert_array_equal(actions[0], actions[2])
