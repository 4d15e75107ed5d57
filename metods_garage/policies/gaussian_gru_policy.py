"""Policy with a gated recurrent unit for continuous actions."""

from __future__ import annotations

from typing import Any

from metods_garage.modules import GRUCore
from metods_garage.policies.action_kind import require_box
from metods_garage.policies.actor_critic_for import actor_critic_for
from metods_garage.policies.recurrent_policy import RecurrentPolicy

import torch

__all__ = ['GaussianGRUPolicy']


class GaussianGRUPolicy(RecurrentPolicy):
    """Continuous actions from a GRU: RL2 [1], and MetODS with another cell.

    Embedding and heads are those of :class:`~metods_garage.policies.GaussianMetODSPolicy`.

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
        init_std: Standard deviation of actions at the start. The paper's locomotion setting is a
            fixed one of 0.1: ``init_std=0.1, learn_std=False``.
        learn_std: Whether it is learned, or stays.
        normalize_observations: Whether observations are centred and scaled by running statistics.
        scale_rewards: Whether algorithms divide rewards by a running scale.
        dtype: torch.float32 or torch.float64.
        device: Where the policy lives.
        name: Name of the policy.

    Raises:
        ValueError: If the actions are not continuous.

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
        init_std: float = 1.0,
        learn_std: bool = True,
        normalize_observations: bool = False,
        scale_rewards: bool = False,
        dtype: torch.dtype = torch.float32,
        device: torch.device | str = 'cpu',
        name: str = 'GaussianGRUPolicy',
    ) -> None:
        require_box(env_spec, type(self).__name__)
        actor_critic = actor_critic_for(
            env_spec,
            GRUCore(embedding_size or hidden_size, hidden_size),
            embedding_hidden_size=embedding_hidden_size,
            linear_embedding=linear_embedding,
            head_hidden_size=head_hidden_size,
            linear_heads=linear_heads,
            shared_trunk=shared_trunk,
            init_std=init_std,
            learn_std=learn_std,
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
