"""What every recurrent core offers."""

from __future__ import annotations

import abc
import itertools
from collections.abc import Sequence
from typing import TypeAlias

import torch

Tensor = torch.Tensor

#: The recurrent state of B trials: a tensor, or a tuple of tensors, each [B, ...].
State: TypeAlias = Tensor | tuple[Tensor, ...]


class RecurrentCore(torch.nn.Module, abc.ABC):
    """A recurrent network over trials: an initial state, one step, and an unroll.

    Stepping T times equals one unroll, and trials of a batch do not see each other.

    Attributes:
        input_size: Size I of the input of a step.
        output_size: Size Y of the output of a step.
        samples_initial_state: Whether `initial_state` draws anew, so that a replay needs its seed.
    """

    samples_initial_state: bool = False

    def __init__(self, input_size: int, output_size: int) -> None:
        super().__init__()
        self.input_size = input_size
        self.output_size = output_size

    @abc.abstractmethod
    def initial_state(self, batch_size: int, generator: torch.Generator | None = None) -> State:
        """The state at the start of `batch_size` trials.

        Args:
            batch_size: Number B of trials.
            generator: Where a core that samples its initial state draws from; None is torch's
                global generator. Other cores ignore it.

        Returns:
            A state whose tensors have B rows, differentiable where the initial state is learned.
        """

    @abc.abstractmethod
    def step(self, x: Tensor, state: State) -> tuple[Tensor, State]:
        """One step of B trials.

        Args:
            x: Inputs [B, I].
            state: The state before the step.

        Returns:
            The outputs [B, Y] and the state after the step.
        """

    def unroll(self, x: Tensor, state: State, reset: Tensor | None = None) -> tuple[Tensor, State]:
        """T steps of B trials.

        Step by step, here; a core that knows a faster way overrides this. Where the initial state
        is sampled, a reset draws a new one: a core whose resets should put a trial's own back keeps
        it in the state, and overrides this too.

        Args:
            x: Inputs [B, T, I].
            state: The state before the first step.
            reset: Boolean [B, T]; True puts the initial state back before that step.

        Returns:
            The outputs [B, T, Y] and the state after the last step.
        """
        check_inputs(self, x, n_dims=3)
        outputs = []
        for t in range(x.shape[1]):
            if reset is not None and bool(reset[:, t].any()):
                state = select_state(reset[:, t], self.initial_state(x.shape[0]), state)
            y, state = self.step(x[:, t], state)
            outputs.append(y)
        return torch.stack(outputs, dim=1), state

    def diagnostics(self) -> dict[str, float]:
        """Numbers about the parameters to log in each iteration, by name; none, here."""
        return {}

    def forward(self, x: Tensor, state: State, reset: Tensor | None = None) -> tuple[Tensor, State]:
        """`unroll`."""
        return self.unroll(x, state, reset)


def unroll_in_parts(
    core: RecurrentCore, x: Tensor, state: State, reset: Tensor | None, cuts: Sequence[int]
) -> tuple[Tensor, State]:
    """`core.unroll`, with the same outputs, through whose state no gradient passes at some steps.

    Args:
        core: The core.
        x: Inputs [B, T, I].
        state: The state before the first step.
        reset: Boolean [B, T], or None.
        cuts: Steps in ascending order, each from 1 to T - 1, before which the state is a constant.

    Returns:
        The outputs [B, T, Y] and the state after the last step.
    """
    outputs = []
    for start, end in itertools.pairwise((0, *cuts, x.shape[1])):
        if start > 0:
            state = tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()
        part = None if reset is None else reset[:, start:end]
        y, state = core.unroll(x[:, start:end], state, part)
        outputs.append(y)
    return (outputs[0] if len(outputs) == 1 else torch.cat(outputs, dim=1)), state


def check_inputs(core: RecurrentCore, x: Tensor, n_dims: int) -> None:
    """Check the input of `core.step` (n_dims = 2) or `core.unroll` (n_dims = 3).

    Raises:
        ValueError: If the shape does not fit.
    """
    if x.dim() != n_dims or x.shape[-1] != core.input_size:
        expected = '[B, I]' if n_dims == 2 else '[B, T, I]'
        raise ValueError(
            f'the input of {type(core).__name__} has shape {tuple(x.shape)}; {expected} with '
            f'I = {core.input_size} is expected'
        )


def select_state(mask: Tensor, if_true: State, if_false: State) -> State:
    """Choose per trial between two states.

    Args:
        mask: Boolean [B].
        if_true: The state of the trials where the mask is True.
        if_false: The state of the others.

    Returns:
        The chosen state; nothing is modified in place.
    """
    if isinstance(if_true, tuple) and isinstance(if_false, tuple):
        return tuple(_select(mask, x, y) for x, y in zip(if_true, if_false, strict=True))
    assert isinstance(if_true, Tensor)
    assert isinstance(if_false, Tensor)
    return _select(mask, if_true, if_false)


def _select(mask: Tensor, if_true: Tensor, if_false: Tensor) -> Tensor:
    return torch.where(mask.view(-1, *[1] * (if_true.dim() - 1)), if_true, if_false)
