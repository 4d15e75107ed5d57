#!/usr/bin/env python3
"""Train a plain recurrent network: the MetODS recipe with an Elman network for the synapses.

python baselines/elman.py --benchmark harlow
python baselines/elman.py --benchmark ml10
"""

from typing import Any

from metods_garage.experiment import (
    LaunchOptions,
    launch_options_on,
    recurrent_options,
    train_recurrent,
)
from metods_garage.modules import ElmanCore
from metods_garage.policies import RecurrentPolicy, actor_critic_for

import click
from bundled import benchmark_option


@click.command()
@benchmark_option
@launch_options_on('{benchmark_name}')
@click.option(
    '--hidden-size',
    type=click.IntRange(min=1),
    default=400,
    show_default=True,
    help='Units of the network.',
)
@recurrent_options()
def elman(options: LaunchOptions, benchmark_name: str, **settings: Any) -> None:
    """Train a plain recurrent network with tanh units."""

    def make_policy(env_spec: Any, settings: dict[str, Any]) -> RecurrentPolicy:
        actor_critic = actor_critic_for(
            env_spec,
            ElmanCore(settings['hidden_size'], settings['hidden_size']),
            init_std=settings['init_std'],
            learn_std=settings['learn_std'],
            normalize_observations=settings['normalize_observations'],
        )
        return RecurrentPolicy(
            env_spec,
            actor_critic,
            scale_rewards=settings['scale_rewards'],
            device=options.device,
            name='ElmanPolicy',
        )

    train_recurrent(options, benchmark_name, 'elman', make_policy, settings)


if __name__ == '__main__':
    elman()
