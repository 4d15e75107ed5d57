"""The windows into MuJoCo's memory that each step looks through."""

from typing import Any

import mujoco
import numpy as np


class StepViews:
    """Positions, commands and bounds of one simulation, at hand.

    Most are memoryviews: a few numbers are read and written through them in a quarter of the time
    that it takes through an array.

    Args:
        data: The simulation. The views keep it alive, so it must not own them.

    Attributes:
        hand: Position of the hand, [3].
        right_claw, left_claw: Positions of the claws, arrays [3].
        right_finger, left_finger: Positions of the fingertips, [3].
        right_pad, left_pad: Positions of the finger pads, [3].
        right_pad_geom, left_pad_geom: Numbers of their geoms.
        mocap_pos, mocap_quat: Position [3] and orientation [4] of the body that pulls the hand.
        ctrl: Commands to the two fingers, [2].
        float32: Scratch, float32 [4].
        vector, pair: Scratch, arrays [3] and [2].
        vector_numbers, pair_numbers: Windows into these.
    """

    __slots__ = (
        *('_geom_margin', '_geom_pos', '_geom_radius', 'ctrl', 'float32', 'hand', 'left_claw'),
        *('left_finger', 'left_pad', 'left_pad_geom', 'mocap_pos', 'mocap_quat', 'pair'),
        *('pair_numbers', 'right_claw', 'right_finger', 'right_pad', 'right_pad_geom', 'vector'),
        'vector_numbers',
    )

    def __init__(self, data: mujoco.MjData):
        self.hand = _window(data.body('hand').xpos)
        self.right_claw = data.body('rightclaw').xpos
        self.left_claw = data.body('leftclaw').xpos
        self.right_finger = _window(data.site('rightEndEffector').xpos)
        self.left_finger = _window(data.site('leftEndEffector').xpos)
        self.right_pad = _window(data.body('rightpad').xpos)
        self.left_pad = _window(data.body('leftpad').xpos)
        self.right_pad_geom = data.geom('rightpad_geom').id
        self.left_pad_geom = data.geom('leftpad_geom').id
        self.mocap_pos = _window(data.mocap_pos[0])
        self.mocap_quat = _window(data.mocap_quat[0])
        self.ctrl = _window(data.ctrl)
        self._geom_pos = _window(data.geom_xpos)
        self._geom_radius = _window(data.model.geom_rbound)
        self._geom_margin = _window(data.model.geom_margin)
        self.float32 = _window(np.zeros(4, dtype=np.float32))
        self.vector = np.zeros(3)
        self.vector_numbers = _window(self.vector)
        self.pair = np.zeros(2)
        self.pair_numbers = _window(self.pair)

    def apart(self, geom: int, other: int) -> bool:
        """Whether the bounding spheres of two geoms rule out a contact between them."""
        radius, other_radius = self._geom_radius[geom], self._geom_radius[other]
        if radius <= 0 or other_radius <= 0:  # a plane has no bounds
            return False
        pos = self._geom_pos
        x = pos[geom, 0] - pos[other, 0]
        y = pos[geom, 1] - pos[other, 1]
        z = pos[geom, 2] - pos[other, 2]
        reach = radius + other_radius + self._geom_margin[geom] + self._geom_margin[other] + 1e-6
        return bool(x * x + y * y + z * z > reach * reach)


def _window(array: Any) -> Any:
    return memoryview(array)
