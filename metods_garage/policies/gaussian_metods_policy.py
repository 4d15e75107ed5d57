"""MetODS policy for continuous actions."""

from __future__ import annotations

from typing import Any

from metods_garage.modules import MetODSCore
from metods_garage.policies.action_kind import require_box
from metods_garage.policies.actor_critic_for import actor_critic_for
from metods_garage.policies.recurrent_policy import RecurrentPolicy

import torch

__all__ = ['GaussianMetODSPolicy']


class GaussianMetODSPolicy(RecurrentPolicy):
    """Continuous actions from synapses that modify themselves [1].

    At each step the synaptic weights W of a trial are read and written S times by a learned rule;
    W is all that is remembered. Embedding f, rule and heads g are learned over tasks.

    Args:
        env_spec: Specification of the environment; its observation should hold the previous action
            and reward (:class:`~metods_garage.envs.MetaRLObservation`).
        n_neurons: Number N of neurons.
        n_inner_steps: Number S of reads and writes per step.
        activation: sigma: 'tanh', 'relu', 'softmax' or 'identity'.
        write: 'hebbian', 'linear' or 'mlp': what is written besides v; see
            :class:`~metods_garage.modules.MetODSCore`, like all of the rule's options.
        scalar_alpha: One plasticity for all synapses.
        alpha_scale: Scale of alpha at the start.
        random_alpha: Whether alpha starts at N(0, 1) times the scale, or at the scale.
        alpha_spread: Decades over which the plasticity of neurons is spread.
        coefficients: kappa and beta at the start: 'additive', 'random' or 'mean'.
        retention: Share of its weights that a step keeps, at the start.
        w0: Start of a trial's weights: 'learned', 'zero' or 'sampled' anew.
        normalize: Of W, once per step: None, 'l1', 'l2' or 'cap'. Without it, and with the alpha of
            0.01 that one may try on short trials, gradients overflow over thousands of steps.
        cap: The largest norm that 'cap' allows.
        normalize_axis: 'incoming' or 'outgoing' weights of each neuron.
        plastic: False switches the synaptic update off.
        backend: Who computes the rule; see :func:`~metods_garage.plasticity.metods_unroll`.
        embedding_hidden_size: Units of the hidden layer of f; None: N.
        linear_embedding: Whether f is a single linear layer.
        head_hidden_size: Units of the hidden layer of the heads; None: N.
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
        ValueError: If the actions are not continuous, or an option is not among its choices.

    References:
        [1] Chalvidal, Serre and VanRullen, Meta-Reinforcement Learning with Self-Modifying
        Networks, NeurIPS 2022.
    """

    def __init__(
        self,
        env_spec: Any,
        *,
        n_neurons: int = 100,
        n_inner_steps: int = 4,
        activation: str = 'tanh',
        write: str = 'hebbian',
        scalar_alpha: bool = False,
        alpha_scale: float = 1e-3,
        random_alpha: bool = True,
        alpha_spread: float = 0.0,
        coefficients: str = 'additive',
        retention: float = 1.0,
        w0: str = 'learned',
        normalize: str | None = 'cap',
        cap: float = 0.4,
        normalize_axis: str = 'incoming',
        plastic: bool = True,
        backend: str = 'auto',
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
        name: str = 'GaussianMetODSPolicy',
    ) -> None:
        require_box(env_spec, type(self).__name__)
        core = MetODSCore(
            n_neurons,
            n_inner_steps=n_inner_steps,
            activation=activation,
            write=write,
            scalar_alpha=scalar_alpha,
            alpha_scale=alpha_scale,
            random_alpha=random_alpha,
            alpha_spread=alpha_spread,
            coefficients=coefficients,
            retention=retention,
            w0=w0,
            normalize=normalize,
            cap=cap,
            normalize_axis=normalize_axis,
            plastic=plastic,
            backend=backend,
        )
        actor_critic = actor_critic_for(
            env_spec,
            core,
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
