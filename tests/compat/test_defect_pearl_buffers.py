import copy
import pickle

from metods_garage.compat import all_adjustments

import numpy as np
import pytest
from garage.replay_buffer import PathBuffer


def _path(length, start):
    steps = np.arange(start, start + length, dtype=float).reshape(-1, 1)
    return {'observations': np.repeat(steps, 3, axis=1), 'rewards': -steps}


def _filled(buffer_class=PathBuffer, capacity=100, paths=(7, 5)):
    buffer = buffer_class(capacity)
    for index, length in enumerate(paths):
        buffer.add_path(_path(length, 1000 * index))
    return buffer


def _same(buffer, other):
    assert buffer._path_segments == other._path_segments
    assert buffer._buffer.keys() == other._buffer.keys()
    for key, rows in buffer._buffer.items():
        assert rows.dtype == other._buffer[key].dtype
        np.testing.assert_array_equal(rows, other._buffer[key])
    buffer.add_path(_path(9, 5000))
    other.add_path(_path(9, 5000))
    np.random.seed(0)  # noqa: NPY002 - the generator that garage draws from
    batch = buffer.sample_transitions(50)
    np.random.seed(0)  # noqa: NPY002
    other_batch = other.sample_transitions(50)
    for key, rows in batch.items():
        np.testing.assert_array_equal(rows, other_batch[key])


@pytest.mark.parametrize('paths', [(), (7, 5), (60, 40), (60, 30, 25)])
def test_a_restored_buffer_goes_on_like_the_original(paths):
    buffer = _filled(paths=paths)
    _same(buffer, pickle.loads(pickle.dumps(buffer)))
    _same(buffer, copy.deepcopy(buffer))


@pytest.mark.parametrize('adjusted', [False, True])
def test_only_the_filled_part_of_a_buffer_is_written(as_released, adjusted):
    module = as_released('garage.replay_buffer.path_buffer')
    if adjusted:
        all_adjustments()['path-buffer-filled-part'].apply_to(module)
    buffer = _filled(module.PathBuffer, capacity=10_000)
    rows = buffer.__getstate__()['_buffer']['observations']
    assert len(rows) == (12 if adjusted else 10_000)


def _pearl_after_warm_up(module):
    algo = object.__new__(module.PEARL)
    algo._num_train_tasks, algo._replay_buffer_size = 2, 100
    algo._replay_buffers = {0: _filled(), 1: _filled(paths=(3,))}
    algo._context_replay_buffers = {0: _filled(paths=(4,)), 1: _filled()}
    algo._is_resuming = False
    return algo


@pytest.mark.parametrize('adjusted', [False, True])
def test_a_resumed_pearl_has_its_data_and_does_not_warm_up_again(as_released, adjusted):
    module = as_released('garage.torch.algos.pearl')
    if adjusted:
        all_adjustments()['pearl-buffers-in-snapshot'].apply_to(module)
    algo = _pearl_after_warm_up(module)
    restored = object.__new__(module.PEARL)
    restored.__setstate__(pickle.loads(pickle.dumps(algo.__getstate__())))

    assert restored._is_resuming is not adjusted  # True makes train() warm up
    assert restored._replay_buffers[0].n_transitions_stored == (12 if adjusted else 0)
    if adjusted:
        for task in (0, 1):
            _same(algo._replay_buffers[task], restored._replay_buffers[task])
            _same(algo._context_replay_buffers[task], restored._context_replay_buffers[task])


def test_a_snapshot_without_buffers_still_warms_up(as_released):
    old = _pearl_after_warm_up(as_released('garage.torch.algos.pearl')).__getstate__()
    module = as_released('garage.torch.algos.pearl')
    all_adjustments()['pearl-buffers-in-snapshot'].apply_to(module)
    restored = object.__new__(module.PEARL)
    restored.__setstate__(old)
    assert restored._is_resuming
    assert restored._replay_buffers[1].n_transitions_stored == 0


def test_a_snapshot_from_before_the_warm_up_warms_up(as_released):
    module = as_released('garage.torch.algos.pearl')
    all_adjustments()['pearl-buffers-in-snapshot'].apply_to(module)
    algo = _pearl_after_warm_up(module)
    for task in (0, 1):
        algo._replay_buffers[task].clear()
    restored = object.__new__(module.PEARL)
    restored.__setstate__(algo.__getstate__())
    assert restored._is_resuming
