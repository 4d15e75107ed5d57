"""Files that are either the old one or the new one, whatever happens in between."""

import contextlib
import os
import pathlib


def write_atomically(path: pathlib.Path, *parts: bytes) -> None:
    """Write a file beside its place, force it to the disk, and rename it.

    Args:
        path: The file.
        *parts: Its new content, one after another.

    Raises:
        OSError: If it can't be written; the old file is then untouched.

    """
    beside = path.with_name(path.name + '.tmp')
    try:
        with open(beside, 'wb') as file:
            for part in parts:
                file.write(part)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    except BaseException:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise
    _force_directory(path.parent)


def _force_directory(folder: pathlib.Path) -> None:
    # The rename itself is only on the disk once the directory is; not every system can do that.
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
