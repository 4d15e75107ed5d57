"""Trains MetODS on a benchmark: the recipe that the launchers beside this file call."""

from collections.abc import Callable
from typing import Any

from metods_garage.algos import RecurrentA2C, RecurrentPPO
from metods_garage.experiment import (
    LaunchOptions,
    LedgerSampler,
    ProtocolTrainer,
    RecurrentEvaluator,
    check_budget,
    find_benchmark,
    observing_trials,
    open_run,
    show_results,
)
from metods_garage.policies import GaussianMetODSPolicy
from metods_garage.samplers import TrialWorker

import click

ALGORITHMS = {'a2c': RecurrentA2C, 'ppo': RecurrentPPO}

_POSITIVE = click.FloatRange(min=0, min_open=True)
_FRACTION = click.FloatRange(min=0, max=1)
_OPTIONS = (
    click.option(
        '--algo',
        type=click.Choice(list(ALGORITHMS)),
        default='a2c',
        show_default=True,
        help="Advantage actor-critic, the paper's, or recurrent PPO.",
    ),
    click.option(
        '--neurons',
        type=click.IntRange(min=1),
        default=100,
        show_default=True,
        help='Neurons N; a trial carries N x N synaptic weights.',
    ),
    click.option(
        '--inner-steps',
        type=click.IntRange(min=1),
        default=4,
        show_default=True,
        help='Reads and writes S of the synapses per environment step.',
    ),
    click.option(
        '--normalize',
        type=click.Choice(['none', 'l1', 'l2', 'cap']),
        default='cap',
        show_default=True,
        help="Of each neuron's incoming weights, once per step.",
    ),
    click.option(
        '--learning-rate',
        type=_POSITIVE,
        default=1e-3,
        show_default=True,
        help='Step size of Adam.',
    ),
    click.option(
        '--entropy',
        type=click.FloatRange(min=0),
        default=1e-2,
        show_default=True,
        help='Weight of the entropy bonus.',
    ),
    click.option(
        '--value',
        type=click.FloatRange(min=0),
        default=0.4,
        show_default=True,
        help='Weight of the value loss.',
    ),
    click.option(
        '--meta-batch',
        type=click.IntRange(min=1),
        default=10,
        show_default=True,
        help='Trials per iteration.',
    ),
    click.option(
        '--discount', type=_FRACTION, default=0.99, show_default=True, help='Discount per step.'
    ),
    click.option(
        '--gae-lambda',
        type=_FRACTION,
        default=0.95,
        show_default=True,
        help='Lambda of generalized advantage estimation.',
    ),
)


def metods_options(function: Callable) -> Callable:
    """Add what one tunes of MetODS to a click command, as keyword arguments."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


def train_metods(options: LaunchOptions, benchmark_name: str, **settings: Any) -> None:
    """Train MetODS on one benchmark under one protocol, and print what came of it.

    Args:
        options: Protocol, seed, device, sampler and run folder.
        benchmark_name: Name of a benchmark with continuous actions.
        **settings: The values of `metods_options`.

    """
    protocol = options.protocol
    benchmark = find_benchmark(benchmark_name)
    trial_steps = protocol.episodes_per_trial * (protocol.horizon or benchmark.horizon)
    check_budget(protocol.total_training_steps, settings['meta_batch'] * trial_steps)
    method = f'metods_{settings["algo"]}'
    with open_run(options, benchmark=benchmark_name, method=method, settings=settings) as run:
        wrapper = observing_trials(protocol)
        env = benchmark.example_env(wrapper)

        evaluator = RecurrentEvaluator(
            benchmark,
            protocol,
            wrapper,
            sampler_class=options.sampler_class(),
            n_workers=options.workers,
        )
        trainer = ProtocolTrainer(run, evaluator)
        if not trainer.restore():
            policy = GaussianMetODSPolicy(
                env.spec,
                n_neurons=settings['neurons'],
                n_inner_steps=settings['inner_steps'],
                normalize=None if settings['normalize'] == 'none' else settings['normalize'],
                normalize_observations=True,
                scale_rewards=True,
                device=options.device,
            )

            sampler = LedgerSampler(
                options.sampler_class()(
                    agents=policy,
                    envs=env,
                    max_episode_length=env.spec.max_episode_length,
                    n_workers=options.workers,
                    seed=options.seed,
                    worker_class=TrialWorker,
                    worker_args={'episodes_per_trial': protocol.episodes_per_trial},
                ),
                trainer.ledger,
            )

            algo = ALGORITHMS[settings['algo']](
                policy,
                sampler,
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

        trainer.train()
    show_results(run)
