"""A module in the place of `mujoco_py`, whose work the `mujoco` bindings do now."""

import importlib.util
import sys
from types import ModuleType

from metods_garage.compat.adjustment import Adjustment


def put_placeholder() -> None:
    """Let `import mujoco_py` succeed without mujoco_py, which no longer builds."""
    if importlib.util.find_spec('mujoco_py') is not None:
        return
    package = ModuleType('mujoco_py', 'Stands in for mujoco_py: nothing here draws or simulates.')
    package.__path__ = []
    viewer = ModuleType('mujoco_py.mjviewer', 'Stands in for mujoco_py.mjviewer.')
    # garage asks whether an environment's viewer is one of these before closing its window
    viewer.MjViewer = type('MjViewer', (), {})  # type: ignore[attr-defined]
    package.mjviewer = viewer  # type: ignore[attr-defined]
    # PixelObservationWrapper makes one before it draws; gymnasium's renderer makes its own
    package.GlfwContext = type(  # type: ignore[attr-defined]
        'GlfwContext', (), {'__init__': lambda self, offscreen=False: None}
    )
    sys.modules['mujoco_py'] = package
    sys.modules['mujoco_py.mjviewer'] = viewer


ADJUSTMENTS = (
    Adjustment(
        name='mujoco-py-placeholder',
        module='',
        apply=put_placeholder,
        reason='garage.envs.mujoco imports mujoco_py only to see whether it is installed.',
    ),
)
