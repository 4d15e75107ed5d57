"""Where the synaptic weights of a trial start."""

from __future__ import annotations

from metods_garage.modules.core import State
from metods_garage.plasticity import xavier_matrix

import torch

Tensor = torch.Tensor

#: The kinds of W_0.
INITIAL_WEIGHTS = ('learned', 'zero', 'sampled')


class InitialWeights(torch.nn.Module):
    """W_0: learned and shared by all trials, zero, or sampled anew for each trial.

    A sampled W_0 travels in the state beside W, as (W, W_0), so that a reset inside an unroll puts
    back the weights that the trial's `initial_state` drew; a new draw is a new initial state.

    Args:
        n_neurons: Number N of neurons.
        kind: 'learned' (from Xavier's uniform distribution), 'zero', or 'sampled' (from the same).

    Raises:
        ValueError: If the kind is unknown.
    """

    W0: Tensor

    def __init__(self, n_neurons: int, kind: str = 'learned') -> None:
        super().__init__()
        if kind not in INITIAL_WEIGHTS:
            choices = ', '.join(map(repr, INITIAL_WEIGHTS))
            raise ValueError(f'w0 is {kind!r}; it must be one of {choices}')
        self.kind = kind
        if kind == 'learned':
            self.W0 = torch.nn.Parameter(xavier_matrix(n_neurons))
        else:
            self.register_buffer('W0', torch.zeros(n_neurons, n_neurons))

    def forward(self, batch_size: int, generator: torch.Generator | None = None) -> State:
        """The state [B, N, N], or ([B, N, N], [B, N, N]) if sampled, of trials that start."""
        W0 = self.W0.expand(batch_size, -1, -1)
        if self.kind != 'sampled':
            return W0
        bound = (3.0 / W0.shape[-1]) ** 0.5  # Xavier: sqrt(6 / (N + N))
        uniform = torch.rand(W0.shape, generator=generator, dtype=W0.dtype)
        sampled = (bound * (2.0 * uniform - 1.0)).to(W0.device)
        return sampled, sampled

    def split(self, state: State) -> tuple[Tensor, Tensor]:
        """W [B, N, N] of a state, and the W_0 that its resets put back."""
        if isinstance(state, Tensor):
            return state, self.W0
        W, W0 = state
        return W, W0

    def join(self, W: Tensor, state: State) -> State:
        """The state that follows `state` when its weights have become W."""
        return W if isinstance(state, Tensor) else (W, state[1])
