"""One step of a recurrent actor-critic for those who act, without autograd's and modules' costs."""

from __future__ import annotations

from metods_garage.modules.core import State
from metods_garage.modules.heads import CategoricalPolicyHead, GaussianPolicyHead
from metods_garage.modules.metods_core import MetODSCore
from metods_garage.modules.recurrent_actor_critic import RecurrentActorCritic
from metods_garage.modules.running_normalizer import RunningNormalizer
from metods_garage.plasticity.fused import why_not_fused
from metods_garage.plasticity.fused_step import FusedStep
from metods_garage.plasticity.rule import Rule
from metods_garage.plasticity.unroll import choose_backend

import numpy as np
import torch

Tensor = torch.Tensor

# Of a linear layer and what follows it: its weights transposed, its bias, whether a tanh follows.
_Layer = tuple[np.ndarray, np.ndarray, bool]


class ActingStep:
    """What `RecurrentActorCritic.step` computes, in NumPy and the compiled kernel of MetODS.

    A step of few trials by torch's modules takes several times as long as its arithmetic. This is
    equal to it up to rounding. It reads parameters where the modules have them; whatever is derived
    from them is derived again when one of them has been written to.

    Args:
        actor_critic: What `can_act` has said yes to.

    Attributes:
        dtype: Of the network.
    """

    def __init__(self, actor_critic: RecurrentActorCritic) -> None:
        self._network = actor_critic
        self._watched = [*actor_critic.parameters(), *actor_critic.buffers()]
        self._version = -1
        self.dtype = next(actor_critic.parameters()).detach().numpy().dtype
        self._spare: Tensor | None = None

    def __call__(self, obs: np.ndarray, state: State) -> tuple[np.ndarray, np.ndarray, State]:
        """One step of B trials.

        Args:
            obs: Observations [B, O], in the network's dtype.
            state: The core's state before the step. Its memory is used again by the step after the
                next, so it has to be the caller's own.

        Returns:
            The outputs of the policy head's network [B, K], values [B], and the state after.
        """
        version = sum(x._version for x in self._watched)
        if version != self._version:
            self._derive()
            self._version = version
        core = self._network.core
        assert isinstance(core, MetODSCore)
        W = core.initial_weights.split(state)[0].contiguous()
        next_W = self._spare
        if next_W is None or next_W.shape != W.shape or next_W is W:
            next_W = torch.empty_like(W, memory_format=torch.contiguous_format)
        features = self._rule(self._embed(obs), W.numpy(), next_W.numpy())
        self._spare = W
        features = _through(self._trunk, features)
        value = _through(self._value, features)[:, 0]
        return _through(self._policy, features), value, core.initial_weights.join(next_W, state)

    def _derive(self) -> None:
        network, core = self._network, self._network.core
        assert isinstance(core, MetODSCore)
        self._embedding = _layers(network.embedding)
        self._trunk = [] if network.trunk is None else _layers(network.trunk)
        self._policy = _layers(network.policy_head.network)
        self._value = _layers(network.value_head.network)
        self._normalization = _normalization(network.observation_normalizer, core.kappa.dtype)
        projection = core.projection
        assert not isinstance(projection, torch.nn.Module)
        self._rule = FusedStep(
            core.kappa, core.beta, core.alpha, projection, _rule(core), core.input_size
        )

    def _embed(self, obs: np.ndarray) -> np.ndarray:
        if self._normalization is not None:
            mean, std, clip = self._normalization
            obs = obs - mean
            obs /= std
            np.minimum(np.maximum(obs, -clip, out=obs), clip, out=obs)
        return np.ascontiguousarray(_through(self._embedding, obs))


def can_act(actor_critic: RecurrentActorCritic) -> bool:
    """Whether `ActingStep` knows every part of a network, and the kernel covers its core."""
    core = actor_critic.core
    if type(core) is not MetODSCore or core._options['backend'] not in ('auto', 'fused'):
        return False
    projection = core.projection
    x = core.kappa.new_empty(0)
    if why_not_fused(x, core.n_inner_steps, projection, _rule(core)) is not None:
        return False
    if core._options['backend'] == 'auto' and choose_backend(None) != 'fused':
        return False  # the machine code can't be kept
    if type(actor_critic.policy_head) not in (CategoricalPolicyHead, GaussianPolicyHead):
        return False
    if type(actor_critic.observation_normalizer) not in (RunningNormalizer, type(None)):
        return False
    networks = [
        actor_critic.embedding,
        actor_critic.trunk or torch.nn.Identity(),
        actor_critic.policy_head.network,
        actor_critic.value_head.network,
    ]
    return all(_is_plain(network) for network in networks)


def _rule(core: MetODSCore) -> Rule:
    options = core._options
    return Rule(
        options['activation'],
        options['normalize'],
        options['cap'],
        options['normalize_axis'],
        'pre',
    )


def _is_plain(network: torch.nn.Module) -> bool:
    """Whether it is a chain of linear layers with bias, some followed by a tanh."""
    if type(network) is torch.nn.Identity:
        return True
    kinds = [type(layer) for layer in network.children()]
    return (
        isinstance(network, torch.nn.Sequential)
        and set(kinds) <= {torch.nn.Linear, torch.nn.Tanh}
        and all(
            kind is torch.nn.Linear or before is torch.nn.Linear
            for before, kind in zip([None, *kinds[:-1]], kinds, strict=True)
        )
        and all(layer.bias is not None for layer in network if isinstance(layer, torch.nn.Linear))
    )


def _layers(network: torch.nn.Module) -> list[_Layer]:
    found: list[_Layer] = []
    for layer in network.children():
        if isinstance(layer, torch.nn.Linear):
            found.append((layer.weight.detach().numpy().T, layer.bias.detach().numpy(), False))
        else:
            found[-1] = (*found[-1][:2], True)
    return found


def _through(layers: list[_Layer], x: np.ndarray) -> np.ndarray:
    for weights, bias, with_tanh in layers:
        x = x @ weights
        x += bias
        if with_tanh:
            np.tanh(x, out=x)
    return x


def _normalization(
    normalizer: RunningNormalizer | None, dtype: torch.dtype
) -> tuple[np.ndarray, np.ndarray, float] | None:
    """Mean, deviation and bound of the observations; None where they stay as they are."""
    if normalizer is None or not bool(normalizer.count > 0):
        return None
    mean, std = normalizer.moments(dtype)
    return mean.numpy(), std.numpy(), normalizer.clip
