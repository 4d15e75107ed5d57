"""The embedding f: from an observation to the neurons of a core."""

from __future__ import annotations

import torch

Tensor = torch.Tensor


def xavier_linear(in_size: int, out_size: int) -> torch.nn.Linear:
    """A linear layer with Xavier's uniform weights and zero bias."""
    layer = torch.nn.Linear(in_size, out_size)
    torch.nn.init.xavier_uniform_(layer.weight)
    torch.nn.init.zeros_(layer.bias)
    return layer


class Embedding(torch.nn.Sequential):
    """A perceptron of two layers with tanh after each (D), or one linear layer.

    Args:
        input_size: Size of the observation.
        output_size: Number of neurons to map it to.
        hidden_size: Units of the hidden layer; None is `output_size`.
        linear: Map by a single layer without tanh.
    """

    def __init__(
        self,
        input_size: int,
        output_size: int,
        *,
        hidden_size: int | None = None,
        linear: bool = False,
    ) -> None:
        self.input_size = input_size
        self.output_size = output_size
        if linear:
            super().__init__(xavier_linear(input_size, output_size))
            return
        hidden_size = hidden_size or output_size
        super().__init__(
            xavier_linear(input_size, hidden_size),
            torch.nn.Tanh(),
            xavier_linear(hidden_size, output_size),
            torch.nn.Tanh(),
        )
