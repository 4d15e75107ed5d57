"""Acting in NumPy draws the actions that torch would draw, and tells the same of them."""

import copy
import pickle

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

SIZE, N_TRIALS = 6, 4
METODS = {'n_neurons': 9, 'n_inner_steps': 3, 'normalize': 'cap'}
CATEGORICAL = (CategoricalMetODSPolicy, CategoricalGRUPolicy)


def policy_of(kind, dtype=torch.float64, **options):
    torch.manual_seed(5)
    discrete = kind in CATEGORICAL
    if kind in (CategoricalGRUPolicy, GaussianGRUPolicy):
        options |= {'hidden_size': 13}
    else:
        options |= METODS
    spec = EnvSpec(
        observation_space=akro.Box(-np.inf, np.inf, shape=(SIZE,), dtype=np.float32),
        action_space=akro.Discrete(3) if discrete else akro.Box(-1, 1, shape=(2,)),
        max_episode_length=9,
    )
    policy = kind(spec, dtype=dtype, normalize_observations=True, **options)
    seen = torch.randn(2, 5, SIZE)
    policy.update_observation_statistics(seen, torch.ones(2, 5, dtype=torch.bool))
    return policy


def in_torch(policy):
    policy = copy.deepcopy(policy)
    policy._can_act_without_torch = False
    return policy


def act(policy, n_steps=6, start=True, deterministic=False, dtype=np.float32):
    generators = [np.random.default_rng(i) for i in range(N_TRIALS)]
    observations = np.random.default_rng(7).standard_normal((n_steps, N_TRIALS, SIZE))
    if start:
        policy.reset(np.ones(N_TRIALS, bool))
    found = [
        policy.get_actions(seen.astype(dtype), generators, deterministic=deterministic)
        for seen in observations
    ]
    return [({'action': actions} | infos) for actions, infos in found]


def assert_equal(found, expected, tolerance=1e-9):
    for one, other in zip(found, expected, strict=True):
        assert set(one) == set(other)
        for key in one:
            assert one[key].dtype == other[key].dtype, key
            assert one[key].shape == other[key].shape, key
            np.testing.assert_allclose(one[key], other[key], tolerance, tolerance, err_msg=key)


@pytest.mark.parametrize(
    ('kind', 'options'),
    [
        (CategoricalMetODSPolicy, {}),
        (CategoricalMetODSPolicy, {'w0': 'sampled'}),
        (GaussianMetODSPolicy, {}),
        (GaussianMetODSPolicy, {'w0': 'sampled'}),
        (CategoricalGRUPolicy, {}),
        (GaussianGRUPolicy, {}),
        (GaussianGRUPolicy, {'shared_trunk': True}),
    ],
)
@pytest.mark.parametrize('deterministic', [False, True])
@pytest.mark.parametrize(('dtype', 'tolerance'), [(torch.float64, 1e-9), (torch.float32, 1e-4)])
def test_actions_and_what_is_told_of_them_are_torchs(
    kind, options, deterministic, dtype, tolerance
):
    policy = policy_of(kind, dtype, **options)
    assert policy._can_act_without_torch
    expected = act(in_torch(policy), deterministic=deterministic)
    found = act(policy, deterministic=deterministic)
    if dtype == torch.float32 and kind in CATEGORICAL:
        # at this seed no draw lies within rounding of a border between two actions
        np.testing.assert_array_equal(found[0]['action'], expected[0]['action'])
    assert_equal(found, expected, tolerance)


GAUSSIAN = pytest.mark.parametrize('kind', [GaussianMetODSPolicy, GaussianGRUPolicy])


@GAUSSIAN
def test_trials_that_are_reset_alone_start_anew(kind):
    policy = policy_of(kind)
    twin = in_torch(policy)
    for one in (policy, twin):
        act(one)
        one.reset([False, True, False, True])
    assert_equal(act(policy, start=False), act(twin, start=False))


@GAUSSIAN
@pytest.mark.parametrize(
    'duplicate', [copy.deepcopy, lambda policy: pickle.loads(pickle.dumps(policy))]
)
def test_a_copy_in_the_middle_of_a_trial_goes_on_by_itself(duplicate, kind):
    policy = policy_of(kind)
    act(policy)
    twin = duplicate(policy)
    with torch.no_grad():
        for parameter in twin.parameters():
            parameter.mul_(1.5)
    expected = act(in_torch(twin), start=False)
    of_policy = act(in_torch(policy), start=False)
    assert_equal(act(twin, start=False), expected)
    assert_equal(act(policy, start=False), of_policy)


@GAUSSIAN
def test_another_dtype_is_followed(kind):
    policy = policy_of(kind, torch.float32)
    act(policy)
    policy.double()
    found = act(policy)
    assert found[0]['value'].dtype == np.float64
    assert_equal(found, act(in_torch(policy)))


@GAUSSIAN
def test_whether_compiled_code_acts_does_not_travel_in_a_pickle(kind, monkeypatch):
    policy = policy_of(kind)
    act(policy)
    pickled = pickle.dumps(policy)
    monkeypatch.setattr('metods_garage.policies.recurrent_policy.can_act', lambda *_: False)
    assert not pickle.loads(pickled)._can_act_without_torch
    assert policy._can_act_without_torch
    policy.double()
    assert not policy._can_act_without_torch


@GAUSSIAN
def test_a_memory_of_which_some_are_put_in_is_contiguous(kind):
    policy = policy_of(kind)
    act(policy)
    state = policy.clone_state()
    across = state.movedim(0, -1).clone(memory_format=torch.contiguous_format).movedim(-1, 0)
    policy.reset_to(across, [True, False, True, False])
    assert policy._memory.is_contiguous()


def test_generators_and_observations_have_to_fit_the_trials():
    policy = policy_of(GaussianMetODSPolicy)
    act(policy)
    generators = [np.random.default_rng(0)] * (N_TRIALS - 1)
    with pytest.raises(ValueError, match='got 3 generators for 4 trials'):
        policy.get_actions(np.zeros((N_TRIALS, SIZE)), generators)
    with pytest.raises(ValueError, match='got 3 observations while the memory holds 4'):
        policy.get_actions(np.zeros((N_TRIALS - 1, SIZE)), generators)
