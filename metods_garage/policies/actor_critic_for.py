"""The network around a recurrent core that fits an environment's spaces."""

from __future__ import annotations

from typing import Any

from metods_garage.modules import (
    CategoricalPolicyHead,
    Embedding,
    GaussianPolicyHead,
    PolicyHead,
    RecurrentActorCritic,
    RecurrentCore,
    RunningNormalizer,
    ValueHead,
)
from metods_garage.modules.embedding import xavier_linear

import akro
import torch

__all__ = ['actor_critic_for']


def actor_critic_for(
    env_spec: Any,
    core: RecurrentCore,
    *,
    embedding_hidden_size: int | None = None,
    linear_embedding: bool = False,
    head_hidden_size: int | None = None,
    linear_heads: bool = False,
    shared_trunk: bool = False,
    init_std: float = 1.0,
    learn_std: bool = True,
    normalize_observations: bool = False,
) -> RecurrentActorCritic:
    """Puts an embedding before a core, and after it the policy head that the actions ask for.

    Args:
        env_spec: Specification of the environment.
        core: Any recurrent core.
        embedding_hidden_size: Units of the hidden layer of f; None: as many as the core's inputs.
        linear_embedding: Whether f is a single linear layer.
        head_hidden_size: Units of the hidden layer of both heads; None: as many as the core's
            outputs.
        linear_heads: Whether the heads are single linear layers.
        shared_trunk: Whether both heads share their hidden layer, instead of one each.
        init_std: Standard deviation of Gaussian actions at the start.
        learn_std: Whether it is learned, or stays.
        normalize_observations: Whether observations are centred and scaled by running statistics.

    Raises:
        ValueError: If the actions are neither Box nor Discrete, or linear heads are to share the
            hidden layer that they lack.
    """
    observation_size = env_spec.observation_space.flat_dim
    trunk, features = None, core.output_size
    if shared_trunk:
        features = head_hidden_size or core.output_size
        trunk = _trunk(core.output_size, features, linear_heads)
    head_options: dict[str, Any] = {
        'hidden_size': head_hidden_size,
        'linear': linear_heads or shared_trunk,
    }
    actions = env_spec.action_space
    policy_head: PolicyHead
    if isinstance(actions, akro.Discrete):
        policy_head = CategoricalPolicyHead(features, actions.n, **head_options)
    elif isinstance(actions, akro.Box):
        policy_head = GaussianPolicyHead(
            features, actions.flat_dim, std=init_std, learn_std=learn_std, **head_options
        )
    else:
        raise ValueError(f'actions must be Box or Discrete, got {actions}')
    return RecurrentActorCritic(
        Embedding(
            observation_size,
            core.input_size,
            hidden_size=embedding_hidden_size,
            linear=linear_embedding,
        ),
        core,
        policy_head,
        ValueHead(features, **head_options),
        RunningNormalizer(observation_size) if normalize_observations else None,
        trunk,
    )


def _trunk(input_size: int, hidden_size: int, linear_heads: bool) -> torch.nn.Sequential:
    """The hidden layer of a head, for both of them."""
    if linear_heads:
        raise ValueError(
            'shared_trunk and linear_heads exclude each other: linear heads have no hidden layer '
            'to share'
        )
    return torch.nn.Sequential(xavier_linear(input_size, hidden_size), torch.nn.Tanh())
