"""garage's environment updates on their way to another process."""

import pickle
import time
from types import ModuleType
from typing import Any

from metods_garage.compat.adjustment import Adjustment, replace

_BETWEEN_TRIES = 0.005  # seconds


class ByCloudpickle:
    """Wraps what the standard pickler refuses; unpickling gives the wrapped object itself.

    Args:
        wrapped: Any object that cloudpickle takes. It is pickled here, and not in the thread of a
            multiprocessing queue, where an error would leave both sides waiting for ever.
    """

    def __init__(self, wrapped: Any) -> None:
        import cloudpickle

        self._pickled = cloudpickle.dumps(wrapped)

    def __reduce__(self) -> tuple[Any, ...]:
        return pickle.loads, (self._pickled,)


def send_by_cloudpickle(multiprocessing_sampler: ModuleType) -> None:
    """Send MultiprocessingSampler's environment updates by cloudpickle."""

    def _push_updates(
        self: Any, updated_workers: set[int], agent_updates: list[Any], env_updates: list[Any]
    ) -> None:
        # called until every worker has taken its update, each time with the same list
        for i, update in enumerate(env_updates):
            if update is not None and not isinstance(update, ByCloudpickle):
                env_updates[i] = ByCloudpickle(update)
        push(self, updated_workers, agent_updates, env_updates)

    sampler = multiprocessing_sampler.MultiprocessingSampler
    push = replace(sampler, '_push_updates', _push_updates)


def start_every_worker(multiprocessing_sampler: ModuleType) -> None:
    """Let MultiprocessingSampler wait for episodes after all of its workers were started."""

    def _push_updates(
        self: Any, updated_workers: set[int], agent_updates: list[Any], env_updates: list[Any]
    ) -> None:
        # A worker has room for one message, and may not have read the 'stop' of the call before.
        # garage goes on without it, and tries again after each arrival only: once the others have
        # sent what they had to (or if none was started), it waits for ever.
        push(self, updated_workers, agent_updates, env_updates)
        while waited_for := set(range(self._factory.n_workers)) - updated_workers:
            while all(self._to_worker[i].full() for i in waited_for):
                dead = any(not self._workers[i].is_alive() for i in waited_for)
                if dead or not self._to_sampler.empty():
                    return
                time.sleep(_BETWEEN_TRIES)
            push(self, updated_workers, agent_updates, env_updates)

    sampler = multiprocessing_sampler.MultiprocessingSampler
    push = replace(sampler, '_push_updates', _push_updates)


ADJUSTMENTS = (
    Adjustment(
        name='env-update-pickle',
        module='garage.sampler.multiprocessing_sampler',
        apply=send_by_cloudpickle,
        reason='MultiprocessingSampler sends environment updates by the standard pickler, which '
        "refuses the local functions in MetaWorldTaskSampler's.",
        upstream_issue='https://github.com/rlworkgroup/garage/pull/2322',
    ),
    Adjustment(
        name='start-every-worker',
        module='garage.sampler.multiprocessing_sampler',
        apply=start_every_worker,
        reason='MultiprocessingSampler may wait for ever where a worker has not yet read the last '
        'message of the call before, as on a machine with more processes than cores.',
    ),
)
