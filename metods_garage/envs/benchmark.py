"""What a benchmark offers: a task sampler to train with, a fixed list of tasks to evaluate on."""

import abc
from dataclasses import dataclass

from metods_garage.envs.balanced_task_sampler import BalancedTaskSampler
from metods_garage.envs.task_update import EnvWrapper, TaskUpdate

import numpy as np
from garage import Environment

SPLITS = ('train', 'test')

# Keeps the seeds of evaluation trials apart from those that training derives from its own seed.
_EVALUATION_ENTROPY = 0x6D65746F6473


@dataclass(frozen=True)
class EvaluationTask:
    """One place on a benchmark's fixed list of evaluation tasks.

    Attributes:
        split: 'train' or 'test'.
        task: Name of the task.
        goal: Number of the goal within the task, from 0.
        env_update: Puts this goal into an environment.
        seed: Seed of the trial, which depends on nothing but the place on the list.
    """

    split: str
    task: str
    goal: int
    env_update: TaskUpdate
    seed: int

    @property
    def environment_seed(self) -> int:
        """Seed that a `TrialWorker` gives to the environment at the start of the trial.

        Who gives it the same one, without a worker, meets the same instance: of a bandit the same
        arms with the same noise.
        """
        _, environment = np.random.SeedSequence(self.seed).spawn(2)
        return int(environment.generate_state(1)[0])


class Benchmark(abc.ABC):
    """Named tasks with goals, in a training and a test split.

    Args:
        name: Name in the table of benchmarks.
        horizon: Steps to an episode, where nothing else is asked for.
    """

    def __init__(self, name: str, horizon: int):
        self.name = name
        self.horizon = horizon

    def as_installed(self) -> 'Benchmark':
        """The same on environments as they are installed, where this one accelerates them."""
        return self

    def updates(self, split: str, wrapper: EnvWrapper | None = None) -> dict[str, list[TaskUpdate]]:
        """The goals of every task, the same ones on each call and in each process.

        Args:
            split: 'train' or 'test'.
            wrapper: Called with each new garage environment and its task.

        Returns:
            For each task name its goals as environment updates.

        Raises:
            ValueError: If `split` is neither.
        """
        if split not in SPLITS:
            raise ValueError(f'split={split!r}: there are {SPLITS}')
        return self._updates(split, wrapper)

    @abc.abstractmethod
    def _updates(self, split: str, wrapper: EnvWrapper | None) -> dict[str, list[TaskUpdate]]:
        """What `updates` returns; each benchmark has its own."""

    def train_sampler(
        self, wrapper: EnvWrapper | None = None, *, seed: int = 0
    ) -> BalancedTaskSampler:
        """The task sampler to train with.

        Args:
            wrapper: Called with each new garage environment and its task.
            seed: Seed of the order of the goals.

        Returns:
            A garage TaskSampler with a random generator of its own.
        """
        return BalancedTaskSampler(self.updates('train', wrapper), seed)

    def evaluation_tasks(
        self, split: str, wrapper: EnvWrapper | None = None
    ) -> list[EvaluationTask]:
        """Every goal of every task, once, in a fixed order.

        Args:
            split: 'train': the tasks and goals that training samples from; 'test': held out.
            wrapper: Called with each new garage environment and its task.

        Returns:
            The list, task by task.

        Raises:
            ValueError: If `split` is neither.
        """
        return [
            EvaluationTask(split, name, goal, update, _trial_seed(split, index, goal))
            for index, (name, goals) in enumerate(self.updates(split, wrapper).items())
            for goal, update in enumerate(goals)
        ]

    def example_env(self, wrapper: EnvWrapper | None = None) -> Environment:
        """An environment on the first training task, for its specification.

        Args:
            wrapper: Called with the new garage environment and its task.

        Returns:
            A new environment.
        """
        return self.evaluation_tasks('train', wrapper)[0].env_update()


def _trial_seed(split: str, task: int, goal: int) -> int:
    entropy = (_EVALUATION_ENTROPY, SPLITS.index(split), task, goal)
    return int(np.random.SeedSequence(entropy).generate_state(1)[0])
