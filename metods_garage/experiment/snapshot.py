"""Snapshots that are whole or refused by name."""

import contextlib
import hashlib
import json
import pathlib
import sys
from collections.abc import Iterator
from typing import Any

from metods_garage.experiment.atomic_file import write_atomically

import click
import cloudpickle

_MAGIC = b'METODS-GARAGE-SNAPSHOT'
FORMAT_VERSION = 1
_LONGEST_LINE = 4096  # a file of another kind may have no line at all


class SnapshotRefused(click.ClickException):
    """A snapshot that can't be used, and why."""

    exit_code = 2

    def __init__(self, path: pathlib.Path, reason: str) -> None:
        super().__init__(f'the snapshot {path} is refused: {reason}')


def write_snapshot(path: pathlib.Path, content: dict[str, Any], *, configuration: str) -> None:
    """Write a snapshot in one piece.

    The file is a line that names it, a line of JSON (format version, digest of the run's
    configuration, length and SHA-256 of what follows), and the pickled content.

    Args:
        path: The file.
        content: Anything that cloudpickle takes.
        configuration: Digest of the run's configuration.

    Raises:
        OSError: If it can't be written; the snapshot before it is then untouched.

    """
    with _beside_the_script_by_value():
        payload = cloudpickle.dumps(content)
    header = {
        'format': FORMAT_VERSION,
        'configuration': configuration,
        'bytes': len(payload),
        'sha256': hashlib.sha256(payload).hexdigest(),
    }
    line = json.dumps(header, sort_keys=True).encode()
    # Parts, as a payload of gigabytes is not to be copied once more.
    write_atomically(path, _MAGIC + b'\n' + line + b'\n', payload)


@contextlib.contextmanager
def _beside_the_script_by_value() -> Iterator[None]:
    """Have what modules beside the running script define written as what the script defines is.

    Only the script itself finds these modules: a snapshot that names them could be resumed by it,
    but not be evaluated by anything else.
    """
    script = getattr(sys.modules.get('__main__'), '__file__', None)
    if script is None:
        yield
        return
    folder, found = pathlib.Path(script).resolve().parent, []
    for name, module in list(sys.modules.items()):
        file = getattr(module, '__file__', None)
        if file and '.' not in name and name != '__main__':
            if pathlib.Path(file).resolve().parent == folder:
                cloudpickle.register_pickle_by_value(module)
                found.append(module)
    try:
        yield
    finally:
        for module in found:
            cloudpickle.unregister_pickle_by_value(module)


def read_snapshot(path: pathlib.Path, *, configuration: str | None = None) -> dict[str, Any]:
    """Read a snapshot, or say why not.

    Args:
        path: The file.
        configuration: Digest of the configuration that it must be of; None takes any.

    Returns:
        The content.

    Raises:
        SnapshotRefused: If the file is missing, no snapshot, of another format, of another
            configuration, cut short or damaged, or if its content can't be rebuilt here.

    """
    header, payload = _read_parts(path)
    if header.get('format') != FORMAT_VERSION:
        raise SnapshotRefused(
            path,
            f'it has format {header.get("format")}, this version reads format {FORMAT_VERSION}',
        )
    if configuration is not None and header.get('configuration') != configuration:
        raise SnapshotRefused(
            path,
            f'it belongs to another configuration (digest {str(header.get("configuration"))[:12]} '
            f'instead of {configuration[:12]}); use the options of that run, or another --run-dir',
        )
    _check_payload(path, header, payload)
    try:
        return cloudpickle.loads(payload)
    except Exception as error:  # whatever the constructors of what is in it raise
        reason = f'{type(error).__name__}: {str(error).partition(chr(10))[0]}'
        raise SnapshotRefused(
            path, f'it is whole, but its content can not be rebuilt in this environment ({reason})'
        ) from error


def _read_parts(path: pathlib.Path) -> tuple[dict[str, Any], bytes]:
    try:
        with open(path, 'rb') as file:
            magic, line = file.readline(_LONGEST_LINE), file.readline(_LONGEST_LINE)
            payload = file.read()
    except OSError as error:
        raise SnapshotRefused(path, f'it can not be read ({error.strerror})') from None
    if magic != _MAGIC + b'\n':
        raise SnapshotRefused(path, 'it is not a snapshot of this package, or its start is damaged')
    try:
        header = json.loads(line)
    except ValueError:
        header = None
    if not isinstance(header, dict):
        raise SnapshotRefused(path, 'its header is damaged')
    return header, payload


def _check_payload(path: pathlib.Path, header: dict[str, Any], payload: bytes) -> None:
    length = header.get('bytes')
    if not isinstance(length, int) or not isinstance(header.get('sha256'), str):
        raise SnapshotRefused(path, 'its header is damaged')
    if len(payload) < length:
        raise SnapshotRefused(
            path, f'it is cut short: {len(payload):,} of {length:,} bytes are there'
        )
    if len(payload) > length or hashlib.sha256(payload).hexdigest() != header['sha256']:
        raise SnapshotRefused(
            path, 'it is damaged: its length or its SHA-256 is not the one in its header'
        )
