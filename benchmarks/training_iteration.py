#!/usr/bin/env python3
"""Where does an iteration of MetODS on ML10 spend its time?

Samples a meta-batch with the recipe of `launchers/ml10_metods.py` and optimises on it, and prints
the seconds of each part, each without those inside it. Ten trials of ten episodes of 500 steps are
the 50,000 steps of an iteration of the paper protocol. Ends with what one step of acting costs
beside a GRU policy, the two in turn.

    python benchmarks/training_iteration.py                    # about 2 minutes
    python benchmarks/training_iteration.py --episodes 1       # a tenth of the steps
"""

import functools
import json
import os
import time
from collections.abc import Callable
from typing import Any

from metods_garage.algos import RecurrentPPO
from metods_garage.envs import make_benchmark
from metods_garage.experiment.horizon import observing_trials
from metods_garage.experiment.protocol import PROTOCOLS
from metods_garage.experiment.watchful_sampler import WatchfulSampler
from metods_garage.plasticity import fused
from metods_garage.policies import GaussianGRUPolicy, GaussianMetODSPolicy
from metods_garage.samplers import TrialWorker

import click
import numpy as np
import torch
from garage.sampler import LocalSampler

META_BATCH, EPOCHS, MINIBATCHES = 10, 5, 2


class Stopwatch:
    """Seconds by name, of each without those that were measured inside it."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._inner = [0.0]

    def wrap(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """`function`, measured under a name whenever it is called."""

        @functools.wraps(function)
        def measured(*args: Any, **kwargs: Any) -> Any:
            self._inner.append(0.0)
            start = time.perf_counter()
            try:
                return function(*args, **kwargs)
            finally:
                total = time.perf_counter() - start
                own = total - self._inner.pop()
                self._inner[-1] += total
                self.seconds[name] = self.seconds.get(name, 0.0) + own

        return measured


def measure(algo: RecurrentPPO, watch: Stopwatch) -> None:
    """Put the watch on the parts of an iteration."""
    algo._sample_trials = watch.wrap('sampling', algo._sample_trials)
    algo._targets = watch.wrap('targets', algo._targets)
    algo._replay = watch.wrap('losses', algo._replay)
    algo.policy.forward = watch.wrap('embedding and heads, forward', algo.policy.forward)
    algo._train_once = watch.wrap('logging, statistics and the rest', algo._train_once)
    algo._optimizer.step = watch.wrap('optimizer', algo._optimizer.step)
    torch.Tensor.backward = watch.wrap('embedding and heads, backward', torch.Tensor.backward)
    problem = fused._Problem
    problem.forward = watch.wrap('rule, forward', problem.forward)
    problem.backward = watch.wrap('rule, backward', problem.backward)


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
@click.option('--sampler', type=click.Choice(['local', 'multiprocessing']), default='local')
@click.option('--workers', default=os.cpu_count(), show_default=True)
def main(episodes: int, sampler: str, workers: int) -> None:
    """Print the table and a line of JSON."""
    benchmark = make_benchmark('ml10')
    wrapper = observing_trials(PROTOCOLS['paper'])
    env = benchmark.example_env(wrapper)
    torch.manual_seed(0)
    policy = GaussianMetODSPolicy(
        env.spec, n_neurons=100, n_inner_steps=4, normalize='cap', cap=0.4, alpha_scale=1e-3,
        init_std=1.0, normalize_observations=True, scale_rewards=True,
    )  # fmt: skip
    samplers = {'local': LocalSampler, 'multiprocessing': WatchfulSampler}
    trials = samplers[sampler](
        agents=policy, envs=env, max_episode_length=env.spec.max_episode_length,
        n_workers=workers if sampler != 'local' else 1, seed=1, worker_class=TrialWorker,
        worker_args={'episodes_per_trial': episodes},
    )  # fmt: skip
    algo = RecurrentPPO(
        policy, trials, benchmark.train_sampler(wrapper, seed=1), meta_batch_size=META_BATCH,
        episodes_per_trial=episodes, n_epochs=EPOCHS, n_minibatches=MINIBATCHES,
    )  # fmt: skip
    algo._train_once(0, algo._sample_trials())  # builds environments, loads compiled code
    watch = Stopwatch()
    measure(algo, watch)
    batch = algo._sample_trials()
    algo._train_once(1, batch)
    trials.shutdown_worker()

    n_steps, total = int(batch.lengths.sum()), sum(watch.seconds.values())
    click.echo(f'{n_steps} steps, {EPOCHS} epochs, {MINIBATCHES} minibatches, {sampler}\n')
    for name, seconds in sorted(watch.seconds.items(), key=lambda item: -item[1]):
        click.echo(f'{name:34} {seconds:8.2f} s {seconds / total:6.1%}')
    sampling = watch.seconds['sampling']
    click.echo(
        f'\noptimising / sampling {(total - sampling) / sampling:.2f}, '
        f'{n_steps / sampling:.0f} steps sampled per second'
    )
    acting = acting_ms({'metods': policy, 'gru': GaussianGRUPolicy(env.spec)})
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
