"""The MetODS policy of the launchers beside this file, and the options that they share."""

from collections.abc import Callable
from typing import Any

from metods_garage.experiment import LaunchOptions, recurrent_options, train_recurrent
from metods_garage.policies import GaussianMetODSPolicy

import click

_OPTIONS = (
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
    # With this cap and this alpha, an output's gradient neither explodes nor vanishes over the
    # 5,000 steps of a trial (results/ml1-reach-first/README.md).
    click.option(
        '--cap',
        type=click.FloatRange(min=0, min_open=True),
        default=0.4,
        show_default=True,
        help='Largest L2 norm that --normalize cap allows.',
    ),
    click.option(
        '--alpha-scale',
        type=click.FloatRange(min=0),
        default=1e-3,
        show_default=True,
        help='Scale of the plasticity alpha at the start.',
    ),
)


def metods_options(function: Callable) -> Callable:
    """Add what one tunes of MetODS to a click command, as keyword arguments."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return recurrent_options(function)


def train_metods(options: LaunchOptions, benchmark_name: str, **settings: Any) -> None:
    """Train MetODS on one benchmark under one protocol, and print what came of it.

    Args:
        options: Protocol, seed, device, sampler and run folder.
        benchmark_name: Name of a benchmark with continuous actions.
        **settings: The values of `metods_options`.

    """

    def make_policy(env_spec: Any, settings: dict[str, Any]) -> GaussianMetODSPolicy:
        return GaussianMetODSPolicy(
            env_spec,
            n_neurons=settings['neurons'],
            n_inner_steps=settings['inner_steps'],
            normalize=None if settings['normalize'] == 'none' else settings['normalize'],
            cap=settings['cap'],
            alpha_scale=settings['alpha_scale'],
            init_std=settings['init_std'],
            normalize_observations=True,
            scale_rewards=True,
            device=options.device,
        )

    train_recurrent(options, benchmark_name, 'metods', make_policy, settings)
