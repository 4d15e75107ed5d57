"""A gated recurrent unit, the core of RL2."""

from __future__ import annotations

from metods_garage.modules.torch_rnn_core import TorchRNNCore

import torch


class GRUCore(TorchRNNCore):
    """`torch.nn.GRU` as a recurrent core; its state is [B, H].

    Args:
        input_size: Size I of the input.
        hidden_size: Number H of units, which is also the size of the output.
    """

    def __init__(self, input_size: int, hidden_size: int = 256) -> None:
        super().__init__(torch.nn.GRU(input_size, hidden_size, batch_first=True))
