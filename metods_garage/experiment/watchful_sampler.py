"""garage's MultiprocessingSampler, which would wait for ever for a worker that failed."""

import multiprocessing
import os
import pathlib
import queue
import threading
import time
import traceback
from collections.abc import Callable
from typing import Any, NoReturn

from metods_garage.experiment.interruption import settle_worker_processes

from garage.sampler import MultiprocessingSampler, Worker, WorkerFactory

_PATIENCE = 1.0  # seconds between two looks at the workers
_TO_BE_SENT = 0.02  # seconds that the thread of a queue may take to begin with what it is given
_LOOKS = 120  # without any of them having computed, until they are held to hang


class WorkerFailed(RuntimeError):
    """A worker process failed; the message holds its traceback, where it could still write one."""


class WatchfulSampler(MultiprocessingSampler):
    """A MultiprocessingSampler that ends with the error of a worker instead of waiting for it.

    It notices a worker that raises, one that is no longer there, and (on Linux) workers none of
    which computes anything while their episodes are waited for. Then it ends all of its processes
    and raises, and none of the iteration's episodes are returned. Its processes die with this one,
    too, and compute on one core each.

    Args:
        agents (Policy): What the workers act with.
        envs (Environment): What they act in.
        worker_factory (WorkerFactory or None): A factory; None makes one of the other arguments.
        **factory_args: Arguments of garage's WorkerFactory.

    """

    def __init__(
        self,
        agents: Any,
        envs: Any,
        *,
        worker_factory: WorkerFactory | None = None,
        **factory_args: Any,
    ) -> None:
        settle_worker_processes()
        factory = worker_factory or _ReportingFactory(**factory_args)
        super().__init__(agents, envs, worker_factory=factory)
        self._to_sampler: Any = _WatchedQueue(self.__dict__['_to_sampler'], self._workers)


class _ReportingFactory(WorkerFactory):
    """Makes workers whose errors travel to the main process."""

    def __call__(self, worker_number: int) -> '_ReportingWorker':
        return _ReportingWorker(super().__call__(worker_number))

    def prepare_worker_messages(
        self, objs: Any, preprocess: Callable[[Any], Any] = lambda message: message
    ) -> list[Any]:
        """What every worker is told; where it is the same for all, it is pickled once."""
        if isinstance(objs, list):
            return super().prepare_worker_messages(objs, preprocess)
        return [preprocess(objs)] * self.n_workers


class _Delivery:
    """Episodes on their way, that note when they are; what arrives are the episodes themselves.

    Args:
        episodes: The episodes.
        sent: Set when they are pickled, which they are not if garage finds its queue full.

    """

    def __init__(self, episodes: Any, sent: threading.Event) -> None:
        self._episodes = episodes
        self._sent = sent

    def __reduce__(self) -> tuple[Callable[[Any], Any], tuple[Any]]:
        self._sent.set()
        return _arrived, (self._episodes,)


def _arrived(episodes: Any) -> Any:
    return episodes


class _Repetition:
    """Travels in the place of episodes that were sent already.

    garage asks a worker for more until it has taken in that there is enough. What comes of it would
    be sent and received while the other workers could do with the processor.
    """


class _ReportingWorker:
    """A worker that hands its error over in the place of the episodes that it can't deliver."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self._failure: _Failure | None = None
        self._last: Any = None
        self._sent = threading.Event()  # the last ones

    def update_agent(self, agent_update: Any) -> None:
        self._attempt(self._worker.update_agent, agent_update)

    def update_env(self, env_update: Any) -> None:
        self._attempt(self._worker.update_env, env_update)

    def rollout(self) -> Any:
        episodes = None if self._failure else self._attempt(self._worker.rollout)
        if self._failure:
            return self._failure
        if episodes is self._last and self._sent.wait(_TO_BE_SENT):
            return _Repetition()
        if episodes is not self._last:
            self._last, self._sent = episodes, threading.Event()
        return _Delivery(episodes, self._sent)

    def shutdown(self) -> None:
        self._worker.shutdown()

    def _attempt(self, method: Any, *args: Any) -> Any:
        try:
            return method(*args)
        except Exception as error:  # whatever it is, the main process has to hear of it
            self._failure = _Failure(error)
            return None


class _Failure:
    """Travels in the place of episodes."""

    def __init__(self, error: Exception) -> None:
        self._diverged = isinstance(error, FloatingPointError)
        self._text = str(error) if self._diverged else ''.join(traceback.format_exception(error))

    def raise_here(self) -> NoReturn:
        """Raise what the worker raised."""
        if self._diverged:
            raise FloatingPointError(self._text)
        raise WorkerFailed(f'a worker process failed:\n{self._text}')


class _WatchedQueue:
    """The queue of results, which notices when nobody is there or able to fill it."""

    def __init__(self, results: Any, workers: list[multiprocessing.Process]) -> None:
        self._results = results
        self._workers = workers
        self._next_look = time.monotonic() + _PATIENCE
        self._computed: float | None = None
        self._idle_looks = 0
        self._received: dict[int, Any] = {}  # the last episodes of each worker

    def get(self) -> Any:
        while True:
            try:
                return self._checked(self._results.get(timeout=_PATIENCE))
            except queue.Empty:
                self._look()

    def get_nowait(self) -> Any:
        try:
            return self._checked(self._results.get_nowait())
        except queue.Empty:
            if time.monotonic() > self._next_look:
                self._look()
            raise

    def empty(self) -> bool:
        empty = self._results.empty()
        if empty and time.monotonic() > self._next_look:
            self._look()
        return empty

    def close(self) -> None:
        self._results.close()

    def _checked(self, message: Any) -> Any:
        """A message with episodes in it."""
        self._idle_looks = 0
        tag, (episodes, version, worker) = message
        if isinstance(episodes, _Failure):
            self._end_workers()
            episodes.raise_here()
        if isinstance(episodes, _Repetition):
            return tag, (self._received[worker], version, worker)
        self._received[worker] = episodes
        return message

    def _look(self) -> None:
        self._next_look = time.monotonic() + _PATIENCE
        for number, worker in enumerate(self._workers):
            if not worker.is_alive():
                self._end_workers()
                raise WorkerFailed(
                    f'worker process {number} ended with status {worker.exitcode} (-9 is a kill, '
                    f'as by a system that ran out of memory): use fewer --workers or a smaller '
                    f'meta-batch'
                )
        # Looks are counted, not seconds, during which this process may have been stopped as well.
        before, self._computed = self._computed, _processor_seconds(self._workers)
        if self._computed is None or self._computed != before:
            self._idle_looks = 0
            return
        self._idle_looks += 1
        if self._idle_looks >= _LOOKS:
            self._end_workers()
            raise WorkerFailed(
                f'no worker process has computed anything for {_LOOKS * _PATIENCE:.0f} seconds '
                f'while episodes were waited for: an environment or the policy hangs. '
                f'--sampler local runs the same in one process, where a debugger sees it'
            )

    def _end_workers(self) -> None:
        for worker in self._workers:
            worker.kill()
        for worker in self._workers:
            worker.join()


def _processor_seconds(workers: list[multiprocessing.Process]) -> float | None:
    """What processes have computed so far; None where the system doesn't say."""
    try:
        # user and system time are the 14th and 15th field; the 2nd, in brackets, may hold spaces
        stats = [pathlib.Path(f'/proc/{worker.pid}/stat').read_text() for worker in workers]
        ticks = [int(x) for stat in stats for x in stat.rsplit(')', 1)[1].split()[11:13]]
    except (OSError, ValueError, IndexError):
        return None
    return sum(ticks) / os.sysconf('SC_CLK_TCK')
