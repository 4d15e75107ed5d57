"""What lets garage 2021.3.0 run on current Python, NumPy, torch, gymnasium and Meta-World.

Each adjustment is one small function with its reason beside it; `table.all_adjustments` lists
them. They are applied by `activate`, which `import metods_garage` calls, and only to modules that
are imported in a process that imported metods_garage.
"""

from metods_garage.compat.activation import activate
from metods_garage.compat.adjustment import Adjustment, MissingTarget
from metods_garage.compat.table import active_adjustments, all_adjustments

__all__ = ['Adjustment', 'MissingTarget', 'activate', 'active_adjustments', 'all_adjustments']
