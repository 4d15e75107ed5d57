#!/usr/bin/env python3
"""Train MetODS on Meta-World's ML10.

python launchers/ml10_metods.py                        # a quick look: minutes
python launchers/ml10_metods.py --protocol paper --run-dir runs/ml10-paper    # 10 M steps
"""

from typing import Any

from metods_garage.experiment import LaunchOptions, launch_options
from metods_garage.experiment.configuration import interpreter

import click
from metods_recipe import metods_options, train_metods


@click.command()
@launch_options
@metods_options('ml10')
def ml10_metods(options: LaunchOptions, **settings: Any) -> None:
    """Train MetODS on Meta-World's ML10."""
    train_metods(options, 'ml10', **settings)
    if options.protocol.name != 'paper':
        click.echo(
            "\nfor the paper's 10 M steps:\n"
            f'  {interpreter()} launchers/ml10_metods.py --protocol paper --run-dir runs/ml10-paper'
        )


if __name__ == '__main__':
    ml10_metods()
