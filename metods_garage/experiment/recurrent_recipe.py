"""Trains a recurrent policy under a protocol: one recipe for every recurrent cell.

What `launchers/` do for MetODS and `baselines/rl2_torch.py` for a GRU differs in the policy alone,
so that two curves that they leave behind differ in nothing else.
"""

import dataclasses
import math
from collections.abc import Callable, Mapping
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
from metods_garage.experiment.protocol import Protocol
from metods_garage.experiment.recipes import RECIPES, filled
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

_KINDS: dict[str, tuple[Any, str]] = {
    'algo': (
        click.Choice(list(ALGORITHMS)),
        'Recurrent PPO, or advantage actor-critic as in the arXiv version.',
    ),
    'learning_rate': (_POSITIVE, 'Step size of Adam.'),
    'entropy': (_NOT_NEGATIVE, 'Weight of the entropy bonus.'),
    'value': (_NOT_NEGATIVE, 'Weight of the value loss.'),
    'meta_batch': (_AT_LEAST_1, 'Trials per iteration.'),
    'epochs': (_AT_LEAST_1, 'Passes of PPO over a meta-batch.'),
    'minibatches': (_AT_LEAST_1, 'Updates of PPO per pass, each of whole trials.'),
    'discount': (_FRACTION, 'Discount per step.'),
    'gae_lambda': (_FRACTION, 'Lambda of generalized advantage estimation.'),
    'anneal': (
        bool,
        'Whether learning rate and entropy bonus fall linearly towards 0 over the budget.',
    ),
    'gradient_steps': (
        _AT_LEAST_1,
        'Through how many steps of memory gradients pass at most; by default through the trial.',
    ),
    'init_std': (_POSITIVE, 'Standard deviation of continuous actions at first.'),
    'learn_std': (bool, 'Whether it is learned, or stays.'),
    'training_horizon': (
        _AT_LEAST_1,
        "Steps after which an episode of training is cut; those of evaluation have the protocol's.",
    ),
}


def recipe_option(
    name: str, kind: Any, text: str, defaults: Mapping[str, Any] | None
) -> Callable[[Callable], Callable]:
    """An option whose default the recipe of the benchmark has.

    Args:
        name: Name of the setting, as in a recipe.
        kind: Its type.
        text: What it is.
        defaults: The default recipe, for `--help`; None where the benchmark is an option too.

    Returns:
        A decorator for a click command, which receives None where the option is not given.

    """
    shown = f'{defaults[name]}' if defaults else "the benchmark's"
    flag = f'--{name.replace("_", "-")}'
    return click.option(flag, name, type=kind, default=None, show_default=shown, help=text)


def recurrent_options(
    defaults: Mapping[str, Any] | None = None,
) -> Callable[[Callable], Callable]:
    """Add what one tunes whatever the cell to a click command, as keyword arguments.

    Args:
        defaults: The default recipe, for `--help`; None where the benchmark is an option too.

    Returns:
        A decorator for a click command.

    """

    def with_options(function: Callable) -> Callable:
        for name, (kind, text) in reversed(_KINDS.items()):
            function = recipe_option(name, kind, text, defaults)(function)
        function = click.option(
            '--mask-reward',
            is_flag=True,
            help='Show 0 for the last reward, in training and in evaluation.',
        )(function)
        return click.option(
            '--recipe',
            type=click.Choice(list(RECIPES)),
            default='default',
            show_default=True,
            help="Where the options below come from: settings that learn, or the papers' own.",
        )(function)

    return with_options


def train_recurrent(
    options: LaunchOptions,
    benchmark_name: str,
    method: str,
    make_policy: Callable[[EnvSpec, dict[str, Any]], RecurrentPolicy],
    settings: dict[str, Any],
    rates: Mapping[str, str] | None = None,
) -> None:
    """Train a recurrent policy on one benchmark under one protocol, and print what came of it.

    Args:
        options: Protocol, seed, device, sampler and run folder.
        benchmark_name: Name of a benchmark.
        method: Name of the method; the algorithm's is added to it.
        make_policy: Given the environment's specification and the settings, the policy.
        settings: The values of `recurrent_options` and the policy's own; those that are None are
            the recipe's.
        rates: Parameters of the policy with a step size of their own, and the settings that say how
            many times that of the others it is.

    """
    settings = filled(settings, benchmark_name, settings['recipe'])
    protocol = options.protocol
    benchmark = find_benchmark(benchmark_name, options)
    training = _cut(protocol, settings['training_horizon'])
    trial_steps = protocol.episodes_per_trial * (training.horizon or benchmark.horizon)
    name = f'{method}_{settings["algo"]}'
    refuse_small_budget(options, name, settings['meta_batch'] * trial_steps)
    with open_run(options, benchmark=benchmark_name, method=name, settings=settings) as run:
        wrapper = observing_trials(training, mask_reward=settings['mask_reward'])
        env = benchmark.example_env(wrapper)

        evaluator = RecurrentEvaluator(
            benchmark,
            protocol,
            observing_trials(protocol, mask_reward=settings['mask_reward']),
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
                gradient_steps=settings['gradient_steps'],
                anneal_steps=protocol.total_training_steps if settings['anneal'] else None,
                learning_rate_factors={
                    parameter: settings[option] for parameter, option in (rates or {}).items()
                },
                **_updates(settings),
            )
            trainer.setup(algo, env)

        trainer.train()
    show_results(run)


def _cut(protocol: Protocol, horizon: int | None) -> Protocol:
    """The protocol with episodes of at most so many steps."""
    shorter = min(horizon or math.inf, protocol.horizon or math.inf)
    return protocol if shorter == math.inf else dataclasses.replace(protocol, horizon=int(shorter))


def _updates(settings: dict[str, Any]) -> dict[str, Any]:
    """How PPO divides an iteration; A2C makes one update of it."""
    if settings['algo'] != 'ppo':
        return {}
    return {'n_epochs': settings['epochs'], 'n_minibatches': settings['minibatches']}
