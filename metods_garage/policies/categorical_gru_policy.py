"""Policy with a gated recurrent unit for discrete actions."""

from __future__ import annotations

from typing import Any

from metods_garage.modules import GRUCore
from metods_garage.policies.action_kind import require_discrete
from metods_garage.policies.actor_critic_for import actor_critic_for
from metods_garage.policies.recurrent_policy import RecurrentPolicy

import torch

__all__ = ['CategoricalGRUPolicy']


class CategoricalGRUPolicy(RecurrentPolicy):
    """Discrete actions from a GRU: RL2 [1], and MetODS with another cell.

    Embedding and heads are those of :class:`~metods_garage.policies.CategoricalMetODSPolicy`.

    Args:
        env_spec: Specification of the environment; its observation should hold the previous action
            and reward (:class:`~metods_garage.envs.MetaRLObservation`).
        hidden_size: Number of units.
        embedding_size: Size of what f gives to the units; None: as many.
        embedding_hidden_size: Units of the hidden layer of f; None: ``embedding_size``.
        linear_embedding: Whether f is a single linear layer.
        head_hidden_size: Units of the hidden layer of the heads; None: ``hidden_size``.
        linear_heads: Whether the heads are single linear layers.
        shared_trunk: Whether both heads share their hidden layer, instead of one each.
        normalize_observations: Whether observations are centred and scaled by running statistics.
        scale_rewards: Whether algorithms divide rewards by a running scale.
        dtype: torch.float32 or torch.float64.
        device: Where the policy lives.
        name: Name of the policy.

    Raises:
        ValueError: If the actions are not discrete.

    References:
        [1] Duan et al., RL2: Fast Reinforcement Learning via Slow Reinforcement Learning, 2016.
    """

    def __init__(
        self,
        env_spec: Any,
        *,
        hidden_size: int = 256,
        embedding_size: int | None = None,
        embedding_hidden_size: int | None = None,
        linear_embedding: bool = False,
        head_hidden_size: int | None = None,
        linear_heads: bool = False,
        shared_trunk: bool = False,
        normalize_observations: bool = False,
        scale_rewards: bool = False,
        dtype: torch.dtype = torch.float32,
        device: torch.device | str = 'cpu',
        name: str = 'CategoricalGRUPolicy',
    ) -> None:
        require_discrete(env_spec, type(self).__name__)
        actor_critic = actor_critic_for(
            env_spec,
            GRUCore(embedding_size or hidden_size, hidden_size),
            embedding_hidden_size=embedding_hidden_size,
            linear_embedding=linear_embedding,
            head_hidden_size=head_hidden_size,
            linear_heads=linear_heads,
            shared_trunk=shared_trunk,
            normalize_observations=normalize_observations,
        )
        super().__init__(
            env_spec,
            actor_critic,
            scale_rewards=scale_rewards,
            dtype=dtype,
            device=device,
            name=name,
        )
