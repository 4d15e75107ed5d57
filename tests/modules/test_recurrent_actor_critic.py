from metods_garage.modules import (
    CORES,
    CategoricalPolicyHead,
    Embedding,
    GaussianPolicyHead,
    RecurrentActorCritic,
    RunningNormalizer,
    ValueHead,
)

import pytest
import torch


def network(core_name: str, *, discrete: bool) -> RecurrentActorCritic:
    torch.manual_seed(0)
    core = CORES[core_name](6)
    head = CategoricalPolicyHead if discrete else GaussianPolicyHead
    return RecurrentActorCritic(
        Embedding(4, 6),
        core,
        head(core.output_size, 3),
        ValueHead(core.output_size),
        RunningNormalizer(4),
    ).double()


@pytest.mark.parametrize('discrete', [True, False])
@pytest.mark.parametrize('core_name', CORES)
def test_a_replayed_trial_gives_the_log_probabilities_back(core_name, discrete):
    net = network(core_name, discrete=discrete)
    obs = torch.randn(2, 20, 4, dtype=torch.float64)
    net.observation_normalizer.update(obs)
    state, sampled, actions, values = net.initial_state(2), [], [], []
    with torch.no_grad():
        for t in range(20):
            distribution, value, state = net.step(obs[:, t], state)
            actions.append(distribution.sample())
            sampled.append(distribution.log_prob(actions[-1]))
            values.append(value)
    distribution, value, features, _ = net.unroll(obs)
    assert features.shape == (2, 20, net.core.output_size)
    replayed = distribution.log_prob(torch.stack(actions, 1))
    torch.testing.assert_close(replayed, torch.stack(sampled, 1), rtol=1e-9, atol=1e-9)
    torch.testing.assert_close(value, torch.stack(values, 1), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize('core_name', CORES)
def test_gradients_reach_every_parameter(core_name):
    net = network(core_name, discrete=False)
    distribution, value, _, _ = net.unroll(torch.randn(2, 9, 4, dtype=torch.float64))
    (distribution.log_prob(torch.ones(2, 9, 3)).sum() + value.sum()).backward()
    for name, parameter in net.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.abs().max() > 0, name


def test_a_reset_at_the_first_step_starts_from_the_initial_state():
    net = network('gru', discrete=True)
    obs = torch.randn(2, 5, 4, dtype=torch.float64)
    reset = torch.zeros(2, 5, dtype=torch.bool)
    reset[:, 0] = True
    used = net.unroll(obs)[3]
    torch.testing.assert_close(net.unroll(obs, used, reset)[1], net.unroll(obs)[1])


def test_flattened_observations_are_refused():
    net = network('gru', discrete=True)
    with pytest.raises(ValueError, match=r'\(10, 6\); \[B, T, I\] with I = 6 is expected'):
        net.unroll(torch.randn(10, 4, dtype=torch.float64))


def test_normalisation_statistics_travel_with_the_state_dict():
    net, other = network('gru', discrete=True), network('gru', discrete=True)
    net.observation_normalizer.update(3 + torch.randn(30, 4))
    other.load_state_dict(net.state_dict())
    obs = torch.randn(2, 5, 4, dtype=torch.float64)
    torch.testing.assert_close(net.unroll(obs)[1], other.unroll(obs)[1])
