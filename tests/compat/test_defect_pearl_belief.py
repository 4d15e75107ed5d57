from metods_garage.compat import all_adjustments

import akro
import pytest
import torch
from garage import EnvSpec
from garage.torch.embeddings import MLPEncoder
from garage.torch.policies import ContextConditionedPolicy, TanhGaussianMLPPolicy


def _policy():
    spec = EnvSpec(akro.Box(-1, 1, (4,)), akro.Box(-1, 1, (2,)))
    return ContextConditionedPolicy(
        latent_dim=1,
        context_encoder=MLPEncoder(input_dim=6, output_dim=2, hidden_sizes=[4]),
        policy=TanhGaussianMLPPolicy(env_spec=spec, hidden_sizes=[4]),
        use_information_bottleneck=True,
        use_next_obs=False,
    )


@pytest.mark.parametrize('adjusted', [False, True])
def test_a_new_task_is_explored_with_the_prior(as_released, adjusted):
    pearl = as_released('garage.torch.algos.pearl')
    if adjusted:
        all_adjustments()['pearl-belief'].apply_to(pearl)
    algo = object.__new__(pearl.PEARL)
    algo._policy = policy = _policy()

    policy.infer_posterior(torch.randn(1, 20, 6))  # what the task before leaves behind
    policy._context = torch.randn(1, 20, 6)
    exploring = algo.get_exploration_policy()

    assert exploring is policy
    at_prior = bool((policy.z_means == 0).all() and (policy.z_vars == 1).all())
    assert at_prior is adjusted
    assert (policy.context is None) is adjusted


def test_an_adapted_policy_keeps_its_posterior():
    from garage.torch.algos import PEARL

    algo = object.__new__(PEARL)
    algo._policy = _policy()
    policy = algo.get_exploration_policy()
    policy.infer_posterior(torch.randn(1, 20, 6))
    mean = policy.z_means.clone()
    policy.sample_from_belief()
    assert torch.equal(policy.z_means, mean)
    assert not torch.equal(mean, torch.zeros_like(mean))
