#!/usr/bin/env python3
"""Train RL2 in torch under a protocol: the MetODS recipe with a GRU in the place of the synapses.

Algorithm, settings, embedding, heads and sampling are those of the launchers of MetODS, so that
only the recurrent cell differs.

    python baselines/rl2_torch.py --benchmark ml10                              # minutes
    python baselines/rl2_torch.py --benchmark ml1-push-v3 --protocol paper      # 10 M steps
    python baselines/rl2_torch.py --benchmark harlow --hidden-size 64           # minutes
"""

from typing import Any

from metods_garage.experiment import (
    LaunchOptions,
    launch_options_on,
    recurrent_options,
    train_recurrent,
)
from metods_garage.policies import CategoricalGRUPolicy, GaussianGRUPolicy, RecurrentPolicy

import akro
import click
from bundled import benchmark_option


@click.command()
@benchmark_option
@launch_options_on('{benchmark_name}')
@click.option(
    '--hidden-size',
    type=click.IntRange(min=1),
    default=256,
    show_default=True,
    help='Units of the GRU.',
)
@recurrent_options()
def rl2_torch(options: LaunchOptions, benchmark_name: str, **settings: Any) -> None:
    """Train RL2 in torch: the MetODS recipe with a GRU in the place of the synapses."""

    def make_policy(env_spec: Any, settings: dict[str, Any]) -> RecurrentPolicy:
        shared = {
            'hidden_size': settings['hidden_size'],
            'normalize_observations': settings['normalize_observations'],
            'scale_rewards': settings['scale_rewards'],
            'device': options.device,
        }
        if isinstance(env_spec.action_space, akro.Discrete):
            return CategoricalGRUPolicy(env_spec, **shared)
        return GaussianGRUPolicy(
            env_spec, init_std=settings['init_std'], learn_std=settings['learn_std'], **shared
        )

    train_recurrent(options, benchmark_name, 'rl2_torch', make_policy, settings)


if __name__ == '__main__':
    rl2_torch()
