#!/usr/bin/env python3
"""Train MetODS on the ant that runs in a direction of the plane.

python launchers/ant_dir_metods.py              # minutes
python launchers/ant_dir_metods.py --protocol paper --recipe paper --run-dir runs/ant-paper
"""

from typing import Any

from metods_garage.experiment import LaunchOptions, launch_options_on

import click
from metods_recipe import metods_options, train_metods


@click.command()
@launch_options_on('ant-dir')
@metods_options('ant-dir')
def ant_dir_metods(options: LaunchOptions, **settings: Any) -> None:
    """Train MetODS on the ant that runs in a direction of the plane."""
    train_metods(options, 'ant-dir', **settings)


if __name__ == '__main__':
    ant_dir_metods()
