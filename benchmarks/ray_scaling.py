#!/usr/bin/env python3
"""What does an iteration of MetODS on ML10 cost over Ray, and what would 10 and 100 workers bring?

Measured here, on a cluster of this machine: steps per second with 1 and 2 workers; the bytes that
an iteration sends to each worker and gets back from it; the time until each worker has the
parameters; and the time of the optimiser. First an equality gate: trials from Ray are those of this
process, to the last bit.

Then an iteration of W workers, with a trial for each at the least, is taken to last

    broadcast(W) + steps / (W x steps/s of one) + bytes / bandwidth + optimiser(steps)

where sampling alone gets shorter with W. docs/scaling.md discusses it.

    OMP_NUM_THREADS=1 python benchmarks/ray_scaling.py   # 10 trials of 500 steps; minutes
"""

import contextlib
import io
import json
import pickle
import time
from typing import Any

from metods_garage.algos import RecurrentPPO
from metods_garage.experiment.lasting_ray_sampler import LastingRaySampler
from metods_garage.experiment.recipes import find_recipe

import click
import cloudpickle
import numpy as np
import ray
import torch
from dowel import tabular
from garage.sampler import LocalSampler
from sampling import Trials, make_policy, tasks_of

WORKERS = (1, 2, 10, 100)


def equality_gate() -> None:
    """Exits unless trials from Ray are those of this process.

    Raises:
        AssertionError: If they differ.
    """
    tasks = tasks_of(4, 40, accelerated=True)
    policy = make_policy(tasks[0]().spec)
    batches = []
    for sampler_class in (LocalSampler, LastingRaySampler):
        trials = Trials(sampler_class, 2, tasks, policy, 2)
        batches.append(trials())
        trials.close()
    for name in ('observations', 'actions', 'rewards', 'lengths'):
        np.testing.assert_array_equal(getattr(batches[0], name), getattr(batches[1], name))


def least(call: Any, repeats: int) -> float:
    """The least of several times, after one that does not count."""
    call()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times)


def broadcast_seconds(policy: Any, sampler: LastingRaySampler, repeats: int) -> float:
    """Time until every worker has new parameters."""

    def broadcast() -> None:
        parameters = ray.put(policy.get_param_values())
        ray.get([actor.update.remote(parameters, None) for actor in sampler._all_workers.values()])

    return least(broadcast, repeats)


def optimiser_seconds(policy: Any, episodes: Any, n_trials: int) -> float:
    """Time of PPO's epochs and minibatches with the recipe of ML10."""
    recipe = find_recipe('ml10')
    algo = RecurrentPPO(
        policy, None, None, meta_batch_size=n_trials, discount=recipe['discount'],
        learning_rate=recipe['learning_rate'], n_epochs=recipe['epochs'],
        n_minibatches=recipe['minibatches'],
    )  # fmt: skip

    def optimise() -> None:
        with contextlib.redirect_stdout(io.StringIO()):
            algo._train_once(0, episodes)
        tabular.clear()

    return least(optimise, 1)


@click.command()
@click.option('--trials', default=10, show_default=True, help='Trials of the meta-batch.')
@click.option('--repeats', default=3, show_default=True, help='Rounds, of which the best counts.')
@click.option('--gigabits', default=1.0, show_default=True, help='Network of the extrapolation.')
def main(trials: int, repeats: int, gigabits: float) -> None:
    """Check, measure, extrapolate, and print a line of JSON."""
    torch.set_num_threads(1)
    tabular.disable_warnings()
    ray.init(num_cpus=2, log_to_driver=False)
    equality_gate()
    tasks = tasks_of(trials, 500, accelerated=True)
    policy = make_policy(tasks[0]().spec)
    n_steps = trials * 500
    rates, broadcasts = {}, {}
    for n in (1, 2):
        side = Trials(LastingRaySampler, n, tasks, policy, 1)
        broadcasts[n] = broadcast_seconds(policy, side._sampler, 3 * repeats)
        rates[n] = n_steps / least(side, repeats)
        episodes = side()
        side.close()
        print(f'{n} worker(s): {rates[n]:,.0f} steps/s, parameters there in {broadcasts[n]:.4f} s')
    down = len(pickle.dumps(policy.get_param_values())) + len(cloudpickle.dumps(tasks[0]))
    up = len(pickle.dumps(episodes)) / n_steps
    optimiser = optimiser_seconds(policy, episodes, trials) / n_steps
    print(f'{down:,} bytes to a worker, {up:.0f} bytes a step back')
    print(f'optimiser: {1e6 * optimiser:.0f} us a step on one core')

    # A trial of the paper's protocol for each worker, and at least the launchers' 10.
    found = {}
    for n in WORKERS:
        steps = 5000 * max(10, n)
        seconds = {
            'broadcast': n * broadcasts[1] + n * down * 8 / (gigabits * 1e9),
            'sampling': steps / (n * rates[1]),
            'return': steps * up * 8 / (gigabits * 1e9),
            'optimiser': steps * optimiser,
        }
        total = sum(seconds.values())
        found[n] = {key: round(x, 2) for key, x in seconds.items()} | {
            'steps_per_second': round(steps / total)
        }
        parts = ', '.join(f'{key} {x:.1f} s' for key, x in seconds.items())
        print(f'{n:>4} workers, {steps:>7,} steps: {parts}: {steps / total:,.0f} steps/s')
    print(
        json.dumps(
            {
                'equal': True,
                'steps_per_second': {n: round(rate) for n, rate in rates.items()},
                'broadcast_seconds': {n: round(x, 5) for n, x in broadcasts.items()},
                'bytes_down': down,
                'bytes_up_per_step': round(up, 1),
                'optimiser_us_per_step': round(1e6 * optimiser, 1),
                'extrapolated': found,
            }
        )
    )


if __name__ == '__main__':
    main()
