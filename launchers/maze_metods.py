#!/usr/bin/env python3
"""Train MetODS in mazes with an invisible target.

python launchers/maze_metods.py --size 8                        # minutes
python launchers/maze_metods.py --size 12 --protocol paper --recipe paper --run-dir runs/maze-paper
"""

from typing import Any

from metods_garage.experiment import LaunchOptions, launch_options_on

import click
from metods_recipe import metods_options, train_metods


@click.command()
@click.option(
    '--size',
    type=click.Choice(['6', '8', '10', '12', '14']),
    default='8',
    show_default=True,
    help='Size of the mazes, their border counted.',
)
@launch_options_on('maze-{size}')
@metods_options('maze-8')
def maze_metods(options: LaunchOptions, size: str, **settings: Any) -> None:
    """Train MetODS in mazes with an invisible target."""
    train_metods(options, f'maze-{size}', **settings)


if __name__ == '__main__':
    maze_metods()
