"""Switches the adjustments on, once per process, before garage is imported."""

import importlib.util
import sys

from metods_garage.compat.adjustment import Adjustment
from metods_garage.compat.import_hook import AdjustingFinder
from metods_garage.compat.table import active_adjustments

_GARAGE_VERSION = '2021.3.0'


def activate() -> None:
    """Adjust what is imported and will be imported; a second call changes nothing.

    Raises:
        ImportError: If garage is not installed, or the abandoned gym was imported before.
        ValueError: If `METODS_GARAGE_DISABLE` names something that can't be switched off.
        MissingTarget: If a module that is already imported is not the one that was expected.
    """
    if any(isinstance(finder, AdjustingFinder) for finder in sys.meta_path):
        return
    _require_garage()
    adjustments = active_adjustments()
    for adjustment in adjustments:
        if not adjustment.module:
            adjustment.apply()
    finder = AdjustingFinder(row for row in adjustments if row.module)
    sys.meta_path.insert(0, finder)
    finder.adjust_already_imported()


def adjust_too(*adjustments: Adjustment) -> None:
    """Apply adjustments that are not in the table, for this process only.

    Args:
        adjustments: They wait for their modules as those of the table do.
    """
    for finder in sys.meta_path:
        if isinstance(finder, AdjustingFinder):
            finder.wait_for(adjustments)
    for adjustment in adjustments:
        if adjustment.module in sys.modules:
            adjustment.apply_to(sys.modules[adjustment.module])


def _require_garage() -> None:
    if importlib.util.find_spec('garage') is None:
        raise ImportError(
            'metods_garage needs garage, which pip must not resolve by itself because its '
            'requirements (torch < 1.8, ...) are from 2021. Run:\n'
            f'    pip install --no-deps garage=={_GARAGE_VERSION}\n'
            '    pip install metods_garage'
        )
