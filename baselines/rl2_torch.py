#!/usr/bin/env python3
"""Train RL2 in torch under a protocol: the MetODS recipe with a GRU in the place of the synapses.

Algorithm, settings, embedding, heads and sampling are those of launchers/ml10_metods.py, so that
only the recurrent cell differs.

    python baselines/rl2_torch.py --benchmark ml10                              # minutes
    python baselines/rl2_torch.py --benchmark ml1-push-v3 --protocol paper      # 10 M steps
"""

from typing import Any

from metods_garage.algos import RecurrentA2C, RecurrentPPO
from metods_garage.experiment import (
    LaunchOptions,
    LedgerSampler,
    ProtocolTrainer,
    RecurrentEvaluator,
    find_benchmark,
    launch_options,
    observing_trials,
    open_run,
    show_results,
)
from metods_garage.policies import CategoricalGRUPolicy, GaussianGRUPolicy
from metods_garage.samplers import TrialWorker

import akro
import click
from bundled import affordable, benchmark_option, horizon, refuse_small_budget

ALGORITHMS = {'a2c': RecurrentA2C, 'ppo': RecurrentPPO}
META_BATCH = 10


@click.command()
@benchmark_option
@launch_options
@click.option(
    '--algo',
    type=click.Choice(list(ALGORITHMS)),
    default='a2c',
    show_default=True,
    help='Advantage actor-critic or recurrent PPO, as for MetODS.',
)
@click.option(
    '--hidden-size',
    type=click.IntRange(min=1),
    default=256,
    show_default=True,
    help='Units of the GRU.',
)
@click.option(
    '--learning-rate',
    type=click.FloatRange(min=0, min_open=True),
    default=1e-3,
    show_default=True,
    help='Step size of Adam.',
)
@click.option(
    '--entropy',
    type=click.FloatRange(min=0),
    default=1e-2,
    show_default=True,
    help='Weight of the entropy bonus.',
)
@click.option(
    '--value',
    type=click.FloatRange(min=0),
    default=0.4,
    show_default=True,
    help='Weight of the value loss.',
)
@click.option(
    '--meta-batch',
    type=click.IntRange(min=1),
    default=None,
    help='Trials per iteration; by default 10, or as many as leave room for 3 iterations.',
)
@click.option(
    '--discount',
    type=click.FloatRange(0, 1),
    default=0.99,
    show_default=True,
    help='Discount per step.',
)
@click.option('--gae-lambda', type=click.FloatRange(0, 1), default=0.95, show_default=True,
              help='Lambda of generalized advantage estimation.')  # fmt: skip
def rl2_torch(options: LaunchOptions, benchmark_name: str, **settings: Any) -> None:
    """Train RL2 in torch: the MetODS recipe with a GRU in the place of the synapses."""
    protocol, benchmark = options.protocol, find_benchmark(benchmark_name)
    trial_steps = protocol.episodes_per_trial * horizon(benchmark, protocol)
    settings['meta_batch'] = settings['meta_batch'] or affordable(
        protocol.total_training_steps, trial_steps, META_BATCH
    )
    iteration_steps = settings['meta_batch'] * trial_steps
    refuse_small_budget(options, 'rl2_torch', iteration_steps)

    method = f'rl2_torch_{settings["algo"]}'
    with open_run(options, benchmark=benchmark_name, method=method, settings=settings) as run:
        wrapper = observing_trials(protocol)
        evaluator = RecurrentEvaluator(
            benchmark,
            protocol,
            wrapper,
            sampler_class=options.sampler_class(),
            n_workers=options.workers,
        )
        trainer = ProtocolTrainer(run, evaluator)
        if not trainer.restore():
            env = benchmark.example_env(wrapper)
            discrete = isinstance(env.action_space, akro.Discrete)
            policy = (CategoricalGRUPolicy if discrete else GaussianGRUPolicy)(
                env.spec,
                hidden_size=settings['hidden_size'],
                normalize_observations=True,
                scale_rewards=True,
                device=options.device,
            )
            sampler = options.sampler_class()(
                agents=policy,
                envs=env,
                max_episode_length=env.spec.max_episode_length,
                n_workers=options.workers,
                seed=options.seed,
                worker_class=TrialWorker,
                worker_args={'episodes_per_trial': protocol.episodes_per_trial},
            )
            algo = ALGORITHMS[settings['algo']](
                policy,
                LedgerSampler(sampler, trainer.ledger),
                benchmark.train_sampler(wrapper, seed=options.seed),
                meta_batch_size=settings['meta_batch'],
                episodes_per_trial=protocol.episodes_per_trial,
                discount=settings['discount'],
                gae_lambda=settings['gae_lambda'],
                learning_rate=settings['learning_rate'],
                value_coeff=settings['value'],
                entropy_coeff=settings['entropy'],
            )
            trainer.setup(algo, env)
        trainer.train(steps_per_iteration=iteration_steps)
    show_results(run)


if __name__ == '__main__':
    rl2_torch()
