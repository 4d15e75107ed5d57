"""The papers' test conditions: the tasks of an evaluation, under other circumstances."""

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from metods_garage.envs import (
    DirectionSwitching,
    EnvMaker,
    EvaluationTask,
    Impairment,
    MaskedReward,
    TaskUpdate,
    make_benchmark,
)
from metods_garage.envs.directed import Directed
from metods_garage.envs.drawn_tasks import DrawnTasks
from metods_garage.experiment.evaluation import choose_tasks
from metods_garage.experiment.protocol import Protocol
from metods_garage.experiment.task_protocols import task_family
from metods_garage.policies import BorderPolicy, RecurrentPolicy

import click
from gymnasium.envs.mujoco import MujocoEnv

#: The condition that a run was trained for, which the others are compared to.
AS_TRAINED = 'as-trained'


@dataclasses.dataclass(frozen=True)
class Condition:
    """Tasks to evaluate a trained run on, and how.

    Attributes:
        name (str): Name of the condition, the same for no other one.
        protocol (Protocol): Exploration and test episodes, and sampled or mean actions.
        tasks (list[EvaluationTask]): The tasks.
        policy (Callable or None): What becomes of the trained policy; None for itself.

    """

    name: str
    protocol: Protocol
    tasks: list[EvaluationTask]
    policy: Callable[[Any], Any] | None = None


def impaired(trained: Condition, actuator: str, kind: str) -> Iterator[Condition]:
    """The same tasks, from the same seeds, on robots of which one actuator does not work.

    Args:
        trained: What the run was trained for.
        actuator: Number of the actuator, or 'all' for a condition of each.
        kind: 'silent' or 'locked'; see `Impairment`.

    Yields:
        The conditions 'silent-0', 'silent-1', ...

    Raises:
        click.UsageError: If there is no robot, or no such actuator.

    """
    make = _maker(trained.tasks, MujocoEnv, '--impair', 'cheetah-dir or ant-dir')
    n_actuators = make().unwrapped.model.nu  # type: ignore[attr-defined]
    numbers = range(n_actuators)
    if actuator != 'all':
        if not (actuator.isdecimal() and int(actuator) < n_actuators):
            raise click.UsageError(
                f'--impair {actuator}: this robot has the actuators 0 to {n_actuators - 1}, or all'
            )
        numbers = range(int(actuator), int(actuator) + 1)
    for number in numbers:
        broken = make.wrapped(Impairment, actuator=number, kind=kind)
        tasks = [
            _replaced(task, TaskUpdate(broken, task.env_update.task, **_rest(task.env_update)))
            for task in trained.tasks
        ]
        yield Condition(f'{kind}-{number}', trained.protocol, tasks)


def in_mazes(trained: Condition, sizes: Sequence[int]) -> Iterator[Condition]:
    """As many mazes of other sizes; what is seen of a maze does not depend on its size.

    Args:
        trained: What the run was trained for.
        sizes: The sizes.

    Yields:
        The conditions 'maze-6', ...

    Raises:
        click.UsageError: If the run was not trained in mazes, or there is no such size.

    """
    if task_family(trained.tasks[0].task) != 'maze':
        raise _wrong('--maze-size', 'a maze', trained.tasks)
    for size in sizes:
        try:
            benchmark = make_benchmark(f'maze-{size}')
        except ValueError as error:
            raise click.UsageError(f'--maze-size {size}: {error}') from None
        yield Condition(f'maze-{size}', trained.protocol, _like(trained, benchmark))


def masked(trained: Condition) -> Condition:
    """The same tasks, from the same seeds, without seeing the reward.

    Args:
        trained: What the run was trained for.

    Returns:
        The condition 'masked-reward'.

    Raises:
        click.UsageError: If the method does not see rewards.

    """
    wrapper = trained.tasks[0].env_update.wrapper

    def mask(env: Any, task: Any) -> MaskedReward:
        return MaskedReward(env if wrapper is None else wrapper(env, task))

    tasks = [
        _replaced(
            task,
            TaskUpdate(
                task.env_update.env_type,
                task.env_update.task,
                **_rest(task.env_update) | {'wrapper': mask},
            ),
        )
        for task in trained.tasks
    ]
    try:
        tasks[0].env_update().close()
    except TypeError as error:
        raise click.UsageError(f'--mask-reward is for recurrent methods: {error}') from None
    return Condition('masked-reward', trained.protocol, tasks)


def switching(trained: Condition, n_episodes: int) -> Condition:
    """Trials of several episodes, each in a direction of its own, without exploration episodes.

    Args:
        trained: What the run was trained for.
        n_episodes: Episodes of a trial.

    Returns:
        The condition 'switched-5', for 5 episodes.

    Raises:
        click.UsageError: If there are no directions.

    """
    make = _maker(trained.tasks, Directed, '--switch-direction', 'cheetah-dir or ant-dir')
    n_goals = 1 + max(task.goal for task in trained.tasks)
    switched = make.wrapped(DirectionSwitching, n_episodes=n_episodes)
    benchmark = DrawnTasks(trained.tasks[0].task, switched, n_goals)
    protocol = dataclasses.replace(
        trained.protocol, exploration_episodes=0, test_episodes=n_episodes
    )
    return Condition(f'switched-{n_episodes}', protocol, _like(trained, benchmark))


def with_memory(trained: Condition, at_border: str, episode_steps: int) -> Condition:
    """The same trials, whose memory is emptied or exchanged between any two of their episodes.

    Args:
        trained: What the run was trained for.
        at_border: One of `BORDER_MEMORIES`.
        episode_steps: Steps of every episode.

    Returns:
        The condition 'memory-emptied' or 'memory-exchanged'.

    Raises:
        click.UsageError: If trials have one episode, or one trial has no other to exchange with.

    """
    if trained.protocol.evaluation_episodes < 2:
        raise click.UsageError(
            f'--memory {at_border} is for trials of several episodes, and those of protocol '
            f'{trained.protocol.name} have one on {trained.tasks[0].task}'
        )

    if at_border == 'exchanged' and len(trained.tasks) < 2:
        raise click.UsageError(
            '--memory exchanged needs two trials or more, and there is one: ask for more --goals, '
            'or for both splits'
        )

    def bordered(policy: Any) -> BorderPolicy:
        if not isinstance(policy, RecurrentPolicy):
            raise click.UsageError(
                f'--memory {at_border} is for recurrent methods, and {type(policy).__name__} has '
                f'no memory: choose a run of MetODS or of baselines/rl2_torch.py'
            )
        return BorderPolicy(policy, at_border, episode_steps)

    name = f'memory-{at_border}'
    return Condition(name, trained.protocol, trained.tasks, bordered)


def _maker(tasks: Sequence[EvaluationTask], kind: type, option: str, what: str) -> EnvMaker:
    make = tasks[0].env_update.env_type
    if not (isinstance(make, EnvMaker) and issubclass(make.env_type, kind)):
        raise _wrong(option, what, tasks)
    return make


def _wrong(option: str, what: str, tasks: Sequence[EvaluationTask]) -> click.UsageError:
    return click.UsageError(f'{option} is for runs on {what}, and this one is on {tasks[0].task}')


def _like(trained: Condition, benchmark: Any) -> list[EvaluationTask]:
    """As many tasks of another benchmark, of the same splits, seen through the same wrappers."""
    wrapper = trained.tasks[0].env_update.wrapper
    splits = dict.fromkeys(task.split for task in trained.tasks)
    wanted = len(trained.tasks) // len(splits)
    protocol = dataclasses.replace(trained.protocol, final_goals=wanted)
    tasks = [task for split in splits for task in benchmark.evaluation_tasks(split, wrapper)]
    return choose_tasks(protocol, 'final', tasks)


def _replaced(task: EvaluationTask, update: TaskUpdate) -> EvaluationTask:
    return dataclasses.replace(task, env_update=update)


def _rest(update: TaskUpdate) -> dict[str, Any]:
    return {
        'task_name': update.task_name,
        'horizon': update.horizon,
        'wrapper': update.wrapper,
    }
