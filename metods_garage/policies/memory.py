"""What a policy does with the recurrent state of a batch of trials, whatever the core.

A state is a tensor or a tuple of tensors, each with the trials in its first dimension.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from metods_garage.modules import RecurrentActorCritic, State

import numpy as np
import torch

__all__ = ['broadcast', 'clone', 'drawn', 'n_trials', 'norms', 'permuted', 'tensors']


def tensors(state: State) -> tuple[torch.Tensor, ...]:
    """The tensors that a state is made of, in order."""
    return (state,) if isinstance(state, torch.Tensor) else tuple(state)


def n_trials(state: State) -> int:
    """Number of trials that a state holds."""
    return tensors(state)[0].shape[0]


def clone(state: State) -> State:
    """A copy that shares no storage with the original, and no gradient history."""
    return _mapped(lambda x: x.detach().clone(memory_format=torch.contiguous_format), state)


def broadcast(state: State, batch_size: int) -> State:
    """Repeats the state of one trial for a batch; a state of `batch_size` trials stays itself.

    Raises:
        ValueError: If the state holds another number of trials.
    """
    held = n_trials(state)
    if held == batch_size:
        return state
    if held != 1:
        raise ValueError(f'a state of {held} trials cannot start a batch of {batch_size} trials')
    return _mapped(lambda x: x.expand(batch_size, *x.shape[1:]), state)


def permuted(state: State, order: torch.Tensor) -> State:
    """The same trials in another order, int [B]."""
    return _mapped(lambda x: x[order.to(x.device)], state)


def drawn(actor_critic: RecurrentActorCritic, seeds: Sequence[int] | np.ndarray) -> State:
    """Initial states of a core that samples them, one per seed: equal seeds, equal states."""
    states = [
        tensors(actor_critic.initial_state(1, torch.Generator().manual_seed(int(seed))))
        for seed in seeds
    ]
    parts = tuple(torch.cat(rows) for rows in zip(*states, strict=True))
    return parts[0] if len(parts) == 1 else parts


def norms(state: State) -> torch.Tensor:
    """Euclidean norm [B] of the first tensor of each trial's state: of W, that of Frobenius."""
    return tensors(state)[0].flatten(1).norm(dim=1)


def _mapped(fn: Callable[[torch.Tensor], torch.Tensor], state: State) -> State:
    if isinstance(state, torch.Tensor):
        return fn(state)
    return tuple(fn(part) for part in state)
