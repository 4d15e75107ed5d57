"""The table of all adjustments, and which of them the user has switched off.

A file of this package that exports `ADJUSTMENTS` and is named in `_FILES`, or whose name starts
with `defect_`, has its adjustments in the table.
"""

import importlib
import os
import pkgutil
from pathlib import Path

from metods_garage.compat.adjustment import DISABLE_VARIABLE, Adjustment

_FILES = (
    'numpy_names',
    'tensorflow_optional',
    'gym_stand_in',
    'mujoco_py_placeholder',
    'akro_spaces',
    'garage_numpy',
    'garage_envs',
    'garage_samplers',
    'garage_torch',
    'garage_tf',
    'ray_workers',
    'ray_local_mode',
    'metaworld_names',
    'metaworld_copies',
)


def all_adjustments() -> dict[str, Adjustment]:
    """Every adjustment by its name, in the order in which they are applied.

    Raises:
        ValueError: If two adjustments have the same name.
    """
    table: dict[str, Adjustment] = {}
    for file in (*_FILES, *_defect_files()):
        for adjustment in importlib.import_module(f'metods_garage.compat.{file}').ADJUSTMENTS:
            if adjustment.name in table:
                raise ValueError(f'two adjustments are called {adjustment.name!r}')
            table[adjustment.name] = adjustment
    return table


def _defect_files() -> list[str]:
    here = str(Path(__file__).parent)
    names = (module.name for module in pkgutil.iter_modules([here]))
    return sorted(name for name in names if name.startswith('defect_'))


def disabled_names(table: dict[str, Adjustment]) -> frozenset[str]:
    """The names in `METODS_GARAGE_DISABLE`, which Ray workers and child processes inherit.

    Raises:
        ValueError: If one of them is no adjustment, or one that garage can't do without.
    """
    listed = os.environ.get(DISABLE_VARIABLE, '').split(',')
    names = frozenset(name.strip() for name in listed if name.strip())
    choices = sorted(name for name, adjustment in table.items() if adjustment.optional)
    for name in sorted(names):
        if name not in choices:
            what = 'cannot be switched off' if name in table else 'is no adjustment'
            raise ValueError(
                f'{DISABLE_VARIABLE} names {name!r}, which {what}; choices: {", ".join(choices)}'
            )
    return names


def active_adjustments() -> tuple[Adjustment, ...]:
    """The adjustments that are not switched off, in the order in which they are applied."""
    table = all_adjustments()
    disabled = disabled_names(table)
    return tuple(row for name, row in table.items() if name not in disabled)
