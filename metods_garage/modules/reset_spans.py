"""Cutting an unroll at the steps where some trial is reset."""

from __future__ import annotations

import itertools
from collections.abc import Callable

from metods_garage.modules.core import State, select_state

import torch

Tensor = torch.Tensor


def reset_spans(reset: Tensor | None, n_steps: int) -> list[tuple[int, int]]:
    """The spans [start, stop) of steps at whose start, and nowhere else, resets may occur.

    Args:
        reset: Boolean [B, T], or None for no reset.
        n_steps: Number T of steps.

    Returns:
        Consecutive spans that cover 0..T.
    """
    if reset is None:
        return [(0, n_steps)]
    cuts = [t for t in torch.nonzero(reset.any(0)).flatten().tolist() if t > 0]
    borders = [0, *cuts, n_steps]
    return list(itertools.pairwise(borders))


def unroll_between_resets(
    unroll: Callable[[Tensor, State], tuple[Tensor, State]],
    x: Tensor,
    state: State,
    initial_state: State,
    reset: Tensor | None,
) -> tuple[Tensor, State]:
    """Unroll span by span a network that knows nothing of resets.

    Trials that are all reset at their first step, and never again, make one single span.

    Args:
        unroll: (x [B, T', I], state) -> (y [B, T', Y], state).
        x: Inputs [B, T, I].
        state: The state before the first step.
        initial_state: What a reset puts back.
        reset: Boolean [B, T], or None.

    Returns:
        The outputs [B, T, Y] and the state after the last step.
    """
    outputs = []
    for start, stop in reset_spans(reset, x.shape[1]):
        if reset is not None:
            state = select_state(reset[:, start], initial_state, state)
        y, state = unroll(x[:, start:stop], state)
        outputs.append(y)
    return outputs[0] if len(outputs) == 1 else torch.cat(outputs, dim=1), state
