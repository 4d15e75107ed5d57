"""MetODS as a recurrent core: its state is the synaptic weights."""

from __future__ import annotations

from typing import Any

from metods_garage.modules.core import RecurrentCore, State, check_inputs
from metods_garage.modules.embedding import Embedding
from metods_garage.modules.initial_weights import InitialWeights
from metods_garage.plasticity import (
    initial_alpha,
    initial_coefficients,
    metods_unroll,
    xavier_matrix,
)
from metods_garage.plasticity.write_tables import write_tables

import torch

Tensor = torch.Tensor

#: The write variants of N's ablation.
WRITES = ('hebbian', 'linear', 'mlp')


class MetODSCore(RecurrentCore):
    """The rule of `metods_unroll` with learned kappa, beta, alpha and initial weights.

    Input and output both have size N. The state is W [B, N, N], or (W, W_0) where W_0 is sampled.

    The paper leaves open how alpha starts and whether W is normalised. The defaults here are such
    that, when training begins, gradients neither overflow nor vanish over trials of 5,000 steps,
    and float32 stays within 1e-5 of float64 over 1,000. Without a norm and with
    alpha_scale = 0.01, |W| grows to 24,000 over 5,000 steps and gradients overflow;
    `benchmarks/gradient_horizon.py` shows by setting.

    Args:
        n_neurons: Number N of neurons.
        n_inner_steps: Number S of reads and writes per time-step.
        activation: sigma: 'tanh', 'relu', 'softmax' or 'identity'.
        write: 'hebbian', alpha (*) (v (x) v); 'linear', alpha (*) (v (x) P v); 'mlp',
            alpha (*) (v (x) MLP(v)).
        scalar_alpha: One plasticity for all synapses, the no-alpha variant.
        alpha_scale: Scale of alpha at the start, times N(0, 1).
        random_alpha: False starts every alpha at `alpha_scale`, as a scalar always does.
        alpha_spread: Decades over which the plasticity of neurons is spread, evenly and around
            alpha: neuron i has 10^(alpha_spread * (i / (N - 1) - 1 / 2)) times alpha. In a norm,
            weights that change by less each step keep what they hold for longer, so that some
            neurons remember the trial and others the last steps. 0 leaves alpha as it is.
        coefficients: Start of kappa and beta: 'additive', 'random' or 'mean'; see
            `initial_coefficients`.
        retention: Start of the share c_S of its weights that a time-step keeps; 1 keeps all.
        w0: 'learned' from Xavier's distribution, 'zero', or 'sampled' from it anew per trial.
        normalize: None, 'l1', 'l2' or 'cap', once per time-step.
        cap: The largest L2 norm that 'cap' allows.
        normalize_axis: 'incoming' or 'outgoing' weights of each neuron.
        plastic: False switches the write off: the weights stay as they are.
        backend: As in `metods_unroll`.

    Raises:
        ValueError: If an option has a value that is not among its choices.
    """

    def __init__(
        self,
        n_neurons: int,
        *,
        n_inner_steps: int = 4,
        activation: str = 'tanh',
        write: str = 'hebbian',
        scalar_alpha: bool = False,
        alpha_scale: float = 1e-3,
        random_alpha: bool = True,
        alpha_spread: float = 0.0,
        coefficients: str = 'additive',
        retention: float = 1.0,
        w0: str = 'learned',
        normalize: str | None = 'cap',
        cap: float = 0.4,
        normalize_axis: str = 'incoming',
        plastic: bool = True,
        backend: str = 'auto',
    ) -> None:
        super().__init__(n_neurons, n_neurons)
        self.n_inner_steps = n_inner_steps
        self.plastic = plastic
        self._options: dict[str, Any] = {
            'activation': activation,
            'normalize': normalize if plastic else None,
            'cap': cap,
            'normalize_axis': normalize_axis,
            'backend': backend,
        }
        self.kappa = torch.nn.Parameter(initial_coefficients(n_inner_steps, coefficients))
        self.initial_weights = InitialWeights(n_neurons, w0)
        self.samples_initial_state = w0 == 'sampled'
        _check_spread(alpha_spread, scalar_alpha)
        if plastic:
            beta = initial_coefficients(n_inner_steps, coefficients, retention=retention)
            self.beta = torch.nn.Parameter(beta)
            alpha = initial_alpha(n_neurons, alpha_scale, random=random_alpha)
            self.alpha = torch.nn.Parameter(torch.tensor(alpha_scale) if scalar_alpha else alpha)
            self.projection = _projection(write, n_neurons)
            self._spread_alpha(alpha_spread, normalize_axis)
        else:
            self._switch_writing_off(n_inner_steps)
        self._check_options()

    @property
    def plasticity(self) -> Tensor:
        """Tensor: What multiplies writes, [N, N] or []: alpha, times each neuron's share of it."""
        # not of the class: snapshots of before there was one have none
        gain: Tensor | None = getattr(self, 'alpha_gain', None)
        return self.alpha if gain is None else gain * self.alpha

    def initial_state(self, batch_size: int, generator: torch.Generator | None = None) -> State:
        """W_0 of every trial; see `RecurrentCore.initial_state`."""
        return self.initial_weights(batch_size, generator)

    def step(self, x: Tensor, state: State) -> tuple[Tensor, State]:
        """One time-step; see `RecurrentCore.step`."""
        check_inputs(self, x, n_dims=2)
        y, state = self.unroll(x.unsqueeze(1), state)
        return y.squeeze(1), state

    def unroll(self, x: Tensor, state: State, reset: Tensor | None = None) -> tuple[Tensor, State]:
        """T time-steps; see `RecurrentCore.unroll`."""
        check_inputs(self, x, n_dims=3)
        W, W0 = self.initial_weights.split(state)
        y, W = metods_unroll(
            x,
            W,
            self.kappa,
            self.beta,
            self.plasticity,
            reset=reset,
            W0=W0,
            projection=self.projection,
            **self._options,
        )
        return y, self.initial_weights.join(W, state)

    def diagnostics(self) -> dict[str, float]:
        """The share c_S of W_{t-1} that W_t keeps before it is normalised, as 'Retention'.

        A norm takes more, where it acts, and what is written depends on the weights; but of what a
        step wrote no more than c_S^t is there t steps later unless it is written again: with
        c_S = 0.8 the weights are a memory of ten steps.
        """
        c, _ = write_tables(self.beta.tolist(), 1.0)
        return {'Retention': c[-1]}

    def _spread_alpha(self, decades: float, axis: str) -> None:
        """A factor for each neuron whose weights are normalised together; see `alpha_spread`."""
        if decades > 0.0:
            if self.input_size == 1:
                decades = 0.0  # linspace would give the one neuron the lower end
            gain = 10.0 ** torch.linspace(-decades / 2, decades / 2, self.input_size)
            by_neuron = gain.unsqueeze(1) if axis == 'incoming' else gain.unsqueeze(0)
            self.register_buffer('alpha_gain', by_neuron)

    def _switch_writing_off(self, n_inner_steps: int) -> None:
        """W^(s) = W^(s-1) for every s, with nothing left to learn about writing."""
        beta = torch.zeros(n_inner_steps, n_inner_steps + 1)
        beta.diagonal().fill_(1.0)
        self.register_buffer('beta', beta)
        self.register_buffer('alpha', torch.zeros(()))
        self.projection = None

    def _check_options(self) -> None:
        """Let the rule refuse bad options now, rather than at the first step."""
        with torch.no_grad():
            self.step(torch.zeros(1, self.input_size), self.initial_state(1))


def _projection(write: str, n_neurons: int) -> torch.nn.Parameter | torch.nn.Module | None:
    if write == 'hebbian':
        return None
    if write == 'linear':
        return torch.nn.Parameter(xavier_matrix(n_neurons))
    if write == 'mlp':
        return Embedding(n_neurons, n_neurons)
    raise ValueError(f'write is {write!r}; it must be one of {", ".join(map(repr, WRITES))}')


def _check_spread(decades: float, scalar_alpha: bool) -> None:
    if not 0.0 <= decades < float('inf') or (decades and scalar_alpha):
        raise ValueError(
            f'alpha_spread is {decades}; it must be a number of decades, at least 0, and 0 where '
            f'all synapses share one alpha'
        )
