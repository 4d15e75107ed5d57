"""Work that is shared out over forked processes of this machine."""

import multiprocessing
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from multiprocessing.connection import Connection, wait
from typing import Any

from metods_garage.experiment.interruption import settle_worker_processes
from metods_garage.experiment.watchful_sampler import WorkerFailed

_END = 'end'


def from_forks(work: Callable[[Any], Iterable[Any]], shares: Sequence[Any]) -> Iterator[Any]:
    """Do the work on each share in a process of its own, a fork of this one.

    A fork has all that this process has, which thus need not be picklable; what it changes, this
    process doesn't see.

    Args:
        work: Called with a share; yields results, which have to be picklable.
        shares: The shares. A single one is done in this process.

    Yields:
        The results, those of a share in their order.

    Raises:
        WorkerFailed: If a process raised an error, which it tells, or ended before its time. None
            of the processes is left behind.

    """
    if len(shares) == 1 or 'fork' not in multiprocessing.get_all_start_methods():
        for share in shares:
            yield from work(share)
        return
    settle_worker_processes()
    context = multiprocessing.get_context('fork')
    processes, open_ends = [], []
    try:
        for share in shares:
            ours, theirs = context.Pipe(duplex=False)
            process = context.Process(target=_serve, args=(theirs, work, share), daemon=True)
            process.start()
            theirs.close()
            processes.append(process)
            open_ends.append(ours)
        while open_ends:
            for connection in wait(open_ends):
                assert isinstance(connection, Connection)
                kind, content = _received(connection)
                if kind == _END:
                    open_ends.remove(connection)
                else:
                    yield content
    finally:
        for process in processes:
            process.kill()
            process.join()


def _serve(connection: Connection, work: Callable[[Any], Iterable[Any]], share: Any) -> None:
    try:
        for result in work(share):
            connection.send(('result', result))
    except Exception:  # whatever it is, the main process has to hear of it
        connection.send(('failure', traceback.format_exc()))
    connection.send((_END, None))


def _received(connection: Connection) -> tuple[str, Any]:
    try:
        kind, content = connection.recv()
    except EOFError:
        raise WorkerFailed(
            'a worker process ended before it was done, as by a system that ran out of memory: '
            'use fewer --workers'
        ) from None
    if kind == 'failure':
        raise WorkerFailed(f'a worker process failed:\n{content}')
    return kind, content
