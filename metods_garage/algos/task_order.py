"""Tasks in an order that the algorithm's own seed decides."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ['sample_tasks']


def sample_tasks(task_sampler: Any, n_tasks: int, seed: int) -> list[Any]:
    """Samples tasks as if NumPy's global generator had just been seeded.

    garage's task samplers draw from the global generator, which evaluation, workers and the user's
    own code draw from and reseed too. Lending it to them for the length of this call makes the
    tasks a function of ``seed`` (and of what the sampler itself remembers), so that a resumed run
    sees the tasks that the uninterrupted one would have seen.

    Args:
        task_sampler: A garage ``TaskSampler``.
        n_tasks: Number of tasks to sample.
        seed: Below 2 ** 32.

    Returns:
        ``n_tasks`` environment updates.
    """
    state = np.random.get_state()  # noqa: NPY002
    np.random.seed(seed)  # noqa: NPY002
    try:
        return list(task_sampler.sample(n_tasks))
    finally:
        np.random.set_state(state)  # noqa: NPY002
