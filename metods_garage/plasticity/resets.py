"""The resets of an unroll, looked up step by step."""

from __future__ import annotations

import torch

Tensor = torch.Tensor


class Resets:
    """Where W_0 is put back before a step. Steps without a reset cost nothing.

    Args:
        reset: Boolean [B, T], or None for no reset.
        W0: Weights [B, N, N] that a reset puts back, or None.
    """

    def __init__(self, reset: Tensor | None, W0: Tensor | None) -> None:
        self._reset = reset
        self._W0 = W0
        self._steps = frozenset(
            () if reset is None else torch.nonzero(reset.any(0)).flatten().tolist()
        )

    def at(self, t: int) -> bool:
        """Whether any trial is reset before step t."""
        return t in self._steps

    def apply(self, W: Tensor, t: int) -> Tensor:
        """The weights [B, N, N] with which step t starts."""
        if not self.at(t):
            return W
        assert self._W0 is not None
        return torch.where(self._mask(t), self._W0, W)

    def only_reset(self, G: Tensor, t: int) -> Tensor:
        """G [B, N, N] with the trials that are not reset before step t at zero."""
        return torch.where(self._mask(t), G, 0.0)

    def _mask(self, t: int) -> Tensor:
        assert self._reset is not None
        return self._reset[:, t, None, None]
