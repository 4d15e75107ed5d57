#!/usr/bin/env python3
"""How long do the 10 M steps of the paper protocol take on ML10, evaluation included?

Runs some iterations of `launchers/ml10_metods.py --protocol paper` after a first one that is not
counted, and an evaluation between two iterations, and projects: iterations to the budget, the
evaluations in between, the one of all goals at the end. The share of the policy within sampling is
measured on one trial batch in this process.

    python benchmarks/paper_budget.py                            # 20 iterations: some 8 minutes
    python benchmarks/paper_budget.py --iterations 2 --sampler ray
"""

import json
import os
import time

from metods_garage.envs import make_benchmark
from metods_garage.experiment.evaluation import RecurrentEvaluator
from metods_garage.experiment.horizon import observing_trials
from metods_garage.experiment.protocol import PROTOCOLS
from metods_garage.experiment.recipes import find_recipe
from metods_garage.policies.lone_trials import LoneTrials

import click
from taken_apart import SAMPLERS, Stopwatch, measure, ml10_ppo
from tqdm import tqdm

EPOCHS = find_recipe('ml10')['epochs']


def policy_share(wrapper) -> float:
    """The policy's share of the time of sampling in one process."""
    algo = ml10_ppo(
        make_benchmark('ml10'), wrapper, episodes=1, sampler='local', workers=1, epochs=1
    )
    algo._sample_trials()
    watch = Stopwatch()
    LoneTrials.step = watch.wrap('policy', LoneTrials.step)
    watch.wrap('others', algo._sample_trials)()
    return watch.seconds['policy'] / sum(watch.seconds.values())


@click.command()
@click.option('--iterations', default=20, show_default=True)
@click.option('--sampler', type=click.Choice(list(SAMPLERS)), default='multiprocessing')
@click.option('--workers', default=os.cpu_count(), show_default=True)
def main(iterations: int, sampler: str, workers: int) -> None:
    """Print the projection and a line of JSON."""
    protocol, benchmark = PROTOCOLS['paper'], make_benchmark('ml10')
    wrapper = observing_trials(protocol)
    share = policy_share(wrapper)
    algo = ml10_ppo(
        benchmark, wrapper, episodes=protocol.episodes_per_trial, sampler=sampler,
        workers=workers, epochs=EPOCHS,
    )  # fmt: skip
    algo._train_once(0, algo._sample_trials())
    watch, n_steps = Stopwatch(), 0
    measure(algo, watch)
    start = time.perf_counter()
    for i in tqdm(range(1, iterations + 1), desc='iterations'):
        batch = algo._sample_trials()
        n_steps += int(batch.lengths.sum())
        algo._train_once(i, batch)
    training = time.perf_counter() - start
    algo._sampler.shutdown_worker()  # the first one to go takes Ray with it

    evaluator = RecurrentEvaluator(
        benchmark, protocol, wrapper, sampler_class=SAMPLERS[sampler], n_workers=workers
    )
    interim = evaluator.chosen_tasks('interim')
    start = time.perf_counter()
    evaluation_steps = evaluator.evaluate(algo, interim).steps
    evaluation = time.perf_counter() - start
    evaluator.close()

    budget = protocol.total_training_steps
    final_steps = evaluation_steps / len(interim) * len(evaluator.chosen_tasks('final'))
    between = budget // protocol.evaluation_every
    per_step = evaluation / evaluation_steps
    scale = budget / n_steps / 60
    sampling = watch.seconds.pop('sampling') * scale
    optimising = sum(watch.seconds.values()) * scale
    minutes = {
        'stepping environments': sampling * (1 - share),
        'policy': sampling * share,
        'optimisation': optimising,
        'evaluation in between': between * evaluation / 60,
        'evaluation of all goals at the end': final_steps * per_step / 60,
        'other': training * scale - sampling - optimising,
    }
    total = sum(minutes.values())
    click.echo(f'\n{iterations} iterations, {n_steps} steps, sampler {sampler}, {workers} workers')
    for name, value in minutes.items():
        click.echo(f'{name:36} {value:7.1f} min {value / total:6.1%}')
    click.echo(f'{"10 M steps of training and all evaluation":36} {total:7.1f} min')
    click.echo(
        f'{n_steps / training:.0f} steps per second trained, {1 / per_step:.0f} evaluated; '
        'an evaluation in between is '
        f'{evaluation / (training / n_steps * protocol.evaluation_every):.1%} of the training'
    )
    click.echo(json.dumps({'sampler': sampler, 'minutes': minutes, 'total_minutes': total}))


if __name__ == '__main__':
    main()
