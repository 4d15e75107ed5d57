"""What the cores over torch's own recurrent layers share."""

from __future__ import annotations

from metods_garage.modules.core import RecurrentCore, State, check_inputs
from metods_garage.modules.reset_spans import unroll_between_resets

import torch

Tensor = torch.Tensor


class TorchRNNCore(RecurrentCore):
    """A one-layer `torch.nn.GRU` or `torch.nn.RNN` whose state [B, H] starts at zero.

    Args:
        rnn: The layer, with `batch_first=True`.
    """

    def __init__(self, rnn: torch.nn.GRU | torch.nn.RNN) -> None:
        super().__init__(rnn.input_size, rnn.hidden_size)
        self.rnn = rnn

    def initial_state(self, batch_size: int, generator: torch.Generator | None = None) -> Tensor:
        """Zeros [B, H]; see `RecurrentCore.initial_state`."""
        return next(self.rnn.parameters()).new_zeros(batch_size, self.output_size)

    def step(self, x: Tensor, state: State) -> tuple[Tensor, State]:
        """One step; see `RecurrentCore.step`."""
        check_inputs(self, x, n_dims=2)
        y, state = self._unroll(x.unsqueeze(1), state)
        return y.squeeze(1), state

    def unroll(self, x: Tensor, state: State, reset: Tensor | None = None) -> tuple[Tensor, State]:
        """T steps; see `RecurrentCore.unroll`."""
        check_inputs(self, x, n_dims=3)
        initial_state = self.initial_state(x.shape[0])
        return unroll_between_resets(self._unroll, x, state, initial_state, reset)

    def _unroll(self, x: Tensor, state: State) -> tuple[Tensor, State]:
        assert isinstance(state, Tensor)
        y, h = self.rnn(x, state.unsqueeze(0).contiguous())
        return y, h.squeeze(0)
