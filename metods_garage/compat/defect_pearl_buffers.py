"""Snapshots of PEARL contain its replay buffers, and a replay buffer only what is in it.

PEARL drops its buffers from every snapshot and warms up again when it is resumed: 40,000 steps on
ML10 that no budget counts, and a run that goes on with other data than it stopped with. A buffer is
allocated for a million transitions at once; what is written is the filled part of it.
"""

from types import ModuleType
from typing import Any

from metods_garage.compat.adjustment import Adjustment, replace

import numpy as np

_BUFFERS = ('_replay_buffers', '_context_replay_buffers')


def _filled_part_only(module: ModuleType) -> None:
    def __getstate__(self: Any) -> dict[str, Any]:
        state = self.__dict__.copy()
        # rows are written from 0 upwards, and the count stops at the capacity: a prefix is filled
        filled = self._transitions_stored
        state['_buffer'] = {key: rows[:filled] for key, rows in self._buffer.items()}
        return state

    def __setstate__(self: Any, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._buffer = {
            key: _allocated(rows, self._capacity) for key, rows in state['_buffer'].items()
        }

    buffer = module.PathBuffer
    for needed in ('add_path', 'sample_transitions', 'clear'):
        getattr(buffer, needed)  # another PathBuffer may keep its rows in another way
    buffer.__getstate__, buffer.__setstate__ = __getstate__, __setstate__


def _allocated(rows: np.ndarray, capacity: int) -> np.ndarray:
    """`rows [M, D]` at the start of an array `[capacity, D]`."""
    whole = np.zeros((capacity, rows.shape[1]), rows.dtype)
    whole[: len(rows)] = rows
    return whole


def _pearl_buffers_in_snapshot(module: ModuleType) -> None:
    def __getstate__(self: Any) -> dict[str, Any]:
        state = without_buffers(self)
        state.update({name: getattr(self, name) for name in _BUFFERS})
        return state

    def __setstate__(self: Any, state: dict[str, Any]) -> None:
        restore(self, {name: value for name, value in state.items() if name not in _BUFFERS})
        if all(name in state for name in _BUFFERS):
            self.__dict__.update({name: state[name] for name in _BUFFERS})
            # True makes train() warm up, which is for buffers that have nothing in them
            self._is_resuming = not any(
                buffer.n_transitions_stored for buffer in self._replay_buffers.values()
            )

    without_buffers = replace(module.PEARL, '__getstate__', __getstate__)
    restore = replace(module.PEARL, '__setstate__', __setstate__)


ADJUSTMENTS = (
    Adjustment(
        name='path-buffer-filled-part',
        module='garage.replay_buffer.path_buffer',
        apply=_filled_part_only,
        reason='PathBuffer pickles its whole capacity, a million rows by default, however few of '
        'them are filled.',
        upstream_issue='https://github.com/rlworkgroup/garage/issues/1339',
    ),
    Adjustment(
        name='pearl-buffers-in-snapshot',
        module='garage.torch.algos.pearl',
        apply=_pearl_buffers_in_snapshot,
        reason='PEARL leaves its replay buffers out of snapshots, so that a resumed run warms up '
        'a second time and goes on with other data.',
        upstream_issue='https://github.com/rlworkgroup/garage/pull/1316',
    ),
)
