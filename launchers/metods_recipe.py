"""The MetODS policy of the launchers beside this file, and the options that they share."""

from collections.abc import Callable
from typing import Any

from metods_garage.experiment import (
    LaunchOptions,
    find_recipe,
    recipe_option,
    recurrent_options,
    train_recurrent,
)
from metods_garage.modules import ArxivCore
from metods_garage.policies import (
    CategoricalMetODSPolicy,
    GaussianMetODSPolicy,
    RecurrentPolicy,
    actor_critic_for,
)

import akro
import click

_AT_LEAST_1 = click.IntRange(min=1)

# What one tunes; the defaults are the recipe's.
_TUNED: dict[str, tuple[Any, str]] = {
    'neurons': (_AT_LEAST_1, 'Neurons N; a trial carries N x N synaptic weights.'),
    'inner_steps': (_AT_LEAST_1, 'Reads and writes S of the synapses per environment step.'),
    'normalize': (
        click.Choice(['none', 'l1', 'l2', 'cap']),
        "Of each neuron's incoming weights, once per step.",
    ),
    # With the cap and the alpha of Meta-World's recipe, an output's gradient neither explodes nor
    # vanishes over the 5,000 steps of a trial when training begins
    # (results/ml1-reach-first/README.md); that it stays so takes small steps of alpha, and of beta
    # that the weights still remember then.
    'cap': (
        click.FloatRange(min=0, min_open=True),
        'Largest L2 norm that --normalize cap allows.',
    ),
    'alpha_scale': (click.FloatRange(min=0), 'Scale of the plasticity alpha at the start.'),
    'alpha_spread': (
        click.FloatRange(min=0),
        'Decades over which the plasticity of neurons is spread, around alpha.',
    ),
    'alpha_rate': (
        click.FloatRange(min=0, min_open=True),
        "Step size of alpha (of eta with --rule arxiv), as a multiple of the other parameters'.",
    ),
    'beta_rate': (
        click.FloatRange(min=0, min_open=True),
        "Step size of the coefficients beta, as a multiple of the other parameters'.",
    ),
}

# The papers' ablations.
_ABLATIONS = (
    click.option(
        '--rule',
        type=click.Choice(['metods', 'arxiv']),
        default='metods',
        show_default=True,
        help="The rule, or that of the arXiv version, which has none of N's variants below.",
    ),
    click.option(
        '--write',
        type=click.Choice(['hebbian', 'linear', 'mlp']),
        default='hebbian',
        show_default=True,
        help='What is written: alpha (*) (v (x) v), (v (x) P v) or (v (x) MLP(v)).',
    ),
    click.option(
        '--scalar-alpha', is_flag=True, help='One plasticity for all synapses ("no alpha").'
    ),
    click.option(
        '--w0',
        type=click.Choice(['learned', 'zero', 'sampled']),
        default='learned',
        show_default=True,
        help='Weights at the start of a trial; sampled: anew for each.',
    ),
)


def metods_options(benchmark_name: str | None = None) -> Callable[[Callable], Callable]:
    """Add what one tunes of MetODS to a click command, as keyword arguments.

    Args:
        benchmark_name: The benchmark, or one of several with the same recipe; None where it is an
            option too.

    Returns:
        A decorator for a click command.

    """
    defaults = find_recipe(benchmark_name) if benchmark_name else None

    def with_options(function: Callable) -> Callable:
        for option in reversed(_ABLATIONS):
            function = option(function)
        for name, (kind, text) in reversed(_TUNED.items()):
            function = recipe_option(name, kind, text, defaults)(function)
        return recurrent_options(defaults)(function)

    return with_options


def train_metods(options: LaunchOptions, benchmark_name: str, **settings: Any) -> None:
    """Train MetODS on one benchmark under one protocol, and print what came of it.

    Args:
        options: Protocol, seed, device, sampler and run folder.
        benchmark_name: Name of a benchmark.
        **settings: The values of `metods_options`.

    Raises:
        click.UsageError: If the settings ask for a variant that the arXiv rule does not have, or
            for one plasticity that is spread.

    """
    if settings['rule'] == 'arxiv':
        _refuse_variants(settings)
    if settings['scalar_alpha'] or settings['rule'] == 'arxiv':
        settings = _unspread(settings)

    def make_policy(env_spec: Any, settings: dict[str, Any]) -> RecurrentPolicy:
        if settings['rule'] == 'arxiv':
            return _arxiv_policy(env_spec, settings, options.device)
        shared = {
            'n_neurons': settings['neurons'],
            'n_inner_steps': settings['inner_steps'],
            'write': settings['write'],
            'scalar_alpha': settings['scalar_alpha'],
            'w0': settings['w0'],
            'normalize': None if settings['normalize'] == 'none' else settings['normalize'],
            'cap': settings['cap'],
            'alpha_scale': settings['alpha_scale'],
            'alpha_spread': settings['alpha_spread'],
            'normalize_observations': settings['normalize_observations'],
            'scale_rewards': settings['scale_rewards'],
            'device': options.device,
        }
        if isinstance(env_spec.action_space, akro.Discrete):
            return CategoricalMetODSPolicy(env_spec, **shared)
        return GaussianMetODSPolicy(
            env_spec, init_std=settings['init_std'], learn_std=settings['learn_std'], **shared
        )

    # The arXiv rule's beta is a map of what is written, and says nothing of how long it is kept.
    arxiv = settings['rule'] == 'arxiv'
    rates = {'eta': 'alpha_rate'} if arxiv else {'alpha': 'alpha_rate', 'beta': 'beta_rate'}
    train_recurrent(options, benchmark_name, 'metods', make_policy, settings, rates=rates)


def _refuse_variants(settings: dict[str, Any]) -> None:
    for name, plain in (
        ('inner_steps', None),
        ('normalize', None),
        ('cap', None),
        ('alpha_spread', None),
        ('beta_rate', None),
        ('write', 'hebbian'),
        ('scalar_alpha', False),
    ):
        if settings[name] != plain:
            raise click.UsageError(
                f'--{name.replace("_", "-")} is not possible with --rule arxiv, which reads and '
                f'writes once per step, without coefficients, and normalises each column by L2: '
                f'leave one of them out'
            )


def _unspread(settings: dict[str, Any]) -> dict[str, Any]:
    """Settings of what has no plasticity of each neuron's, whatever the recipe has.

    Raises click.UsageError if a spread was asked for.
    """
    arxiv = settings['rule'] == 'arxiv'
    if settings['alpha_spread']:
        raise click.UsageError(
            f'--alpha-spread is {settings["alpha_spread"]}, but with --scalar-alpha all synapses '
            f'share one plasticity: leave one of them out'
        )
    # the rule of the arXiv version has another beta, without a step size of its own
    return settings | {'alpha_spread': 0.0} | ({'beta_rate': 1.0} if arxiv else {})


def _arxiv_policy(env_spec: Any, settings: dict[str, Any], device: str) -> RecurrentPolicy:
    core = ArxivCore(settings['neurons'], eta_scale=settings['alpha_scale'], w0=settings['w0'])
    actor_critic = actor_critic_for(
        env_spec,
        core,
        init_std=settings['init_std'],
        learn_std=settings['learn_std'],
        normalize_observations=settings['normalize_observations'],
    )
    return RecurrentPolicy(
        env_spec,
        actor_critic,
        scale_rewards=settings['scale_rewards'],
        device=device,
        name='ArxivPolicy',
    )
