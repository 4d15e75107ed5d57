"""Trains a recurrent policy under a protocol: one recipe for every recurrent cell.

What `launchers/` do for MetODS and `baselines/rl2_torch.py` for a GRU differs in the policy alone,
so that two curves that they leave behind differ in nothing else.
"""

from collections.abc import Callable
from typing import Any

from metods_garage.algos import RecurrentA2C, RecurrentPPO
from metods_garage.experiment.evaluation import RecurrentEvaluator
from metods_garage.experiment.horizon import observing_trials
from metods_garage.experiment.launch import (
    LaunchOptions,
    find_benchmark,
    open_run,
    refuse_small_budget,
)
from metods_garage.experiment.ledger import LedgerSampler
from metods_garage.experiment.results import show_results
from metods_garage.experiment.trainer import ProtocolTrainer
from metods_garage.policies import RecurrentPolicy
from metods_garage.samplers import TrialWorker

import click
from garage import EnvSpec

ALGORITHMS = {'a2c': RecurrentA2C, 'ppo': RecurrentPPO}

_AT_LEAST_1 = click.IntRange(min=1)
_POSITIVE = click.FloatRange(min=0, min_open=True)
_NOT_NEGATIVE = click.FloatRange(min=0)
_FRACTION = click.FloatRange(min=0, max=1)


def _option(name: str, kind: Any, default: Any, text: str) -> Callable:
    return click.option(name, type=kind, default=default, show_default=True, help=text)


_OPTIONS = (
    _option(
        '--algo',
        click.Choice(list(ALGORITHMS)),
        'ppo',
        'Recurrent PPO, or advantage actor-critic as in the arXiv version.',
    ),
    _option('--learning-rate', _POSITIVE, 1e-3, 'Step size of Adam.'),
    _option('--entropy', _NOT_NEGATIVE, 1e-3, 'Weight of the entropy bonus.'),
    _option('--value', _NOT_NEGATIVE, 0.4, 'Weight of the value loss.'),
    _option('--meta-batch', _AT_LEAST_1, 10, 'Trials per iteration.'),
    _option('--epochs', _AT_LEAST_1, 4, 'Passes of PPO over a meta-batch.'),
    _option('--minibatches', _AT_LEAST_1, 2, 'Updates of PPO per pass, each of whole trials.'),
    _option('--discount', _FRACTION, 0.99, 'Discount per step.'),
    _option('--gae-lambda', _FRACTION, 0.95, 'Lambda of generalized advantage estimation.'),
    _option('--init-std', _POSITIVE, 1.0, 'Standard deviation of continuous actions at first.'),
)


def recurrent_options(function: Callable) -> Callable:
    """Add what one tunes whatever the cell to a click command, as keyword arguments."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


def train_recurrent(
    options: LaunchOptions,
    benchmark_name: str,
    method: str,
    make_policy: Callable[[EnvSpec, dict[str, Any]], RecurrentPolicy],
    settings: dict[str, Any],
) -> None:
    """Train a recurrent policy on one benchmark under one protocol, and print what came of it.

    Args:
        options: Protocol, seed, device, sampler and run folder.
        benchmark_name: Name of a benchmark.
        method: Name of the method; the algorithm's is added to it.
        make_policy: Given the environment's specification and the settings, the policy.
        settings: The values of `recurrent_options` and the policy's own.

    """
    protocol = options.protocol
    benchmark = find_benchmark(benchmark_name, options)
    trial_steps = protocol.episodes_per_trial * (protocol.horizon or benchmark.horizon)
    name = f'{method}_{settings["algo"]}'
    refuse_small_budget(options, name, settings['meta_batch'] * trial_steps)
    with open_run(options, benchmark=benchmark_name, method=name, settings=settings) as run:
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
            policy = make_policy(env.spec, settings)

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
                **_updates(settings),
            )
            trainer.setup(algo, env)

        trainer.train()
    show_results(run)


def _updates(settings: dict[str, Any]) -> dict[str, Any]:
    """How PPO divides an iteration; A2C makes one update of it."""
    if settings['algo'] != 'ppo':
        return {}
    return {'n_epochs': settings['epochs'], 'n_minibatches': settings['minibatches']}
