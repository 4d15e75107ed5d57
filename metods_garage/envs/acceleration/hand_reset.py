"""The start of an episode without simulating the hand's way there each time.

Meta-World brings the hand to its first position by 50 control steps of physics, twice in each
`reset`: it resets the environment, then MuJoCo's state, then the environment again. Of the first
time nothing stays but the random numbers that were drawn and the new places of fixed bodies and
sites, for which one control step is enough. The second time starts from MuJoCo's initial state, so
it ends the same as before while the model is the same, as in all episodes of a trial.
"""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import mujoco
import numpy as np

# All that the next step of physics depends on, apart from the model.
_STATE = mujoco.mjtState.mjSTATE_INTEGRATION

# Fixed by the model's file, and large.
_NEVER_CHANGED = ('bvh_', 'flex', 'hfield_', 'mesh_', 'name', 'oct_', 'paths', 'skin_', 'tex')


class HandReset:
    """Remembers where the last simulation of the hand's way led, and from what.

    Args:
        model: The environment's model.
    """

    def __init__(self, model: mujoco.MjModel):
        self._model = model
        self._arrays = list(_arrays(model))
        self._start: Any = None
        self._before_last_step = np.empty(mujoco.mj_stateSize(model, _STATE))
        self._outcome_is_discarded = False

    @contextlib.contextmanager
    def outcome_is_discarded(self) -> Iterator[None]:
        """Within, the hand takes one control step of its way only."""
        self._outcome_is_discarded = True
        try:
            yield
        finally:
            self._outcome_is_discarded = False

    def simulate(self, env: Any, steps: int, simulate: Callable[[int], None]) -> None:
        """Bring the hand to where `simulate(steps)` would bring it.

        The last step is always simulated, so that everything that MuJoCo computes in a step is what
        it would be.

        Args:
            env: The environment.
            steps: Control steps of the whole way.
            simulate: Simulates some control steps of it.
        """
        if self._outcome_is_discarded:
            simulate(min(steps, 1))
            return
        if steps > 1 and env.data.time == 0:  # as mj_resetData leaves it
            start = (
                *(steps, env.frame_skip, np.asarray(env.hand_init_pos).tobytes()),
                *(self._state(env.data).tobytes(), *self._model_content()),
            )
            if start == self._start:
                mujoco.mj_setState(env.model, env.data, self._before_last_step, _STATE)
            else:
                simulate(steps - 1)
                self._start, self._before_last_step = start, self._state(env.data)
            steps = 1
        simulate(steps)

    def _state(self, data: mujoco.MjData) -> np.ndarray:
        state = np.empty(self._before_last_step.size)
        mujoco.mj_getState(self._model, data, state, _STATE)
        return state

    def _model_content(self) -> Iterator[Any]:
        """What the physics reads of the model."""
        yield from (array.tobytes() for array in self._arrays)
        for struct in (self._model.opt, self._model.stat):
            for value in _fields(struct):
                yield value.tobytes() if isinstance(value, np.ndarray) else value


def _arrays(model: mujoco.MjModel) -> Iterator[np.ndarray]:
    left_out = _NEVER_CHANGED if _reads_sites(model) else (*_NEVER_CHANGED, 'site_')
    for name in dir(model):
        if not name.startswith(('_', *left_out)):
            value = getattr(model, name)
            if isinstance(value, np.ndarray) and value.size:
                yield value


def _reads_sites(model: mujoco.MjModel) -> bool:
    """Whether the physics depends on the places of sites; Meta-World marks goals with them."""
    in_equality = mujoco.mjtObj.mjOBJ_SITE in model.eq_objtype
    in_actuator = mujoco.mjtTrn.mjTRN_SITE in model.actuator_trntype
    return bool(model.ntendon or model.nsensor or in_equality or in_actuator)


def _fields(struct: Any) -> Iterator[Any]:
    for name in dir(struct):
        if not name.startswith('_'):
            value = getattr(struct, name)
            if isinstance(value, (int, float, np.ndarray)):
                yield value
