"""Puts `old_gym`, gymnasium seen through the API of gym 0.17, in the place of gym."""

import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import sys
from collections.abc import Sequence
from types import ModuleType

from metods_garage.compat.adjustment import Adjustment

_STAND_IN = 'metods_garage.compat.old_gym'
# the same in both, and compared by `isinstance`, so they are gymnasium's own
_SAME_IN_GYMNASIUM = ('gym.spaces', 'gym.error')


def real_name(name: str) -> str:
    """The module that `import name` gives, for 'gym' and everything below it."""
    if name.startswith(_SAME_IN_GYMNASIUM):
        return 'gymnasium' + name[len('gym') :]
    return _STAND_IN + name[len('gym') :]


class _GymFinder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds every module of gym in the stand-in, under its own name there."""

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,
        target: ModuleType | None = None,
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname.split('.')[0] != 'gym':
            return None
        if importlib.util.find_spec(real_name(fullname)) is None:
            return None
        return importlib.machinery.ModuleSpec(fullname, self)

    def exec_module(self, module: ModuleType) -> None:
        # Python takes from sys.modules what a module put there in its own place
        name = module.__name__
        sys.modules[name] = importlib.import_module(real_name(name))


def stand_in_for_gym() -> None:
    """Have `import gym` give the stand-in.

    Raises:
        ImportError: If the real gym is already imported, for then others hold its classes.
    """
    gym = sys.modules.get('gym')
    if gym is not None and gym.__name__ != _STAND_IN:
        raise ImportError(
            f'gym {getattr(gym, "__version__", "")} was imported before metods_garage, which puts '
            'gymnasium in its place. Put `import metods_garage` above whatever imports gym or '
            'garage, at the top of the script.'
        )
    sys.meta_path.insert(0, _GymFinder())


ADJUSTMENTS = (
    Adjustment(
        name='gym',
        module='',
        apply=stand_in_for_gym,
        reason='garage and akro are written for gym 0.17; gym is abandoned and does not run on '
        'NumPy 2.',
        optional=False,
    ),
)
