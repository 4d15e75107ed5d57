"""What `ActingStep` has to know of a recurrent core, one class for each that it covers."""

from __future__ import annotations

import abc
from collections.abc import Callable, Sequence
from types import ModuleType

from metods_garage.modules.core import RecurrentCore, State
from metods_garage.modules.gru_core import GRUCore
from metods_garage.modules.metods_core import MetODSCore
from metods_garage.plasticity.fused import why_not_fused
from metods_garage.plasticity.kernel_arguments import kernel_arguments
from metods_garage.plasticity.rule import Rule
from metods_garage.plasticity.unroll import choose_backend

import numpy as np
import torch

Tensor = torch.Tensor


class ActingCore(abc.ABC):
    """What `ActingStep` needs of a core.

    Args:
        kernel: Where the core's `act` is.
        memory_shape: Of what a trial holds [P, Q].
    """

    def __init__(self, kernel: ModuleType, memory_shape: tuple[int, int]) -> None:
        self.kernel = kernel
        self.memory_shape = memory_shape

    @abc.abstractmethod
    def held(self, state: State) -> np.ndarray:
        """What trials hold [B, P, Q]: of a state, with which it shares its memory."""

    @abc.abstractmethod
    def parameters(self, padded: Callable[[int], int]) -> tuple[Sequence[np.ndarray], list[int]]:
        """The core's part of `act`'s numbers and layout.

        Args:
            padded: Maps a number of numbers to the length of the padded vector that holds them.
        """

    @abc.abstractmethod
    def n_scratch(self, padded: Callable[[int], int]) -> int:
        """How many numbers of scratch memory it needs."""


class ActingMetODS(ActingCore):
    """`ActingCore` of MetODS, which holds W."""

    def __init__(self, core: MetODSCore) -> None:
        from metods_garage.modules import acting_metods_kernel

        super().__init__(acting_metods_kernel, (core.input_size, core.input_size))
        self._core = core

    def held(self, state: State) -> np.ndarray:
        """W [B, N, N]."""
        W: np.ndarray = self._core.initial_weights.split(state)[0].numpy()
        return W

    def parameters(self, padded: Callable[[int], int]) -> tuple[Sequence[np.ndarray], list[int]]:
        """See `ActingCore.parameters`."""
        core, N = self._core, self._core.input_size
        projection = core.projection
        assert not isinstance(projection, torch.nn.Module)
        alpha = core.plasticity.detach()
        x, form = kernel_arguments(core.kappa, core.beta, alpha, projection, _rule(core), N)
        numbers = (x.alpha, x.alpha_T, x.P, x.P_T, x.kappa, x.c, x.d, np.array([form.cap]))
        return numbers, [N, core.n_inner_steps, *form[:4]]

    def n_scratch(self, padded: Callable[[int], int]) -> int:
        """See `ActingCore.n_scratch`."""
        N = self._core.input_size
        n: int = self.kernel.n_scratch(self._core.n_inner_steps, N, padded(N))
        return n


class ActingGRU(ActingCore):
    """`ActingCore` of a gated recurrent unit, which holds its state as one column."""

    def __init__(self, core: GRUCore) -> None:
        from metods_garage.modules import acting_gru_kernel

        super().__init__(acting_gru_kernel, (core.output_size, 1))
        self._core = core

    def held(self, state: State) -> np.ndarray:
        """h [B, H, 1]."""
        assert isinstance(state, Tensor)
        h: np.ndarray = state.unsqueeze(-1).numpy()
        return h

    def parameters(self, padded: Callable[[int], int]) -> tuple[Sequence[np.ndarray], list[int]]:
        """See `ActingCore.parameters`."""
        H = self._core.output_size
        missing = padded(H) - H

        def by_gate(x: Tensor) -> np.ndarray:
            """x [3 H, ...] as [..., 3 n]."""
            gates = x.detach().numpy().reshape(3, H, -1)
            return np.pad(gates, ((0, 0), (0, missing), (0, 0))).reshape(-1, gates.shape[2]).T

        # W_ih, W_hh, b_ih and b_hh
        return [by_gate(x) for x in self._core.rnn.parameters()], [self._core.input_size, H]

    def n_scratch(self, padded: Callable[[int], int]) -> int:
        """See `ActingCore.n_scratch`."""
        n: int = self.kernel.n_scratch(padded(self._core.output_size))
        return n


def acting_core(core: RecurrentCore) -> ActingCore | None:
    """What `ActingStep` has to know of a core; None where no kernel covers it."""
    if type(core) is MetODSCore and _can_act_by_rule(core):
        return ActingMetODS(core)
    if type(core) is GRUCore and _can_act_by_gates(core):
        return ActingGRU(core)
    return None


def _can_act_by_rule(core: MetODSCore) -> bool:
    backend = core._options['backend']
    if backend not in ('auto', 'fused'):
        return False
    x = core.kappa.new_empty(0)
    if why_not_fused(x, core.n_inner_steps, core.projection, _rule(core)) is not None:
        return False
    # where the machine code can't be kept, 'auto' takes another
    return backend != 'auto' or choose_backend(None) == 'fused'


def _can_act_by_gates(core: GRUCore) -> bool:
    weights = list(core.rnn.parameters())
    return (
        type(core.rnn) is torch.nn.GRU
        and len(weights) == 4  # one layer, one direction, with biases
        and weights[0].device.type == 'cpu'
        and weights[0].dtype in (torch.float32, torch.float64)
    )


def _rule(core: MetODSCore) -> Rule:
    options = core._options
    return Rule(
        options['activation'],
        options['normalize'],
        options['cap'],
        options['normalize_axis'],
        'pre',
    )
