"""The value function reads the policy's synaptic state."""

from metods_garage import MetODSValueFunction
from metods_garage.policies import GaussianGRUPolicy, GaussianMetODSPolicy

import akro
import cloudpickle
import numpy as np
import pytest
import torch
from garage import EnvSpec
from garage.torch.value_functions import ValueFunction


def _spec(size=5):
    actions = akro.Box(-1.0, 1.0, shape=(2,), dtype=np.float32)
    return EnvSpec(akro.Box(-np.inf, np.inf, shape=(size,)), actions, max_episode_length=9)


@pytest.fixture(params=[GaussianMetODSPolicy, GaussianGRUPolicy])
def policy(request):
    torch.manual_seed(0)
    size = {GaussianMetODSPolicy: 'n_neurons', GaussianGRUPolicy: 'hidden_size'}[request.param]
    return request.param(_spec(), dtype=torch.float64, **{size: 6})


@pytest.fixture
def trials():
    return torch.as_tensor(np.random.default_rng(0).standard_normal((3, 7, 5)))


def test_it_gives_the_values_that_the_policy_acted_with(policy, trials):
    value_function = MetODSValueFunction(_spec(), policy)
    assert isinstance(value_function, ValueFunction)
    policy.reset([True] * 3)
    acted = [policy.get_actions(trials[:, t])[1]['value'] for t in range(7)]
    values = value_function(trials)
    np.testing.assert_allclose(values.detach(), np.stack(acted, axis=1), atol=1e-12)


def test_trials_with_a_sampled_start_are_valued_from_their_seeds(trials):
    torch.manual_seed(0)
    policy = GaussianMetODSPolicy(_spec(), n_neurons=6, w0='sampled', dtype=torch.float64)
    value_function = MetODSValueFunction(_spec(), policy)
    policy.reset([True] * 3)
    infos = [policy.get_actions(trials[:, t])[1] for t in range(7)]
    acted = torch.as_tensor(np.stack([info['value'] for info in infos], axis=1))
    seeds = infos[0]['memory_seed']
    torch.testing.assert_close(value_function(trials, memory_seeds=seeds), acted)
    assert value_function.compute_loss(trials, acted, memory_seeds=seeds) < 1e-18
    assert value_function.compute_loss(trials, acted) > 1e-6


def test_the_loss_is_half_the_squared_error_over_real_steps(policy, trials):
    value_function = MetODSValueFunction(_spec(), policy)
    returns = value_function(trials).detach() + 2
    assert value_function.compute_loss(trials, returns).item() == pytest.approx(2)
    valid = torch.ones(3, 7, dtype=torch.bool)
    valid[0, 4:] = False
    returns[0, 4:] = 1e6
    loss = value_function.compute_loss(trials, returns, valid=valid)
    assert loss.item() == pytest.approx(2)


def test_its_loss_reaches_the_core(policy, trials):
    MetODSValueFunction(_spec(), policy).compute_loss(trials, torch.ones(3, 7)).backward()
    assert all(p.grad is not None for p in policy.actor_critic.core.parameters())
    assert sum(p.grad.abs().sum() for p in policy.actor_critic.core.parameters()) > 0


def test_it_stays_on_the_policys_core_through_a_pickle(policy, trials):
    value_function = MetODSValueFunction(_spec(), policy)
    other, other_policy = cloudpickle.loads(cloudpickle.dumps((value_function, policy)))
    torch.testing.assert_close(other(trials), value_function(trials))
    with torch.no_grad():
        for p in other_policy.parameters():
            p.zero_()
    assert (other(trials) == 0).all()


def test_bad_shapes_are_refused(policy, trials):
    value_function = MetODSValueFunction(_spec(), policy)
    with pytest.raises(ValueError, match='flattened steps have lost the order'):
        value_function(trials.reshape(-1, 5))
    with pytest.raises(ValueError, match=r'returns have shape \(21,\), but values \(3, 7\)'):
        value_function.compute_loss(trials, torch.zeros(21))
    with pytest.raises(ValueError, match='gives 4 numbers per observation.*built for 5'):
        MetODSValueFunction(_spec(4), policy)
