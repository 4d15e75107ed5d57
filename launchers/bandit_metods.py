#!/usr/bin/env python3
"""Train MetODS on bandits.

python launchers/bandit_metods.py --benchmark bandit-10-5       # 10 pulls of 5 arms; minutes
python launchers/bandit_metods.py --benchmark restless --protocol paper --run-dir runs/restless
"""

from typing import Any

from metods_garage.envs import BENCHMARKS
from metods_garage.experiment import LaunchOptions, launch_options_on, task_family

import click
from metods_recipe import metods_options, train_metods


@click.command()
@click.option(
    '--benchmark',
    'benchmark_name',
    type=click.Choice([name for name in BENCHMARKS if task_family(name) == 'bandit']),
    default='bandit-10-5',
    show_default=True,
    help='bandit-<pulls>-<arms>, or restless: 100 pulls of 10 arms that are drawn anew.',
)
@launch_options_on('{benchmark_name}')
@metods_options()
def bandit_metods(options: LaunchOptions, benchmark_name: str, **settings: Any) -> None:
    """Train MetODS on bandits."""
    train_metods(options, benchmark_name, **settings)


if __name__ == '__main__':
    bandit_metods()
