"""What of a MuJoCo simulation a copy needs, in a few kilobytes instead of MuJoCo's 40 MB.

A copy loads the model file again. What it lacks then is the state of the simulation, the changes
that were made to the model after loading, and the Python attributes that look into MuJoCo's memory.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Any

import mujoco
import numpy as np

_STATE = 'mjSTATE_INTEGRATION'
_SIGNATURE = mujoco.mjtState.mjSTATE_INTEGRATION
# fixed by the model file, and large
_NEVER_CHANGED = ('bvh_', 'flex', 'hfield_', 'mesh_', 'name', 'oct_', 'paths', 'skin_', 'tex')
# allocated anew in each step, so nothing can look into them for longer
_REALLOCATED = ('contact', 'efc_', 'iefc_', 'island_')


def simulation_state(env: Any) -> dict[str, np.ndarray]:
    """The state of `env`'s simulation.

    Returns:
        What the next `mj_step` depends on (positions, velocities, controls, mocap, ...), and the
        other arrays of the data where they are not what follows from it: `mj_step` leaves the
        positions of bodies one substep behind, and some environments read them.
    """
    state = {_STATE: _what_the_next_step_depends_on(env.model, env.data)}
    recomputed = mujoco.MjData(env.model)
    _put(env.model, recomputed, state[_STATE])
    for name, value in _arrays(env.data, _REALLOCATED):
        if not np.array_equal(value, getattr(recomputed, name), equal_nan=True):
            state[name] = value.copy()
    return state


def set_simulation_state(env: Any, state: dict[str, np.ndarray]) -> None:
    """Put what `simulation_state` returned into `env`, which has the same model."""
    _put(env.model, env.data, state[_STATE])
    for name, value in state.items():
        if name != _STATE:
            getattr(env.data, name)[...] = value


def _what_the_next_step_depends_on(model: Any, data: Any) -> np.ndarray:
    state = np.empty(mujoco.mj_stateSize(model, _SIGNATURE))
    mujoco.mj_getState(model, data, state, _SIGNATURE)
    return state


def _put(model: Any, data: Any, state: np.ndarray) -> None:
    mujoco.mj_setState(model, data, state, _SIGNATURE)
    mujoco.mj_forward(model, data)
    # mj_forward leaves a warm start of its own for the constraint solver
    mujoco.mj_setState(model, data, state, _SIGNATURE)


@functools.cache
def _array_names(struct: type, without: tuple[str, ...]) -> tuple[str, ...]:
    names = (name for name in dir(struct) if not name.startswith(('_', *without)))
    return tuple(name for name in names if isinstance(getattr(struct, name), property))


def _arrays(struct: Any, without: tuple[str, ...]) -> Iterable[tuple[str, np.ndarray]]:
    for name in _array_names(type(struct), without):
        value = getattr(struct, name)
        if isinstance(value, np.ndarray) and value.size:
            yield name, value


def model_arrays(model: Any) -> dict[str, np.ndarray]:
    """Copies of the arrays of `model` that a task may change (positions of bodies, welds, ...)."""
    return {name: value.copy() for name, value in _arrays(model, _NEVER_CHANGED)}


def model_changes(model: Any, as_loaded: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The arrays of `model` that differ from `as_loaded`."""
    now = _arrays(model, _NEVER_CHANGED)
    return {name: value.copy() for name, value in now if not np.array_equal(value, as_loaded[name])}


def change_model(model: Any, changes: dict[str, np.ndarray]) -> None:
    """Make the changes that `model_changes` found."""
    for name, value in changes.items():
        getattr(model, name)[...] = value


def views_into(struct: Any, attributes: dict[str, Any]) -> dict[str, tuple[Any, ...]]:
    """Which of `attributes` look into an array of `struct`, and where.

    Args:
        struct: An MjData or MjModel.
        attributes: Attributes of an environment by name.

    Returns:
        For each such attribute the name of the array, the offset in bytes, shape and strides.
    """
    found = {}
    arrays = None
    for name, value in attributes.items():
        if isinstance(value, np.ndarray) and value.base is not None:
            arrays = arrays or list(_arrays(struct, _REALLOCATED))
            for field, array in arrays:
                offset = _address(value) - _address(array)
                if 0 <= offset < array.nbytes:
                    found[name] = (field, offset, value.shape, value.strides)
    return found


def look_into(struct: Any, view: tuple[Any, ...]) -> np.ndarray:
    """The array that `views_into` found, in another `struct` of the same model."""
    field, offset, shape, strides = view
    array = getattr(struct, field)
    return np.ndarray(shape, array.dtype, buffer=array, offset=offset, strides=strides)


def _address(array: np.ndarray) -> int:
    return array.__array_interface__['data'][0]
