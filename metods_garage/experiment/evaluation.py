"""Evaluation that visits every (task, goal) equally often and leaves one row per episode."""

import abc
import collections
import copy
import dataclasses
import functools
import itertools
from collections.abc import Iterator, Sequence
from typing import Any

from metods_garage.envs import Benchmark, EvaluationTask
from metods_garage.envs.task_update import EnvWrapper
from metods_garage.experiment.forked_shares import from_forks
from metods_garage.experiment.protocol import Protocol, choose_goals
from metods_garage.experiment.random_state import preserved_random_state
from metods_garage.experiment.silence import silent_bars
from metods_garage.samplers import TrialWorker, obtain_trials
from metods_garage.samplers.trial_slot import seed_trial

import numpy as np
from garage import EpisodeBatch
from garage.experiment.deterministic import set_seed
from garage.np.algos import MetaRLAlgorithm
from garage.sampler import DefaultWorker, LocalSampler, Sampler, Worker


@dataclasses.dataclass(frozen=True)
class Evaluation:
    """Outcome of one evaluation.

    Attributes:
        rows (list[dict]): One per episode, with split, task, goal, episode, phase, return,
            success and length.
        steps (int): Environment steps taken.

    """

    rows: list[dict[str, Any]]
    steps: int


class Evaluator(abc.ABC):
    """Evaluates an algorithm on the tasks that a protocol chooses of a benchmark.

    Subclasses say how one trial comes about; which trials, and what is kept of them, is the same
    for every method.

    Args:
        benchmark (Benchmark): The benchmark.
        protocol (Protocol): The protocol.
        wrapper (Callable or None): Called with each new environment and its task, as for training.

    """

    def __init__(
        self, benchmark: Benchmark, protocol: Protocol, wrapper: EnvWrapper | None = None
    ) -> None:
        self._protocol = protocol
        self._horizon = protocol.horizon or benchmark.horizon
        self._tasks = [
            task for split in protocol.splits for task in benchmark.evaluation_tasks(split, wrapper)
        ]

    @property
    def tasks(self) -> list[EvaluationTask]:
        """list[EvaluationTask]: Every goal of every task of the protocol's splits."""
        return list(self._tasks)

    @property
    def protocol(self) -> Protocol:
        """Protocol: The protocol."""
        return self._protocol

    @property
    def horizon(self) -> int:
        """int: Longest episode."""
        return self._horizon

    def chosen_tasks(self, kind: str) -> list[EvaluationTask]:
        """The tasks of one kind of evaluation: every task name with equally many goals.

        Args:
            kind: 'interim' or 'final'.

        Returns:
            The tasks, in the benchmark's order.

        """
        return choose_tasks(self._protocol, kind, self._tasks)

    def evaluate(self, algo: MetaRLAlgorithm, tasks: list[EvaluationTask]) -> Evaluation:
        """Evaluate, and leave the global random generators as they were.

        Args:
            algo: The algorithm.
            tasks: The tasks, as `chosen_tasks` returns them.

        Returns:
            The rows, in the order of the tasks, and the steps taken.

        Raises:
            AssertionError: If a (task, goal) was not visited exactly once.

        """
        with preserved_random_state(self._protocol.evaluation_seed):
            trials = dict(self._trials(algo, tasks))
        assert sorted(trials) == list(range(len(tasks))), 'each (task, goal) is visited once'
        rows = [row for index, task in enumerate(tasks) for row in self._rows(task, trials[index])]
        return Evaluation(rows, sum(row['length'] for row in rows))

    @abc.abstractmethod
    def _trials(
        self, algo: MetaRLAlgorithm, tasks: list[EvaluationTask]
    ) -> Iterator[tuple[int, EpisodeBatch]]:
        """Run one trial per task.

        Args:
            algo: The algorithm.
            tasks: The tasks.

        Yields:
            The number of a task in `tasks` and all episodes of its trial.

        """

    def in_this_process(self) -> 'Evaluator':
        """An evaluator like this one whose environments live in this process."""
        return self

    def under(self, protocol: Protocol) -> 'Evaluator':
        """An evaluator like this one that keeps to another protocol.

        Args:
            protocol: Its episodes per trial, and whether actions are sampled, are kept to; which
                tasks there are stays.

        Returns:
            The other evaluator.

        """
        twin = copy.copy(self)
        twin._protocol = protocol
        return twin

    def close(self) -> None:  # noqa: B027
        """Shut down what this evaluator started; most start nothing."""

    def _rows(self, task: EvaluationTask, trial: EpisodeBatch) -> list[dict[str, Any]]:
        expected = self._protocol.evaluation_episodes
        assert len(trial.lengths) == expected, f'a trial has {expected} episodes, none dropped'
        return [
            {
                'split': task.split,
                'task': task.task,
                'goal': task.goal,
                'episode': number,
                'phase': 'exploration' if number < self._protocol.exploration_episodes else 'test',
                'return': float(np.sum(episode.rewards, dtype=np.float64)),
                'success': _success(episode),
                'length': int(episode.lengths[0]),
            }
            for number, episode in enumerate(trial.split())
        ]


class RecurrentEvaluator(Evaluator):
    """Evaluates our recurrent policies: exploration and test episodes are one trial.

    Many trials run at a time, each with a random generator of its own, so that the outcome does
    not depend on how many that are.

    Args:
        benchmark (Benchmark): The benchmark.
        protocol (Protocol): The protocol.
        wrapper (Callable or None): Called with each new environment and its task, as for training.
        sampler_class (type): Sampler of garage.
        n_workers (int): Workers of the sampler.
        trials_at_once (int): Trials that a worker holds at a time.

    """

    def __init__(
        self,
        benchmark: Benchmark,
        protocol: Protocol,
        wrapper: EnvWrapper | None = None,
        *,
        sampler_class: type[Sampler] = LocalSampler,
        n_workers: int = 1,
        trials_at_once: int = 15,
    ) -> None:
        super().__init__(benchmark, protocol, wrapper)
        self._sampler_class = sampler_class
        self._n_workers = n_workers
        self._trials_at_once = trials_at_once
        self._sampler: Sampler | None = None
        self._policy: Any = None

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {'_sampler': None, '_policy': None}

    def in_this_process(self) -> 'RecurrentEvaluator':
        """An evaluator like this one whose environments live in this process."""
        twin = copy.copy(self)
        twin._sampler_class, twin._n_workers = LocalSampler, 1
        return twin

    def close(self) -> None:
        """Shut the workers down."""
        if self._sampler is not None:
            self._sampler.shutdown_worker()
            self._sampler = None

    def _trials(self, algo: Any, tasks: list[EvaluationTask]) -> Iterator[tuple[int, EpisodeBatch]]:
        # A copy: the workers of a LocalSampler act with the very policy that they are given.
        self._policy = copy.deepcopy(algo.policy)
        sampler = self._sampler or self._start(tasks[0])
        for chunk in _chunks(_goal_by_goal(tasks), self._trials_at_once * self._n_workers):
            with silent_bars():
                episodes = obtain_trials(
                    sampler,
                    self._policy,
                    [tasks[index].env_update for index in chunk],
                    [tasks[index].seed for index in chunk],
                )
            yield from _split_trials(episodes, chunk)

    def _start(self, task: EvaluationTask) -> Sampler:
        self._sampler = self._sampler_class(
            agents=self._policy,
            envs=task.env_update(),
            max_episode_length=self._horizon,
            n_workers=self._n_workers,
            seed=self._protocol.evaluation_seed,
            worker_class=TrialWorker,
            worker_args={
                'episodes_per_trial': self._protocol.evaluation_episodes,
                'deterministic': not self._protocol.sampled_actions,
            },
        )
        return self._sampler


class MetaAlgorithmEvaluator(Evaluator):
    """Evaluates any garage MetaRLAlgorithm: exploration, adaptation, test episodes.

    A process has one task at a time, since the algorithms of garage adapt to one task at a time,
    some of them with the very policy that they train. Every trial starts from a seed of its own,
    which sets the global generators and the environment's, so that tasks can be shared out over
    processes without a difference.

    Actions are sampled, unless the workers are told to be deterministic: garage's DefaultWorker
    can't be.

    Args:
        benchmark (Benchmark): The benchmark.
        protocol (Protocol): The protocol.
        wrapper (Callable or None): Called with each new environment and its task, as for training.
        worker_class (type): Worker that the algorithm explores with.
        worker_args (dict or None): Its arguments.
        test_worker_class (type or None): Worker that the adapted policy acts with; None is the
            same one.
        test_worker_args (dict or None): Its arguments; None are the same ones.
        n_processes (int): Forks of this process that the tasks are shared out over; 1 is this
            process itself.

    Raises:
        ValueError: If the protocol wants mean actions and a worker is not told so by
            `deterministic=True` in its arguments.

    """

    def __init__(
        self,
        benchmark: Benchmark,
        protocol: Protocol,
        wrapper: EnvWrapper | None = None,
        *,
        worker_class: type[Worker] = DefaultWorker,
        worker_args: dict[str, Any] | None = None,
        test_worker_class: type[Worker] | None = None,
        test_worker_args: dict[str, Any] | None = None,
        n_processes: int = 1,
    ) -> None:
        super().__init__(benchmark, protocol, wrapper)
        self._n_processes = n_processes
        self._explore = (worker_class, worker_args or {})
        self._test = (
            test_worker_class or worker_class,
            self._explore[1] if test_worker_args is None else test_worker_args,
        )
        for worker, args in (self._explore, self._test):
            if not protocol.sampled_actions and not args.get('deterministic'):
                raise ValueError(
                    f'protocol {protocol.name} evaluates mean actions (sampled_actions=False), and '
                    f'{worker.__name__} samples them: give a worker that takes deterministic=True '
                    f'in worker_args, or use sampled_actions=True'
                )

    def in_this_process(self) -> 'MetaAlgorithmEvaluator':
        """An evaluator like this one whose environments live in this process."""
        twin = copy.copy(self)
        twin._n_processes = 1
        return twin

    def _trials(
        self, algo: MetaRLAlgorithm, tasks: list[EvaluationTask]
    ) -> Iterator[tuple[int, EpisodeBatch]]:
        n_shares = min(self._n_processes, len(tasks))
        shares = np.array_split(_goal_by_goal(tasks), n_shares)
        return from_forks(
            functools.partial(self._share, algo, tasks), [share.tolist() for share in shares]
        )

    def _share(
        self, algo: MetaRLAlgorithm, tasks: list[EvaluationTask], indices: list[int]
    ) -> Iterator[tuple[int, EpisodeBatch]]:
        explorer, tester = self._worker(*self._explore), self._worker(*self._test)
        env = None
        for index in indices:
            env = tasks[index].env_update(env)
            explorer.update_env(env)
            tester.update_env(env)
            set_seed(tasks[index].seed)
            seed_trial(tasks[index].seed, env)
            yield index, self._one_trial(algo, explorer, tester)
        tester.shutdown()

    def _one_trial(self, algo: MetaRLAlgorithm, explorer: Worker, tester: Worker) -> EpisodeBatch:
        policy = algo.get_exploration_policy()
        explorer.update_agent(policy)
        explored = [explorer.rollout() for _ in range(self._protocol.exploration_episodes)]
        if explored:
            policy = algo.adapt_policy(policy, EpisodeBatch.concatenate(*explored))
        tester.update_agent(policy)
        tested = [tester.rollout() for _ in range(self._protocol.test_episodes)]
        return EpisodeBatch.concatenate(*explored, *tested)

    def _worker(self, worker_class: type[Worker], worker_args: dict[str, Any]) -> Worker:
        return worker_class(
            seed=self._protocol.evaluation_seed,
            max_episode_length=self._horizon,
            worker_number=0,
            **worker_args,
        )


def choose_tasks(
    protocol: Protocol, kind: str, tasks: Sequence[EvaluationTask]
) -> list[EvaluationTask]:
    """Choose the goals of every task that a protocol wants.

    Args:
        protocol: The protocol.
        kind: 'interim' or 'final'.
        tasks: All goals of all tasks.

    Returns:
        Every task name with equally many goals, in the order of `tasks`.

    """
    goals = collections.defaultdict(list)
    for task in tasks:
        goals[task.split, task.task].append(task.goal)
    chosen = {key: choose_goals(protocol, kind, found) for key, found in goals.items()}
    return [task for task in tasks if task.goal in chosen[task.split, task.task]]


def _goal_by_goal(tasks: Sequence[EvaluationTask]) -> list[int]:
    """Order in which a chunk meets each class once, so that a worker keeps its environments."""
    seen: collections.Counter[tuple[str, str]] = collections.Counter()
    ranks = []
    for index, task in enumerate(tasks):
        ranks.append((seen[task.split, task.task], index))
        seen[task.split, task.task] += 1
    return [index for _, index in sorted(ranks)]


def _chunks(order: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    """Chunks of at most that many trials; from three on, the last is not one trial alone.

    A trial alone in a worker has no other one to exchange its memory with (`BorderPolicy`).
    """
    starts = list(range(0, len(order), size))
    if len(starts) > 1 and len(order) - starts[-1] == 1 and size > 2:
        starts[-1] -= 1
    for start, end in itertools.pairwise([*starts, len(order)]):
        yield order[start:end]


def _split_trials(
    episodes: EpisodeBatch, chunk: Sequence[int]
) -> Iterator[tuple[int, EpisodeBatch]]:
    """The trials of a chunk, each with all of its episodes in their order."""
    found: dict[int, list[EpisodeBatch]] = collections.defaultdict(list)
    numbers = episodes.episode_infos_by_episode['trial']
    for trial, episode in zip(numbers, episodes.split(), strict=True):
        found[int(trial)].append(episode)
    for trial in sorted(found):
        yield chunk[trial], EpisodeBatch.concatenate(*found[trial])


def _success(episode: EpisodeBatch) -> int | str:
    """1 if any step of the episode succeeded; empty where the benchmark has no success."""
    if 'success' not in episode.env_infos:
        return ''
    return int(np.any(np.asarray(episode.env_infos['success']) > 0.5))
