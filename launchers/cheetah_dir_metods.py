#!/usr/bin/env python3
"""Train MetODS on the half-cheetah that runs forward or backward.

python launchers/cheetah_dir_metods.py              # minutes
python launchers/cheetah_dir_metods.py --protocol paper --recipe paper --run-dir runs/cheetah-paper
"""

from typing import Any

from metods_garage.experiment import LaunchOptions, launch_options_on

import click
from metods_recipe import metods_options, train_metods


@click.command()
@launch_options_on('cheetah-dir')
@metods_options('cheetah-dir')
def cheetah_dir_metods(options: LaunchOptions, **settings: Any) -> None:
    """Train MetODS on the half-cheetah that runs forward or backward."""
    train_metods(options, 'cheetah-dir', **settings)


if __name__ == '__main__':
    cheetah_dir_metods()
