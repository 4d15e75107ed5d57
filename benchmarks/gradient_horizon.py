#!/usr/bin/env python3
"""How far back do gradients reach through a trial, and what becomes of the weights meanwhile?

For an untrained MetODS core on smooth random observations, prints |W| at the end of a trial, how
far the last output in float32 is from that in float64, relative to its largest entry, and the
gradient norm of the last output with respect to the input of some steps before it. A setting in
which that norm grows can't be trained on long trials, and rounding grows with it; one in which it
falls to nothing can't learn to remember over them.

    python benchmarks/gradient_horizon.py                  # T = 1000, about a minute
    python benchmarks/gradient_horizon.py --steps 5000     # a Meta-World trial of ten episodes
"""

import copy
import json
import math

from metods_garage.modules import Embedding, MetODSCore

import click
import torch

LAGS = (0, 1, 9, 99, 499)
# (normalize, cap, alpha_scale, inner steps, alpha_spread)
SETTINGS = (
    (None, 1.0, 1e-2, 4, 0.0),
    ('l2', 1.0, 1e-2, 4, 0.0),
    ('cap', 1.0, 1e-2, 4, 0.0),
    ('cap', 1.0, 1e-2, 1, 0.0),
    ('cap', 1.0, 1e-3, 4, 0.0),
    ('cap', 0.5, 1e-2, 4, 0.0),
    ('cap', 0.5, 1e-3, 4, 0.0),
    ('cap', 0.4, 1e-3, 4, 0.0),
    ('cap', 0.25, 1e-3, 4, 0.0),
    ('cap', 0.4, 1e-3, 4, 3.0),  # Meta-World's recipe
)


def smooth_observations(n_trials: int, n_steps: int, size: int, rho: float = 0.95) -> torch.Tensor:
    """x_t = rho x_{t-1} + sqrt(1 - rho^2) noise, unit variance, [n_trials, n_steps, size]."""
    x = torch.empty(n_trials, n_steps, size)
    now = torch.randn(n_trials, size)
    for t in range(n_steps):
        now = rho * now + math.sqrt(1 - rho**2) * torch.randn(n_trials, size)
        x[:, t] = now
    return x


def horizon(core: MetODSCore, v: torch.Tensor) -> dict[str, float]:
    """|W| at the end and gradient norms of a random projection of the last output by lag."""
    n_trials, n_steps, n_neurons = v.shape
    y, W = core.unroll(v, core.initial_state(n_trials), None)
    last = (y[:, -1] * torch.randn(n_trials, n_neurons)).sum()
    (gradient,) = torch.autograd.grad(last, v)
    norms = gradient.norm(dim=-1).mean(0)
    lags = [lag for lag in LAGS if lag < n_steps] + [n_steps - 1]
    return {
        '|W|': W.detach().norm(dim=(1, 2)).mean().item(),
        'rounding': rounding(core, v.detach(), y[:, -1].detach()),
    } | {f'lag {lag}': norms[n_steps - 1 - lag].item() for lag in lags}


def rounding(core: MetODSCore, v: torch.Tensor, last: torch.Tensor) -> float:
    """The largest difference of the last output from that in float64, over its largest entry."""
    double = copy.deepcopy(core).double()
    with torch.no_grad():
        y, _ = double.unroll(v.double(), double.initial_state(v.shape[0]), None)
    return ((last - y[:, -1]).abs().max() / y[:, -1].abs().max()).item()


@click.command()
@click.option('--steps', default=1000, show_default=True, help='Steps T of the trial.')
@click.option('--neurons', default=100, show_default=True)
@click.option('--trials', default=2, show_default=True, help='Trials averaged over.')
@click.option('--seed', default=0, show_default=True)
def main(steps: int, neurons: int, trials: int, seed: int) -> None:
    """Print the table and a line of JSON."""
    found = []
    for normalize, cap, alpha_scale, inner_steps, spread in SETTINGS:
        torch.manual_seed(seed)
        core = MetODSCore(
            neurons,
            n_inner_steps=inner_steps,
            normalize=normalize,
            cap=cap,
            alpha_scale=alpha_scale,
            alpha_spread=spread,
        )
        with torch.no_grad():
            v = Embedding(45, neurons)(smooth_observations(trials, steps, 45))
        row = horizon(core, v.requires_grad_())
        kind = f'cap {cap}' if normalize == 'cap' else str(normalize)
        name = f'{kind}, alpha {alpha_scale}, S {inner_steps}'
        name += f', spread {spread}' if spread else ''
        click.echo(f'{name:40}' + '  '.join(f'{key} {value:8.2g}' for key, value in row.items()))
        found.append({'setting': name} | row)
    click.echo(json.dumps({'steps': steps, 'neurons': neurons, 'rows': found}))


if __name__ == '__main__':
    main()
