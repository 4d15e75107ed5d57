#!/usr/bin/env python3
"""How fast is the compiled rule beside the literal one and a GRU, and how much memory does it take?

First an equality gate: outputs and all gradients of the compiled rule against the literal one, in
float64. Then forward + backward in float32, the three in turn within one run, the least of several
times each. The literal rule is timed over at most 100 steps and scaled to T, which it is linear in.
Memory is the rise of the process's peak over the inputs in a process of its own (on Linux). That
process's one pass is timed too: the literal rule, which takes gigabytes, waits for them from the
system the first time, and again whenever they were given back.

    python benchmarks/plasticity.py              # B 20, N 100, S 4, T 500 and 5000; some 2 minutes
    python benchmarks/plasticity.py --table      # and N 20, 200; S 1, 4; B 1, 20, 100; some 10
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from metods_garage.plasticity import (
    initial_alpha,
    initial_coefficients,
    metods_unroll,
    xavier_matrix,
)

import click
import torch

GRU_UNITS = 256
LITERAL_BYTES = 2 * 2**30  # the literal rule is timed over as many steps as this allows


def problem(B: int, T: int, N: int, S: int, dtype: torch.dtype = torch.float32) -> dict:
    """Inputs as in training from the launchers' settings, and all of them want gradients."""
    torch.manual_seed(0)
    inputs = {
        'v': torch.tanh(torch.randn(B, T, N)),
        'W': xavier_matrix(N).expand(B, N, N).clone(),
        'kappa': initial_coefficients(S),
        'beta': initial_coefficients(S),
        'alpha': initial_alpha(N, 1e-3),
    }
    return {name: x.to(dtype).requires_grad_() for name, x in inputs.items()}


def forward_backward(inputs: dict, backend: str) -> list[torch.Tensor]:
    out, W_T = metods_unroll(**inputs, normalize='cap', cap=0.4, backend=backend)
    loss = out.square().sum() + W_T.square().sum()
    return [out, W_T, *torch.autograd.grad(loss, list(inputs.values()))]


def equality_gate() -> float:
    """The largest relative difference of the compiled from the literal rule; exits above 1e-9."""
    differences = []
    for B, T, N, S in [(3, 101, 13, 4), (2, 50, 33, 1), (1, 40, 7, 8)]:
        inputs = problem(B, T, N, S, torch.float64)
        expected = forward_backward(inputs, 'reference')
        for x, y in zip(forward_backward(inputs, 'fused'), expected, strict=True):
            differences.append((x - y).abs().max() / y.abs().max())
    worst = torch.stack(differences).max().item()  # NaN, where there is one
    if not worst <= 1e-9:
        sys.exit(f'the compiled rule differs from the literal one by {worst:.1e}: nothing is timed')
    return worst


def least_times(runs: dict[str, Callable[[], object]], seconds: float) -> dict[str, float]:
    """The least time of each, run in turn for about `seconds` altogether, three times at least."""
    least = dict.fromkeys(runs, float('inf'))
    end, rounds = time.perf_counter() + seconds, 0
    while rounds < 3 or time.perf_counter() < end:
        for name, run in runs.items():
            start = time.perf_counter()
            run()
            least[name] = min(least[name], time.perf_counter() - start)
        rounds += 1
    return least


def literal_steps(B: int, N: int, S: int) -> int:
    """Over how many steps the literal rule is timed: about 2 S + 2 matrices each per inner step."""
    return max(2, min(100, LITERAL_BYTES // (4 * B * N * N * S * (2 * S + 2))))


def compare(B: int, N: int, S: int, T: int, seconds: float) -> dict[str, float]:
    """Seconds of a forward and backward pass over T steps by each of the three."""
    inputs = problem(B, T, N, S)
    few = literal_steps(B, N, S)
    short = problem(B, few, N, S)
    gru = torch.nn.GRU(N, GRU_UNITS, batch_first=True)
    x = torch.randn(B, T, N, requires_grad=True)
    times = least_times(
        {
            'fused': lambda: forward_backward(inputs, 'fused'),
            'gru': lambda: gru(x)[0].square().sum().backward(),
        },
        seconds,
    )
    literal = least_times({'literal': lambda: forward_backward(short, 'reference')}, 0)
    return times | {'literal': literal['literal'] * T / few}


def multiply_adds(N: int, S: int) -> int:
    """Those of a step of one trial, forward and backward; see the kernel's derivation."""
    pairs = S * (S - 1) // 2
    forward = S + pairs + (S + 2)
    rebuilt = pairs + (S + 2)
    backward = 2 + (S + 1) + 2 + 2 * S + S + pairs + pairs + (S + 1)
    return N * N * (forward + rebuilt + backward)


def multiply_adds_per_second() -> dict[str, float]:
    """What this machine does of them: large matrix products, and W x with W in the cache."""
    A = torch.randn(1024, 1024)
    times = least_times({'product': lambda: A @ A}, 1)
    W, x = torch.randn(2, 100, 100), torch.randn(2, 100, 1)
    times |= least_times({'vector': lambda: [torch.bmm(W, x) for _ in range(1000)]}, 1)
    return {'product': 1024**3 / times['product'], 'vector': 2e7 / times['vector']}


def first_pass(backend: str, B: int, T: int, N: int, S: int) -> tuple[float, float]:
    """A process's first forward and backward pass: the rise of its peak memory over the inputs in
    MiB, and seconds.
    """
    command = [sys.executable, __file__, '--peak', backend, *map(str, (B, T, N, S))]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    mib, seconds = map(float, done.stdout.split())
    return mib, seconds


def print_peak(backend: str, *sizes: int) -> None:
    """In the process of its own: see `first_pass`."""
    forward_backward(problem(1, 3, 5, sizes[-1]), backend)  # code and libraries are in memory now
    inputs = problem(*sizes)
    Path('/proc/self/clear_refs').write_text('5')  # the peak starts anew
    before = status_mib('VmRSS')
    start = time.perf_counter()
    forward_backward(inputs, backend)
    seconds = time.perf_counter() - start
    print(status_mib('VmHWM') - before, seconds)


def status_mib(name: str, file: str = '/proc/self/status') -> float:
    """A figure of this process from Linux, in MiB."""
    lines = Path(file).read_text().splitlines()
    return int(next(line for line in lines if line.startswith(name)).split()[1]) / 1024


def literal_fits() -> bool:
    """Whether the 13 GiB of the literal rule over 500 steps can be had."""
    return status_mib('MemAvailable', '/proc/meminfo') > 18 * 1024


def row(B: int, N: int, S: int, T: int, times: dict[str, float]) -> str:
    us = 1e6 * times['fused'] / (B * T)
    return (
        f'{B:5} {N:5} {S:3} {T:6}   {times["fused"]:8.3f} s {us:8.2f} us '
        f'{times["literal"] / times["fused"]:9.1f} x {times["gru"] / times["fused"]:8.2f} x'
    )


@click.command()
@click.option('--table', is_flag=True, help='Other sizes too.')
@click.option('--threads', default=os.cpu_count(), show_default=True)
def main(table: bool, threads: int) -> None:
    """Print the table and a line of JSON."""
    torch.set_num_threads(threads)
    gate = equality_gate()
    click.echo(f'equality gate: {gate:.1e} at most from the literal rule, outputs and gradients')
    click.echo(f'{threads} threads, float32, forward + backward; GRU({GRU_UNITS})\n')
    click.echo('    B     N   S      T      fused    per step of a trial  literal/   gru/fused')
    B, N, S = 20, 100, 4
    times = compare(B, N, S, 500, 12)
    click.echo(row(B, N, S, 500, times))
    long, short = problem(B, 5000, N, S), problem(B, 500, N, S)
    both = least_times(
        {
            'long': lambda: forward_backward(long, 'fused'),
            'short': lambda: forward_backward(short, 'fused'),
        },
        12,
    )
    us_long, us_short = (1e6 * both[k] / (B * T) for k, T in (('long', 5000), ('short', 500)))
    click.echo(
        f'T = 5000: {us_long:.2f} us per step of a trial, {us_long / us_short:.2f} x T = 500'
    )
    cells = []
    if table:
        for other in [(b, n, s) for n in (20, 200) for s in (1, 4) for b in (1, 20, 100)]:
            found = compare(*other, 500, 2)
            click.echo(row(*other, 500, found))
            cells.append(dict(zip('BNS', other, strict=True)) | found)
    few = 500 if literal_fits() else literal_steps(B, N, S)
    literal_mib, literal_s = (x * 500 / few for x in first_pass('reference', B, few, N, S))
    fused_mib, fused_s = first_pass('fused', B, 500, N, S)
    long_mib, _ = first_pass('fused', B, 5000, N, S)
    click.echo(
        f'\nmemory above the inputs: literal {literal_mib:.0f} MiB, fused {fused_mib:.0f} MiB, '
        f'1/{literal_mib / fused_mib:.0f}; fused at T = 5000 {long_mib:.0f} MiB\n'
        f'first pass of a process (memory is new): literal {literal_s:.1f} s over {few} steps'
        f'{"" if few == 500 else ", scaled"}; fused {fused_s:.2f} s; {literal_s / fused_s:.0f} x'
    )
    rate = multiply_adds(N, S) * B * 500 / times['fused']
    limits = multiply_adds_per_second()
    click.echo(
        f'{multiply_adds(N, S):,} multiply-adds per step of a trial, {rate / 1e9:.1f} G/s: '
        f'{rate / limits["product"]:.0%} of what large matrix products reach here '
        f'({limits["product"] / 1e9:.0f} G/s), {rate / limits["vector"]:.1f} times matrix-vector '
        f'products by torch ({limits["vector"] / 1e9:.1f} G/s)'
    )
    summary = {
        'B': B, 'N': N, 'S': S, 'T': 500, 'threads': threads,
        'literal_over_fused': times['literal'] / times['fused'],
        'gru_over_fused': times['gru'] / times['fused'],
        'first_pass_literal_over_fused': literal_s / fused_s,
        'literal_peak_mib': literal_mib,
        'fused_peak_mib': fused_mib,
        'fused_peak_mib_T5000': long_mib,
        'us_per_step_T500': us_short,
        'us_per_step_T5000': us_long,
        'fraction_of_matrix_product_rate': rate / limits['product'],
        'table': cells,
    }  # fmt: skip
    click.echo(json.dumps(summary))


if __name__ == '__main__':
    if sys.argv[1:2] == ['--peak']:
        print_peak(sys.argv[2], *map(int, sys.argv[3:]))
    else:
        main()
