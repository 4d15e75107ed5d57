"""Meta-reinforcement learning through self-modifying synapses (MetODS), on garage.

Importing this package makes garage 2021.3.0 run on current Python, NumPy, torch, gymnasium and
Meta-World (`metods_garage.compat`), so it comes before `import garage`. Nothing heavy is imported
here: the public names below are loaded when they are first asked for.
"""

import importlib
from typing import Any

from metods_garage.compat import activate

__version__ = '0.1.0'

_HOME_OF = {
    'GaussianMetODSPolicy': 'metods_garage.policies',
    'CategoricalMetODSPolicy': 'metods_garage.policies',
    'GaussianGRUPolicy': 'metods_garage.policies',
    'CategoricalGRUPolicy': 'metods_garage.policies',
    'MetODSValueFunction': 'metods_garage.value_functions',
    'RecurrentA2C': 'metods_garage.algos',
    'RecurrentPPO': 'metods_garage.algos',
    'metods_step': 'metods_garage.plasticity',
    'metods_unroll': 'metods_garage.plasticity',
}

__all__ = [
    'CategoricalGRUPolicy',
    'CategoricalMetODSPolicy',
    'GaussianGRUPolicy',
    'GaussianMetODSPolicy',
    'MetODSValueFunction',
    'RecurrentA2C',
    'RecurrentPPO',
    '__version__',
    'activate',
    'metods_step',
    'metods_unroll',
]

activate()


def __getattr__(name: str) -> Any:
    """Load a public name from the room that it lives in."""
    if name not in _HOME_OF:
        raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
    value = getattr(importlib.import_module(_HOME_OF[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """The public names, loaded or not."""
    return sorted(set(globals()) | set(__all__))
