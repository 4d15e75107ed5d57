#!/usr/bin/env python3
"""Where does an iteration of MetODS on ML10 spend its time?

Samples a meta-batch with the recipe of `launchers/ml10_metods.py` and optimises on it, and prints
the seconds of each part, each without those inside it. Ten trials of ten episodes of 500 steps are
the 50,000 steps of an iteration of the paper protocol. Ends with what one step of acting costs
beside a GRU policy, the two in turn.

    python benchmarks/training_iteration.py                    # about 2 minutes
    python benchmarks/training_iteration.py --episodes 1       # a tenth of the steps
"""

import json
import os
import time
from typing import Any

from metods_garage.envs import make_benchmark
from metods_garage.experiment.horizon import observing_trials
from metods_garage.experiment.protocol import PROTOCOLS
from metods_garage.policies import GaussianGRUPolicy

import click
import numpy as np
from taken_apart import SAMPLERS, Stopwatch, measure, ml10_ppo

EPOCHS = 5


def acting_ms(policies: dict[str, Any], n_trials: int = 20) -> dict[str, float]:
    """Milliseconds of one `get_actions`, the least of many, the policies in turn."""
    observations = np.random.default_rng(0).standard_normal((n_trials, 45)).astype(np.float32)
    least = dict.fromkeys(policies, float('inf'))
    for _ in range(30):
        for name, policy in policies.items():
            policy.reset([True] * n_trials)
            start = time.perf_counter()
            for _ in range(20):
                policy.get_actions(observations)
            least[name] = min(least[name], (time.perf_counter() - start) / 20 * 1000)
    return least


@click.command()
@click.option('--episodes', default=10, show_default=True, help='Episodes per trial.')
@click.option('--sampler', type=click.Choice(list(SAMPLERS)), default='multiprocessing')
@click.option('--workers', default=os.cpu_count(), show_default=True)
def main(episodes: int, sampler: str, workers: int) -> None:
    """Print the table and a line of JSON."""
    wrapper = observing_trials(PROTOCOLS['paper'])
    algo = ml10_ppo(
        make_benchmark('ml10'),
        wrapper,
        episodes=episodes,
        sampler=sampler,
        workers=workers,
        epochs=EPOCHS,
    )
    algo._train_once(0, algo._sample_trials())  # builds environments, loads compiled code
    watch = Stopwatch()
    measure(algo, watch)
    batch = algo._sample_trials()
    algo._train_once(1, batch)
    algo._sampler.shutdown_worker()

    n_steps, total = int(batch.lengths.sum()), sum(watch.seconds.values())
    click.echo(
        f'{n_steps} steps, {EPOCHS} epochs of {algo._n_minibatches} minibatches, '
        f'sampler {sampler}\n'
    )
    for name, seconds in sorted(watch.seconds.items(), key=lambda item: -item[1]):
        click.echo(f'{name:34} {seconds:8.2f} s {seconds / total:6.1%}')
    sampling = watch.seconds['sampling']
    click.echo(
        f'\noptimising / sampling {(total - sampling) / sampling:.2f}, '
        f'{n_steps / sampling:.0f} steps sampled per second'
    )
    policies = {'metods': algo.policy, 'gru': GaussianGRUPolicy(algo.policy.env_spec)}
    acting = acting_ms(policies)
    click.echo(
        f'one get_actions of 20 trials: MetODS {acting["metods"]:.2f} ms, GRU {acting["gru"]:.2f} '
        f'ms, {acting["metods"] / acting["gru"]:.2f} times'
    )
    summary = {
        'steps': n_steps,
        'sampler': sampler,
        'seconds': watch.seconds,
        'optimising_over_sampling': (total - sampling) / sampling,
        'metods_over_gru_acting': acting['metods'] / acting['gru'],
    }
    click.echo(json.dumps(summary))


if __name__ == '__main__':
    main()
