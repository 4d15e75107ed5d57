"""How the kernel is compiled: without Python's lock, once, and kept on disk."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from metods_garage.plasticity.kernel.simd import lanes_of, tile_width
from metods_garage.plasticity.kernel_cache import KernelCacheError, alone_in

import numba
from numba import types

# Sums may be taken in any order, or they can't use vector instructions. NaN and infinity keep
# their meaning: they have to come through to where training looks for them.
_FASTMATH = {'reassoc', 'contract', 'nsz'}


def compiled(function: Callable[..., Any], *, inline: bool = False) -> Any:
    """Compile a function when it is first called with given types.

    Args:
        function: What numba is to compile.
        inline: Always put it into its callers: a call costs as much as work on a hundred numbers.

    Raises:
        KernelCacheError: If there is no folder to keep the machine code in; when the function is
            first called, if there is no room in it.
    """
    # numba looks at a function's own file alone to see whether what it has kept is out of date
    folder = Path(function.__code__.co_filename).parent
    function.__qualname__ = f'{function.__name__}_{_sources_digest(folder)}'
    options: dict[str, Any] = {
        'nogil': True,
        'cache': True,
        'forceinline': inline,
        # counting references to views of rows took a quarter of the time
        '_nrt': False,
        'fastmath': _FASTMATH,
        'error_model': 'numpy',
    }
    try:
        dispatcher: Any = numba.njit(function, **options)
    except RuntimeError as error:  # numba finds no folder
        raise KernelCacheError(error) from error
    if dispatcher is not function:  # as it is with NUMBA_DISABLE_JIT
        _keep_alone(dispatcher._cache)
    return dispatcher


def inlined(function: Callable[..., Any]) -> Any:
    """`compiled` into the callers."""
    return compiled(function, inline=True)


def _keep_alone(cache: Any) -> None:
    """Let one process at a time keep machine code.

    numba keeps a function's code for each dtype in files that it numbers. Two processes that
    compile for different dtypes at once would use one number for both, and every later process
    would be given the one for the other.
    """
    save = cache.save_overload

    def save_alone(*args: Any) -> None:
        try:
            with alone_in(Path(cache.cache_path)):
                save(*args)
        except OSError as error:
            raise KernelCacheError(error) from error

    cache.save_overload = save_alone


@functools.cache
def _sources_digest(folder: Path) -> str:
    """A digest of all files of kernels, and of how wide their vectors and tiles are.

    Files of kernels are those of this folder, and those of another one that are named so.

    numba tells machine code apart by the processor that it was asked to compile for, which
    NUMBA_CPU_NAME may say is another than this one.
    """
    digest = hashlib.sha256(repr((lanes_of(types.float64), tile_width(1))).encode())
    for path in sorted({*Path(__file__).parent.glob('*.py'), *folder.glob('*_kernel.py')}):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
