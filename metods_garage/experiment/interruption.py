"""SIGINT and SIGTERM stop a run at once and in order; its worker processes never outlive it."""

import contextlib
import ctypes
import multiprocessing
import os
import signal
import sys
from collections.abc import Iterator

_PR_SET_PDEATHSIG = 1


class Interrupted(BaseException):
    """A signal asks the run to stop.

    Not an Exception, so that no handler on the way takes it for an error.

    Args:
        signum (int): The signal.

    """

    def __init__(self, signum: int) -> None:
        super().__init__(signum)
        self.signum = signum

    @property
    def name(self) -> str:
        """str: Name of the signal."""
        return signal.Signals(self.signum).name


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """Turn SIGINT and SIGTERM into `Interrupted` in this process.

    Worker processes that are forked within ignore SIGINT, which a terminal sends to all of them,
    and die from SIGTERM as usual.

    Yields:
        Nothing.

    """
    owner = os.getpid()

    def stop(signum: int, _frame: object) -> None:
        if os.getpid() == owner:
            raise Interrupted(signum)
        if signum == signal.SIGTERM:
            os._exit(128 + signum)

    before = {signum: signal.signal(signum, stop) for signum in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for signum, handler in before.items():
            signal.signal(signum, handler)


def end_worker_processes() -> None:
    """End the worker processes of this process without waiting for their episodes."""
    for process in multiprocessing.active_children():
        process.terminate()


def settle_worker_processes() -> None:
    """Have every process that is forked from here on compute on one core, and die with its parent.

    A worker of garage's MultiprocessingSampler waits on its queue for ever once its parent was
    killed, and its copy of torch would use as many threads as there are cores.
    """
    if not _settled:
        _settled.append(True)
        os.register_at_fork(after_in_child=_settle)


_settled: list[bool] = []


def _settle() -> None:
    if 'torch' in sys.modules:
        sys.modules['torch'].set_num_threads(1)
    if sys.platform == 'linux':
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
