"""An adapted policy returns to the memory that exploration reached."""

import copy

from metods_garage.modules import CORES
from metods_garage.policies import memory

import cloudpickle
import numpy as np
import pytest
import torch


def _explored(policy, n=1, steps=4):
    x = np.random.default_rng(0).standard_normal((n, steps, 5))
    policy.reset([True] * n)
    for t in range(steps):
        policy.get_actions(x[:, t])
    return policy


def _probe(n=1):
    return np.random.default_rng(1).standard_normal((n, 5))


@pytest.mark.parametrize('core', CORES)
def test_each_reset_returns_to_the_memory_that_exploration_reached(make_policy, core):
    policy = _explored(make_policy(core))
    adapted = policy.adapted()
    expected = policy.get_actions(_probe())[1]['value']
    for _ in range(2):
        adapted.reset()
        np.testing.assert_array_equal(adapted.get_actions(_probe())[1]['value'], expected)
        assert not np.array_equal(adapted.get_actions(_probe())[1]['value'], expected)


def test_it_starts_adapted_without_a_reset(make_policy):
    policy = _explored(make_policy())
    expected = policy.adapted().get_action(_probe()[0], deterministic=True)[0]
    np.testing.assert_array_equal(policy.get_action(_probe()[0], deterministic=True)[0], expected)


def test_one_adapted_memory_starts_any_number_of_episodes(make_policy):
    adapted = _explored(make_policy()).adapted()
    adapted.reset([True, True, True])
    values = adapted.get_actions(np.repeat(_probe(), 3, axis=0))[1]['value']
    np.testing.assert_allclose(values, values[0])


def test_as_many_memories_as_trials_stay_apart(make_policy):
    policy = _explored(make_policy(), n=2)
    adapted = policy.adapted()
    expected = policy.get_actions(_probe(2))[1]['value']
    adapted.reset([True, True])
    np.testing.assert_array_equal(adapted.get_actions(_probe(2))[1]['value'], expected)
    with pytest.raises(ValueError, match='2 trials cannot start a batch of 3'):
        adapted.reset([True, True, True])


def test_only_the_marked_trials_return(make_policy):
    adapted = _explored(make_policy()).adapted()
    adapted.reset([True, True])
    first = adapted.get_actions(_probe(2))[1]['value']
    adapted.reset([True, False])
    second = adapted.get_actions(_probe(2))[1]['value']
    assert second[0] == first[0]
    assert second[1] != first[1]


def test_no_seed_is_reported_that_would_not_replay_it(make_policy):
    policy = _explored(make_policy(core_options={'w0': 'sampled'}))
    adapted = policy.adapted()
    assert 'memory_seed' in policy.get_actions(_probe())[1]
    assert 'memory_seed' not in adapted.get_actions(_probe())[1]
    adapted.reset()
    assert 'memory_seed' not in adapted.get_action(_probe()[0])[1]
    policy.reset_to(policy.clone_state())
    policy.reset()
    assert 'memory_seed' in policy.get_actions(_probe())[1]


def test_the_original_is_neither_used_nor_moved(make_policy):
    policy = _explored(make_policy())
    before = memory.clone(policy.clone_state())
    adapted = policy.adapted()
    adapted.get_actions(_probe())
    assert torch.equal(policy.clone_state(), before)
    with torch.no_grad():
        for p in policy.parameters():
            p.zero_()
    assert any(p.abs().sum() > 0 for p in adapted.parameters())


@pytest.mark.parametrize('core', CORES)
@pytest.mark.parametrize(
    'sent', ['deepcopy', 'pickle', 'parameters'], ids=['deepcopy', 'pickle', 'parameters']
)
def test_the_adaptation_travels(make_policy, core, sent):
    adapted = _explored(make_policy(core)).adapted()
    if sent == 'deepcopy':
        other = copy.deepcopy(adapted)
    elif sent == 'pickle':
        other = cloudpickle.loads(cloudpickle.dumps(adapted))
    else:
        other = _explored(make_policy(core, seed=9), steps=1).adapted()
        other.set_param_values(adapted.get_param_values())
        other.reset()
    ours, theirs = (p.get_actions(_probe())[1]['value'] for p in (adapted, other))
    np.testing.assert_array_equal(ours, theirs)
