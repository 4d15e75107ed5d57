"""garage's MultiprocessingSampler, which would wait for ever for a worker that failed."""

import multiprocessing
import queue
import traceback
from typing import Any

from metods_garage.experiment.interruption import settle_worker_processes

from garage.sampler import MultiprocessingSampler, Worker, WorkerFactory

_PATIENCE = 1.0  # seconds between two looks at the workers


class WorkerFailed(RuntimeError):
    """A worker process failed; the message holds its traceback, where it could still write one."""


class WatchfulSampler(MultiprocessingSampler):
    """A MultiprocessingSampler that ends with the error of a worker instead of waiting for it.

    Its processes die with this one, and compute on one core each.

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


class _ReportingWorker:
    """A worker that hands its error over in the place of the episodes that it can't deliver."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self._failure: _Failure | None = None

    def update_agent(self, agent_update: Any) -> None:
        self._attempt(self._worker.update_agent, agent_update)

    def update_env(self, env_update: Any) -> None:
        self._attempt(self._worker.update_env, env_update)

    def rollout(self) -> Any:
        episodes = None if self._failure else self._attempt(self._worker.rollout)
        return self._failure or episodes

    def shutdown(self) -> None:
        self._worker.shutdown()

    def _attempt(self, method: Any, *args: Any) -> Any:
        try:
            return method(*args)
        except Exception as error:  # whatever it is, the main process has to hear of it
            self._failure = _Failure(error)
            return None


class _Failure:
    """Travels in the place of episodes, and raises when it is looked into."""

    def __init__(self, error: Exception) -> None:
        self._diverged = isinstance(error, FloatingPointError)
        self._text = str(error) if self._diverged else ''.join(traceback.format_exception(error))

    def __getattr__(self, name: str) -> Any:
        if name.startswith('_'):  # pickling
            raise AttributeError(name)
        if self._diverged:
            raise FloatingPointError(self._text)
        raise WorkerFailed(f'a worker process failed:\n{self._text}')


class _WatchedQueue:
    """The queue of results, which notices when a worker is no longer there to fill it."""

    def __init__(self, results: Any, workers: list[multiprocessing.Process]) -> None:
        self._results = results
        self._workers = workers

    def get(self) -> Any:
        while True:
            try:
                return self._results.get(timeout=_PATIENCE)
            except queue.Empty:
                self._look()

    def get_nowait(self) -> Any:
        try:
            return self._results.get_nowait()
        except queue.Empty:
            self._look()
            raise

    def close(self) -> None:
        self._results.close()

    def _look(self) -> None:
        for number, worker in enumerate(self._workers):
            if not worker.is_alive():
                raise WorkerFailed(
                    f'worker process {number} ended with status {worker.exitcode} (-9 is a kill, '
                    f'as by a system that ran out of memory): use fewer --workers or a smaller '
                    f'meta-batch'
                )
