"""Where the compiled kernel is kept, and what is said where it can't be."""

import multiprocessing
import os
import resource
import subprocess
import sys
import threading
from pathlib import Path

from metods_garage.plasticity.kernel_cache import KernelCacheError

import numba
import numpy as np
import pytest
from numba.core.caching import IndexDataCacheFile


def test_where_nothing_can_be_kept_on_disk_the_error_says_what_to_do(tmp_path):
    script = (
        'import numba.core.caching as c\n'
        'c.CacheImpl._locator_classes = []\n'  # as where no folder can be written
        'import torch\n'
        'from metods_garage.plasticity import metods_unroll\n'
        'args = [torch.zeros(1, 2, 3), torch.zeros(1, 3, 3), torch.ones(1, 2), torch.ones(1, 2)]\n'
        'print(metods_unroll(*args, 0.1)[0].shape)\n'
        "metods_unroll(*args, 0.1, backend='fused')\n"
    )
    done = subprocess.run(
        [sys.executable, '-c', script],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
        env={**os.environ, 'OMP_NUM_THREADS': '1'},
    )
    assert 'torch.Size([1, 2, 3])' in done.stdout  # 'auto' goes another way
    assert "'checkpointed', several times slower" in done.stderr
    assert KernelCacheError.__name__ in done.stderr.splitlines()[-1]
    assert 'set NUMBA_CACHE_DIR to a folder that can be written' in done.stderr


def _halved(x):
    for k in range(x.shape[0]):
        x[k] *= x.dtype.type(0.5)


@pytest.fixture
def halved(tmp_path, monkeypatch):
    """A function compiled as the kernel's are, with a folder of its own to be kept in."""
    from metods_garage.plasticity.kernel.compiled import compiled

    monkeypatch.setattr(numba.config, 'CACHE_DIR', str(tmp_path))
    monkeypatch.setattr(_halved, '__qualname__', _halved.__qualname__)
    return compiled(_halved)


def in_processes(target, *arguments):
    """Call target(argument) in processes forked from this one, all at once."""
    fork = multiprocessing.get_context('fork')
    children = [fork.Process(target=target, args=(argument,)) for argument in arguments]
    for child in children:
        child.start()
    for child in children:
        child.join()
    return [child.exitcode for child in children]


def test_processes_that_compile_for_two_dtypes_at_once_keep_both(halved, monkeypatch):
    both = multiprocessing.get_context('fork').Barrier(2)
    save_index = IndexDataCacheFile._save_index

    def save_index_when_both_are_here(self, overloads):
        try:
            both.wait(timeout=2)  # in vain if one waits until the other is done
        except threading.BrokenBarrierError:
            pass
        save_index(self, overloads)

    with monkeypatch.context() as patch:
        patch.setattr(IndexDataCacheFile, '_save_index', save_index_when_both_are_here)
        assert in_processes(lambda dtype: halved(np.ones(3, dtype)), 'f4', 'f8') == [0, 0]
    for dtype in ('f4', 'f8'):
        x = np.ones(3, dtype)
        halved(x)
        np.testing.assert_array_equal(x, 0.5)
    assert not halved.stats.cache_misses


def test_a_full_disk_is_reported_as_such(halved):
    def fill_up(size):
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
        with pytest.raises(KernelCacheError, match='set NUMBA_CACHE_DIR to a folder'):
            halved(np.ones(3))

    assert in_processes(fill_up, 1000) == [0]
