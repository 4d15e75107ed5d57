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

_SIGNATURE = mujoco.mjtState.mjSTATE_INTEGRATION
# fixed by the model file, and large
_NEVER_CHANGED = ('bvh_', 'flex', 'hfield_', 'mesh_', 'name', 'oct_', 'paths', 'skin_', 'tex')
# allocated anew in each step, so nothing can look into them for longer
_REALLOCATED = ('contact', 'efc_', 'iefc_', 'island_')


def simulation_state(env: Any) -> np.ndarray:
    """All that the next `mj_step` of `env` depends on: positions, velocities, mocap, ..."""
    state = np.empty(mujoco.mj_stateSize(env.model, _SIGNATURE))
    mujoco.mj_getState(env.model, env.data, state, _SIGNATURE)
    return state


def set_simulation_state(env: Any, state: np.ndarray) -> None:
    """Put what `simulation_state` returned into `env`, and compute what follows from it."""
    _put(env.model, env.data, state)


def stale_arrays(env: Any) -> dict[str, np.ndarray]:
    """The arrays of the data that are not what follows from the state.

    `mj_step` leaves the positions of bodies one substep behind, and some of gymnasium's
    environments read them before the next step.
    """
    recomputed = mujoco.MjData(env.model)
    _put(env.model, recomputed, simulation_state(env))
    return {
        name: value.copy()
        for name, value in _arrays(env.data, _REALLOCATED)
        if not np.array_equal(value, getattr(recomputed, name), equal_nan=True)
    }


def set_stale_arrays(env: Any, arrays: dict[str, np.ndarray]) -> None:
    """Put what `stale_arrays` returned into `env`, after its simulation state."""
    for name, value in arrays.items():
        getattr(env.data, name)[...] = value


def _put(model: Any, data: Any, state: np.ndarray) -> None:
    state = np.array(state)  # Ray's arrays are read-only, which MuJoCo refuses
    mujoco.mj_setState(model, data, state, _SIGNATURE)
    mujoco.mj_forward(model, data)
    # mj_forward leaves a warm start of its own for the constraint solver
    mujoco.mj_setState(model, data, state, _SIGNATURE)


@functools.cache
def _array_names(cls: Any, without: tuple[str, ...]) -> tuple[str, ...]:
    names = (name for name in dir(cls) if not name.startswith(('_', *without)))
    return tuple(name for name in names if isinstance(getattr(cls, name), property))


def _arrays(struct: Any, without: tuple[str, ...]) -> Iterable[tuple[str, np.ndarray]]:
    cls: Any = type(struct)
    for name in _array_names(cls, without):
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
