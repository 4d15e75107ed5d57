"""The earlier rule of MetODS (D) as a recurrent core."""

from __future__ import annotations

from metods_garage.modules.core import RecurrentCore, State, check_inputs
from metods_garage.modules.initial_weights import InitialWeights
from metods_garage.plasticity import arxiv_unroll, initial_alpha, xavier_matrix

import torch

Tensor = torch.Tensor


class ArxivCore(RecurrentCore):
    """The rule of `arxiv_unroll` with learned eta, beta and initial weights.

    Input and output both have size N. The state is w [B, N, N], or (w, w_0) where w_0 is sampled.

    Args:
        n_neurons: Number N of neurons.
        activation: sigma: 'tanh', 'relu', 'softmax' or 'identity'.
        eta_scale: Scale of eta at the start, times N(0, 1).
        w0: 'learned', 'zero' or 'sampled' anew per trial.
        normalize: None, 'l1', 'l2' or 'cap', over the columns of w after every update.
        cap: The largest L2 norm that 'cap' allows.
        backend: As in `metods_unroll`.

    Raises:
        ValueError: If an option has a value that is not among its choices.
    """

    def __init__(
        self,
        n_neurons: int,
        *,
        activation: str = 'tanh',
        eta_scale: float = 0.01,
        w0: str = 'learned',
        normalize: str | None = 'l2',
        cap: float = 1.0,
        backend: str = 'auto',
    ) -> None:
        super().__init__(n_neurons, n_neurons)
        self._activation = activation
        self._normalize = normalize
        self._cap = cap
        self._backend = backend
        self.eta = torch.nn.Parameter(initial_alpha(n_neurons, eta_scale))
        self.beta = torch.nn.Parameter(xavier_matrix(n_neurons))
        self.initial_weights = InitialWeights(n_neurons, w0)
        self.samples_initial_state = w0 == 'sampled'
        with torch.no_grad():  # let the rule refuse bad options now
            self.step(torch.zeros(1, n_neurons), self.initial_state(1))

    def initial_state(self, batch_size: int, generator: torch.Generator | None = None) -> State:
        """w_0 of every trial; see `RecurrentCore.initial_state`."""
        return self.initial_weights(batch_size, generator)

    def step(self, x: Tensor, state: State) -> tuple[Tensor, State]:
        """One time-step; see `RecurrentCore.step`."""
        check_inputs(self, x, n_dims=2)
        y, state = self.unroll(x.unsqueeze(1), state)
        return y.squeeze(1), state

    def unroll(self, x: Tensor, state: State, reset: Tensor | None = None) -> tuple[Tensor, State]:
        """T time-steps; see `RecurrentCore.unroll`."""
        check_inputs(self, x, n_dims=3)
        w, w0 = self.initial_weights.split(state)
        y, w = arxiv_unroll(
            x,
            w,
            self.eta,
            self.beta,
            reset=reset,
            w0=w0,
            activation=self._activation,
            normalize=self._normalize,
            cap=self._cap,
            backend=self._backend,
        )
        return y, self.initial_weights.join(w, state)
