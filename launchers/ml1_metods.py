#!/usr/bin/env python3
"""Train MetODS on one task of Meta-World's ML1.

python launchers/ml1_metods.py --task push-v3    # minutes
python launchers/ml1_metods.py --task push-v3 --protocol paper --run-dir runs/ml1-paper
"""

from typing import Any

from metods_garage.experiment import LaunchOptions, launch_options

import click
from metods_recipe import metods_options, train_metods


@click.command()
@launch_options
@click.option(
    '--task',
    default='push-v3',
    show_default=True,
    help='Task of ML1: reach-v3, push-v3, pick-place-v3, ...',
)
@metods_options('ml10')
def ml1_metods(options: LaunchOptions, task: str, **settings: Any) -> None:
    """Train MetODS on one task of Meta-World's ML1."""
    train_metods(options, f'ml1-{task}', **settings)


if __name__ == '__main__':
    ml1_metods()
