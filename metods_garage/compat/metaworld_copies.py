"""Copies of Meta-World environments that move like the original.

metaworld 3 pickles an environment as its attributes, with MuJoCo's 42 MB, and loads the model
again in the copy, after which the welds of the mocap body, the action space, the bodies that the
task moved and the views of the fingers are not those of the original. Here a copy is the model
file loaded again, plus all of that and the state of the simulation: about 8 KB.
"""

from types import ModuleType
from typing import Any

from metods_garage.compat.adjustment import Adjustment, replace

_REBUILT = ('model', 'data', 'mujoco_renderer')


def keep_everything(sawyer_xyz_env: ModuleType) -> None:
    """Have every Meta-World environment pickled and deep-copied without loss."""
    base = sawyer_xyz_env.SawyerMocapBase
    _remember_models_as_loaded(base)
    replace(base, '__getstate__', _getstate)
    replace(base, '__setstate__', _setstate)
    # EzPickle, a base of SawyerXYZEnv, must not have the last word
    if sawyer_xyz_env.SawyerXYZEnv.__getstate__ is not _getstate:
        raise AttributeError('SawyerXYZEnv.__getstate__ is not inherited from SawyerMocapBase')


def _remember_models_as_loaded(base: Any) -> None:
    from metods_garage.compat.mujoco_state import model_arrays

    initialize = base._initialize_simulation
    as_loaded: dict[str, Any] = {}

    def _initialize_simulation(self: Any) -> tuple[Any, Any]:
        model, data = initialize(self)
        if self.fullpath not in as_loaded:
            as_loaded[self.fullpath] = model_arrays(model)
        return model, data

    base._initialize_simulation = _initialize_simulation
    base._models_as_loaded = as_loaded


def _getstate(self: Any) -> dict[str, Any]:
    """The attributes, and what a newly loaded model lacks."""
    from metods_garage.compat import mujoco_state

    attributes = {key: value for key, value in vars(self).items() if key not in _REBUILT}
    views = {
        struct: mujoco_state.views_into(getattr(self, struct), attributes)
        for struct in ('data', 'model')
    }
    looking = {name for found in views.values() for name in found}
    return {
        'attributes': {k: v for k, v in attributes.items() if k not in looking},
        'views': views,
        'simulation': mujoco_state.simulation_state(self),
        'model_changes': mujoco_state.model_changes(
            self.model, self._models_as_loaded[self.fullpath]
        ),
    }


def _setstate(self: Any, state: dict[str, Any]) -> None:
    """Load the model again and make it what it was."""
    from metods_garage.compat import mujoco_state

    from gymnasium.envs.mujoco import MujocoEnv

    attributes = {name: _writable(value) for name, value in state['attributes'].items()}
    vars(self).update(attributes)
    constructor = ('frame_skip', 'render_mode', 'width', 'height', 'camera_id', 'camera_name')
    MujocoEnv.__init__(
        self,
        self.model_name,
        observation_space=None,
        **{name: attributes[name] for name in constructor},
    )
    vars(self).update(attributes)  # the constructor chose an action space of its own
    mujoco_state.change_model(self.model, state['model_changes'])
    mujoco_state.set_simulation_state(self, state['simulation'])
    for struct, views in state['views'].items():
        for name, view in views.items():
            setattr(self, name, mujoco_state.look_into(getattr(self, struct), view))


def _writable(value: Any) -> Any:
    import numpy as np

    read_only = isinstance(value, np.ndarray) and not value.flags.writeable  # as Ray gives them
    return value.copy() if read_only else value


ADJUSTMENTS = (
    Adjustment(
        name='metaworld-copies',
        module='metaworld.sawyer_xyz_env',
        apply=keep_everything,
        reason='metaworld 3 unpickles and deep-copies environments without their mocap welds and '
        'action space, so copies move differently, in silence; and each pickle is 42 MB.',
    ),
)
