#!/usr/bin/env python3
"""Train MetODS on the one-dimensional Harlow task.

python launchers/harlow_metods.py                                        # minutes
python launchers/harlow_metods.py --inner-steps 1 --run-dir runs/harlow-S1
python launchers/harlow_metods.py --protocol paper --recipe paper --run-dir runs/harlow-paper
"""

from typing import Any

from metods_garage.experiment import LaunchOptions, launch_options_on

import click
from metods_recipe import metods_options, train_metods


@click.command()
@launch_options_on('harlow')
@metods_options('harlow')
def harlow_metods(options: LaunchOptions, **settings: Any) -> None:
    """Train MetODS on the one-dimensional Harlow task."""
    train_metods(options, 'harlow', **settings)


if __name__ == '__main__':
    harlow_metods()
