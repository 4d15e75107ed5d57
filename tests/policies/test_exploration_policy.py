"""An exploration policy makes one trial of all its episodes."""

from metods_garage.policies import ExplorationPolicy

import numpy as np


def _values(policy, observations):
    return [policy.get_action(x)[1]['value'] for x in observations]


def test_its_memory_outlives_every_reset_but_the_first(make_policy):
    policy = make_policy()
    x = np.random.default_rng(0).standard_normal((6, 5))
    policy.reset()
    expected = _values(policy, x)
    explorer = ExplorationPolicy(policy)
    explorer.reset()
    got = _values(explorer, x[:3])
    explorer.reset()
    assert got + _values(explorer, x[3:]) == expected


def test_it_starts_with_an_empty_memory_whatever_the_original_remembers(make_policy):
    policy = make_policy()
    x = np.random.default_rng(1).standard_normal((3, 5))
    policy.reset()
    fresh = _values(policy, x[:1])
    _values(policy, x[1:])
    assert _values(ExplorationPolicy(policy), x[:1]) == fresh


def test_it_leaves_the_original_alone(make_policy):
    policy = make_policy()
    policy.reset()
    before = policy.clone_state()
    ExplorationPolicy(policy).get_action(np.ones(5))
    assert (policy.clone_state() == before).all()
