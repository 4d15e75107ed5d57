"""Copies of Meta-World environments that move like the original."""

from types import ModuleType
from typing import Any

from metods_garage.compat.adjustment import Adjustment

# rebuilt from the model file
_REBUILT = ('model', 'data', 'mujoco_renderer')


def keep_everything(sawyer_xyz_env: ModuleType) -> None:
    """Pickle Meta-World environments without MuJoCo's memory, and restore all of the rest."""
    cls = sawyer_xyz_env.SawyerXYZEnv
    setstate = cls.__setstate__

    def __getstate__(self: Any) -> dict[str, Any]:
        state = {k: v for k, v in self.__dict__.items() if k not in _REBUILT}
        return {'state': state, 'mjb': self.model_name, 'mocap': self.get_env_state()}

    def __setstate__(self: Any, state: dict[str, Any]) -> None:
        saved = dict(state['state'])
        setstate(self, state)
        self.__dict__.update(saved)
        self.reset_mocap_welds()
        self.init_left_pad = self.get_body_com('leftpad')
        self.init_right_pad = self.get_body_com('rightpad')

    cls.__getstate__, cls.__setstate__ = __getstate__, __setstate__


ADJUSTMENTS = (
    Adjustment(
        name='metaworld-copies',
        module='metaworld.sawyer_xyz_env',
        apply=keep_everything,
        reason='metaworld 3 unpickles and deep-copies environments without their mocap welds and '
        'action space, so copies move differently, and each pickle is 42 MB.',
    ),
)
