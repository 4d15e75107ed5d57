"""One step of a recurrent actor-critic for those who act, without autograd's and modules' costs."""

from __future__ import annotations

import functools
import logging
from typing import NamedTuple

from metods_garage.modules.acting_cores import acting_core
from metods_garage.modules.core import State
from metods_garage.modules.heads import CategoricalPolicyHead, GaussianPolicyHead
from metods_garage.modules.recurrent_actor_critic import RecurrentActorCritic
from metods_garage.modules.running_normalizer import RunningNormalizer
from metods_garage.plasticity.kernel_cache import KernelCacheError

import numpy as np
import torch

Tensor = torch.Tensor

_log = logging.getLogger(__name__)


class Acted(NamedTuple):
    """What steps gave, a row for each.

    Attributes:
        outputs: Of the policy head's network [R, K]; of a Gaussian the means.
        actions: Of a Gaussian [R, A]; else [R, 0].
        told: Values, and norms of the memory after the step [R, 2].
    """

    outputs: np.ndarray
    actions: np.ndarray
    told: np.ndarray

    @property
    def values(self) -> np.ndarray:
        """[R]."""
        return self.told[:, 0]

    @property
    def norms(self) -> np.ndarray:
        """Euclidean, of W that of Frobenius [R]."""
        return self.told[:, 1]


class ActingStep:
    """What `RecurrentActorCritic.step` computes, by one call of compiled code.

    A step of few trials by torch's modules takes several times as long as its arithmetic. This is
    equal to it up to rounding, and what it gives for a trial is the same to the last bit whichever
    trials are beside it.

    Args:
        actor_critic: What `can_act` has said yes to.

    Attributes:
        dtype: Of the network.
        n_outputs: Size K of what the policy head's network gives.
        n_drawn: Size A of a Gaussian's actions, 0 of others, which are not drawn here.
    """

    def __init__(self, actor_critic: RecurrentActorCritic) -> None:
        from metods_garage.modules import acting_kernel
        from metods_garage.plasticity.kernel import simd

        core = acting_core(actor_critic.core)
        assert core is not None
        self._kernel, self._simd, self._core = acting_kernel, simd, core
        self._network = actor_critic
        self._watched = [*actor_critic.parameters(), *actor_critic.buffers()]
        self._version = -1
        self._own: np.ndarray | None = None
        self.dtype: np.dtype = next(actor_critic.parameters()).detach().numpy().dtype
        self.n_outputs = _layers(actor_critic.policy_head.network)[-1][0].out_features
        is_gaussian = isinstance(actor_critic.policy_head, GaussianPolicyHead)
        self.n_drawn = self.n_outputs if is_gaussian else 0

    def follow_parameters(self) -> None:
        """Copy the parameters if one of them has been written to since the last time."""
        version = sum(x._version for x in self._watched)
        if version != self._version:
            self._copy_parameters()
            self._version = version

    def __call__(self, obs: np.ndarray, noise: np.ndarray, state: State) -> Acted:
        """One step of B trials.

        Args:
            obs: Observations [B, O].
            noise: Standard normal numbers [B, A] to draw a Gaussian's actions with.
            state: The core's state before the step, contiguous. It becomes that after the step, so
                it has to be the caller's own.

        Returns:
            What the step gave.
        """
        self.follow_parameters()
        held = self.held(state)
        own = self._own
        if own is None or len(own) != len(held):
            own = self._own = self.own_memory(len(held))
        acted = self.new_rows(len(obs))
        self.load(held, own)
        self.take((0, len(obs)), 0, obs, noise, own, acted)
        self.store(own, held)
        return acted

    def take(
        self,
        trials: tuple[int, int],
        row: int,
        obs: np.ndarray,
        noise: np.ndarray,
        own: np.ndarray,
        acted: Acted,
    ) -> bool:
        """Take a step of some trials, with the parameters as last followed.

        Args:
            trials: The first of them, and one past the last.
            row: Row of the first one in the arrays with R rows; the others' follow it.
            obs: Observations [R, O].
            noise: Standard normal numbers [R, A] to draw a Gaussian's actions with.
            own: Memory of B trials in the kernel's own form; set to that after the step.
            acted: Set.

        Returns:
            Whether everything in these rows is finite.
        """
        first, last = trials
        return self._core.kernel.act(
            first, last, row, obs, noise, own, self._numbers, self._layout, self._scratch,
            acted.outputs, acted.actions, acted.told,
        )  # fmt: skip

    def own_memory(self, n_trials: int) -> np.ndarray:
        """Room for the memory of trials in the kernel's own form."""
        n_rows, n_columns = self._core.memory_shape
        return self._zeros((n_trials, n_columns, self._n_padded(n_rows)))

    def load(self, held: np.ndarray, own: np.ndarray) -> None:
        """Sets `own` to what trials hold [B, P, Q]."""
        self._kernel.load_memory(held, own)

    def store(self, own: np.ndarray, held: np.ndarray) -> None:
        """Sets what trials hold [B, P, Q] to `own`."""
        self._kernel.store_memory(own, held)

    def new_rows(self, n_rows: int) -> Acted:
        """Memory for the results of that many steps."""
        return Acted(
            outputs=np.empty((n_rows, self.n_outputs), self.dtype),
            actions=np.empty((n_rows, self.n_drawn), self.dtype),
            told=np.empty((n_rows, 2), self.dtype),
        )

    def held(self, state: State) -> np.ndarray:
        """What trials hold [B, P, Q]: of a state, with which it shares its memory."""
        return self._core.held(state)

    def _copy_parameters(self) -> None:
        network = self._network
        of_core, form = self._core.parameters(self._n_padded)
        parts = [network.embedding, network.trunk, network.policy_head.network]
        by_part = [_layers(part) for part in (*parts, network.value_head.network)]
        layers = [layer for part in by_part for layer in part]
        n_inputs = network.core.input_size
        n_seen = layers[0][0].in_features if by_part[0] else n_inputs
        weights, shapes = [], []
        for linear, with_tanh in layers:
            w, b = self._padded(linear.weight.T), self._padded(linear.bias)
            weights += [w, b]
            shapes += [*w.shape, with_tanh]
        sizes = (n_inputs, network.core.output_size, n_seen, *shapes)
        widest = max(self._n_padded(n) for n in sizes)
        dtype = next(network.parameters()).dtype
        numbers = (
            *of_core,
            *_normalization(network.observation_normalizer, n_seen, dtype),
            self._deviation(),
            *weights,
        )
        joined = np.concatenate([x.ravel() for x in numbers])
        self._numbers = self._zeros(joined.shape)
        self._numbers[:] = joined
        # in the order of the indices at the head of `acting_kernel`
        sized_form = np.pad(form, (0, self._kernel.LAYERS - self._kernel.CORE - len(form)))
        layout = (n_seen, self.n_drawn, *map(len, by_part), widest, *sized_form, *shapes)
        self._layout = np.array(layout, np.int64)
        self._scratch = self._zeros((self._core.n_scratch(self._n_padded) + 3 * widest,))

    def _n_padded(self, n: int) -> int:
        return self._simd.padded(n, self.dtype)

    def _zeros(self, shape: tuple[int, ...]) -> np.ndarray:
        return self._simd.aligned_zeros(shape, self.dtype)

    def _padded(self, x: Tensor) -> np.ndarray:
        missing = self._n_padded(x.shape[-1]) - x.shape[-1]
        return np.pad(x.detach().numpy(), [(0, 0)] * (x.ndim - 1) + [(0, missing)])

    def _deviation(self) -> np.ndarray:
        head = self._network.policy_head
        if not isinstance(head, GaussianPolicyHead):
            return np.empty(0, self.dtype)
        deviation: np.ndarray = np.exp(head.log_std.detach().numpy())
        return deviation


def can_act(actor_critic: RecurrentActorCritic, observation_size: int) -> bool:
    """Whether `ActingStep` takes a network, and its machine code can be kept.

    Args:
        actor_critic: The network.
        observation_size: Size O of an observation. A network that does not fit it, or whose parts
            do not fit together, is left to torch, which says what is wrong.
    """
    return (
        _knows(actor_critic)
        and _fits(actor_critic, observation_size)
        and _can_be_compiled(actor_critic, observation_size)
    )


def _knows(actor_critic: RecurrentActorCritic) -> bool:
    if acting_core(actor_critic.core) is None:
        return False
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


def _fits(actor_critic: RecurrentActorCritic, observation_size: int) -> bool:
    """Whether each part gives as many numbers as the next takes."""
    core, normalizer = actor_critic.core, actor_critic.observation_normalizer
    trunk = actor_critic.trunk
    heads = (actor_critic.policy_head.network, actor_critic.value_head.network)
    return (
        (normalizer is None or len(normalizer.mean) == observation_size)
        and _end(actor_critic.embedding, observation_size) == core.input_size
        and all(_end(head, _end(trunk, core.output_size)) is not None for head in heads)
    )


def _end(network: torch.nn.Module | None, size: int | None) -> int | None:
    """How many numbers a chain of layers makes of that many; None if they do not fit."""
    for layer, _ in _layers(network):
        if layer.in_features != size:
            return None
        size = layer.out_features
    return size


def _can_be_compiled(actor_critic: RecurrentActorCritic, observation_size: int) -> bool:
    """Takes a step to see; whether there is room on disk shows when code is first kept."""
    try:
        acting_step = ActingStep(actor_critic)
        acting_step.follow_parameters()
        with torch.no_grad():
            state = actor_critic.initial_state(1, torch.Generator())
            held = acting_step.held(state).copy()
        own, rows = acting_step.own_memory(1), acting_step.new_rows(1)
        seen, noise = np.zeros((1, observation_size)), np.zeros((1, acting_step.n_drawn))
        acting_step.load(held, own)
        acting_step.take((0, 1), 0, seen.astype(acting_step.dtype), noise, own, rows)
        acting_step.store(own, held)
    except KernelCacheError as error:
        _say_once(str(error))
        return False
    return True


@functools.cache
def _say_once(error: str) -> None:
    _log.warning('policies act by torch, several times slower, because %s', error)


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


def _layers(network: torch.nn.Module | None) -> list[tuple[torch.nn.Linear, bool]]:
    """Linear layers, and whether a tanh follows each."""
    found: list[tuple[torch.nn.Linear, bool]] = []
    for layer in () if network is None else network.children():
        if isinstance(layer, torch.nn.Linear):
            found.append((layer, False))
        else:
            found[-1] = (found[-1][0], True)
    return found


def _normalization(
    normalizer: RunningNormalizer | None, size: int, dtype: torch.dtype
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean, deviation and bound of the observations; without any they stay as they are."""
    if normalizer is None or not bool(normalizer.count > 0):
        return np.zeros(size), np.ones(size), np.array([np.inf])
    mean, std = normalizer.moments(dtype)
    return mean.numpy(), std.numpy(), np.array([normalizer.clip])
