#!/usr/bin/env python3
"""How fast is the written-out GRU beside `torch.nn.GRU` on the CPU?

First an equality gate: states and all gradients against torch's, in float64. Then forward +
backward in float32 over trials of 5,000 steps, the two in turn within one run, the least of several
times each.

    python benchmarks/gru.py                  # B 2, 5, 20, one thread; some 2 minutes
    python benchmarks/gru.py --threads 2
"""

import json
import sys

from metods_garage.modules.gru_unroll import gru_unroll

import click
import torch
from plasticity import GRU_UNITS, least_times

INPUTS = 100


def problem(B: int, T: int, I: int, H: int, dtype: torch.dtype) -> tuple:  # noqa: E741
    """Torch's layer, and x, h_0 and the layer's weights, all of which want gradients."""
    torch.manual_seed(0)
    layer = torch.nn.GRU(I, H, batch_first=True).to(dtype)
    x, h_0 = torch.randn(B, T, I, dtype=dtype), torch.zeros(B, H, dtype=dtype)
    return layer, [x.requires_grad_(), h_0.requires_grad_(), *layer.parameters()]


def by_torch(layer: torch.nn.GRU, inputs: list[torch.Tensor]) -> list[torch.Tensor]:
    h = layer(inputs[0], inputs[1].unsqueeze(0))[0]
    return [h, *torch.autograd.grad(h.square().sum(), inputs)]


def written_out(inputs: list[torch.Tensor]) -> list[torch.Tensor]:
    h = gru_unroll(*inputs)
    return [h, *torch.autograd.grad(h.square().sum(), inputs)]


def equality_gate() -> float:
    """The largest relative difference from torch's layer; exits above 1e-9."""
    differences = []
    for sizes in [(3, 101, 13, 33), (2, 50, 5, 7), (5, 300, 100, 256)]:
        layer, inputs = problem(*sizes, torch.float64)
        for a, b in zip(written_out(inputs), by_torch(layer, inputs), strict=True):
            differences.append((a - b).abs().max() / b.abs().max())
    worst = torch.stack(differences).max().item()  # NaN, where there is one
    if not worst <= 1e-9:
        sys.exit(f'the written-out GRU differs from torch by {worst:.1e}: nothing is timed')
    return worst


@click.command()
@click.option('--threads', default=1, show_default=True)
@click.option('--steps', default=5000, show_default=True, help='Steps T of a trial.')
@click.option('--seconds', default=20, show_default=True, help='About how long for each B.')
def main(threads: int, steps: int, seconds: int) -> None:
    """Print the table and a line of JSON."""
    torch.set_num_threads(threads)
    gate = equality_gate()
    click.echo(f'equality gate: {gate:.1e} at most from torch.nn.GRU, states and gradients')
    click.echo(f'{threads} threads, float32, forward + backward; GRU({INPUTS}, {GRU_UNITS})\n')
    click.echo('    B      T   written out   torch.nn.GRU, per step of a trial   torch/written out')
    rows = []
    for B in (2, 5, 20):
        layer, inputs = problem(B, steps, INPUTS, GRU_UNITS, torch.float32)
        times = least_times(
            {
                'written_out': lambda inputs=inputs: written_out(inputs),
                'torch': lambda layer=layer, inputs=inputs: by_torch(layer, inputs),
            },
            seconds,
        )
        ours, torchs = (1e6 * times[name] / (B * steps) for name in ('written_out', 'torch'))
        click.echo(f'{B:5} {steps:6}   {ours:8.1f} us   {torchs:9.1f} us {torchs / ours:33.1f} x')
        rows.append(
            {'B': B, 'us': ours, 'torch_us': torchs, 'torch_over_written_out': torchs / ours}
        )
    click.echo(json.dumps({'T': steps, 'threads': threads, 'sizes': rows}))


if __name__ == '__main__':
    main()
