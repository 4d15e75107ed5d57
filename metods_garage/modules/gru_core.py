"""A gated recurrent unit, the core of RL2."""

from __future__ import annotations

import functools
import logging

from metods_garage.modules.core import State
from metods_garage.modules.gru_unroll import can_unroll, gru_unroll
from metods_garage.modules.torch_rnn_core import TorchRNNCore
from metods_garage.plasticity.kernel_cache import KernelCacheError

import torch

Tensor = torch.Tensor

_log = logging.getLogger(__name__)


class GRUCore(TorchRNNCore):
    """`torch.nn.GRU` as a recurrent core; its state is [B, H].

    On the CPU two steps and more of float32 or float64 are taken by `gru_unroll`, which is equal up
    to rounding, unless its machine code can't be kept on disk.

    Args:
        input_size: Size I of the input.
        hidden_size: Number H of units, which is also the size of the output.
    """

    def __init__(self, input_size: int, hidden_size: int = 256) -> None:
        super().__init__(torch.nn.GRU(input_size, hidden_size, batch_first=True))

    def _unroll(self, x: Tensor, state: State) -> tuple[Tensor, State]:
        # to lay W_hh out for it takes about as long as torch takes for one step
        if x.shape[1] < 2 or not can_unroll(x):
            return super()._unroll(x, state)
        assert isinstance(state, Tensor)
        try:
            h = gru_unroll(x, state, *self.rnn.parameters())  # W_ih, W_hh, b_ih, b_hh
        except KernelCacheError as error:
            _say_once(str(error))
            return super()._unroll(x, state)
        return h, h[:, -1].clone()  # of its own: who keeps the state does not keep every step


@functools.cache
def _say_once(error: str) -> None:
    _log.warning('torch.nn.GRU trains, several times slower, because %s', error)
