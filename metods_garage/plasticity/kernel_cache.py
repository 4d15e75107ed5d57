"""The folder that the compiled kernel is kept in, as far as numba does not see to it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path


class KernelCacheError(RuntimeError):
    """The compiled kernel can't be kept on disk."""

    def __init__(self, reason: object) -> None:
        super().__init__(
            'the compiled kernel can be kept neither beside its source nor in your cache folder '
            f'({reason}); set NUMBA_CACHE_DIR to a folder that can be written and has some MB '
            "left, or choose backend='checkpointed' where that is an option"
        )


@contextlib.contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Wait until no other process is in this block for the same folder.

    Where there can be no such lock, nobody waits.

    Args:
        folder: Where the lock's file is put.
    """
    try:
        import fcntl

        file = (folder / 'kernel.lock').open('w')
    except (ImportError, OSError):  # Windows; or the file is another user's
        yield
        return
    with file:
        with contextlib.suppress(OSError):  # a network's file system without locks
            fcntl.flock(file, fcntl.LOCK_EX)
        try:
            yield
        finally:
            # closing would not do if the process was forked meanwhile
            with contextlib.suppress(OSError):
                fcntl.flock(file, fcntl.LOCK_UN)
