"""Tasks without end, each drawn when it is asked for."""

from collections.abc import Callable
from typing import Any

from metods_garage.envs.task_update import TaskUpdate

import numpy as np
from garage.experiment import TaskSampler

# Keeps the tasks of training apart from those of evaluation, whatever the seed.
_TRAINING_ENTROPY = 0x747261696E


class FreshTaskSampler(TaskSampler):
    """Draws new tasks from a generator of its own, which nothing else draws from.

    The sampler can be pickled (by cloudpickle), and continues where it was.

    Args:
        draw_task: Called with a random generator; returns a task.
        update: Called with a task; returns its environment update.
        seed: Seed of the tasks.
    """

    def __init__(
        self,
        draw_task: Callable[[np.random.Generator], Any],
        update: Callable[[Any], TaskUpdate],
        seed: int,
    ):
        self._draw_task = draw_task
        self._update = update
        self._generator = np.random.default_rng((_TRAINING_ENTROPY, seed))

    def sample(self, n_tasks: int, with_replacement: bool = False) -> list[TaskUpdate]:
        """Draw the tasks of a meta-batch.

        Args:
            n_tasks: How many, at least 1.
            with_replacement: Makes no difference, as no task comes again.

        Returns:
            The updates, one for each trial.

        Raises:
            ValueError: If `n_tasks` is below 1.
        """
        if n_tasks < 1:
            raise ValueError(f'n_tasks={n_tasks}: a meta-batch has at least one task')
        return [self._update(self._draw_task(self._generator)) for _ in range(n_tasks)]
