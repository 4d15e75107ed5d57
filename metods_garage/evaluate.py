"""Evaluates a trained run again: `python -m metods_garage.evaluate RUN`."""

import copy
import csv
import ctypes.util
import dataclasses
import os
import pathlib
import sys
import types
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from metods_garage.experiment.trained_run import TrainedRun


def _numbers(_ctx: click.Context, option: click.Parameter, text: str | None) -> list[int] | None:
    """Numbers that an option gives with commas between them."""
    if text is None:
        return None
    if not all(word.strip().isdecimal() for word in text.split(',')):
        raise click.BadParameter(f'{text}: numbers with commas between them are wanted')
    return list(dict.fromkeys(int(word) for word in text.split(',')))


@click.command()
@click.argument('run', type=click.Path(exists=True, file_okay=False, path_type=pathlib.Path))
@click.option(
    '--goals',
    type=click.IntRange(min=1),
    default=None,
    help='Goals per task; by default as many as at the end of the run.',
)
@click.option(
    '--split',
    type=click.Choice(['train', 'test', 'both']),
    default='both',
    show_default=True,
    help='Training tasks, test tasks or both.',
)
@click.option('--render', is_flag=True,
              help='Also film one trial on the first goal of each task.')  # fmt: skip
@click.option(
    '--impair',
    default=None,
    metavar='N|all',
    help='Also without one actuator of the robot: its number, or all, one after another.',
)
@click.option(
    '--impair-kind',
    type=click.Choice(['silent', 'locked']),
    default='silent',
    show_default=True,
    help='Its joint moves freely, or is held.',
)
@click.option(
    '--maze-size',
    'maze_sizes',
    default=None,
    callback=_numbers,
    metavar='6,8,...',
    help='Also in mazes of other sizes.',
)
@click.option('--mask-reward', is_flag=True, help='Also without showing the reward.')
@click.option(
    '--switch-direction',
    type=click.IntRange(min=1),
    default=None,
    metavar='EPISODES',
    help='Also in trials of so many episodes, each in a direction of its own.',
)
@click.option(
    '--memory',
    'memories',
    type=click.Choice(['emptied', 'exchanged']),
    multiple=True,
    help='Also with the memory emptied between episodes, or exchanged for that of another trial: '
    'what the episodes of a trial gain by what was seen of the task. May be given twice.',
)
def evaluate(run: pathlib.Path, goals: int | None, split: str, render: bool, **asked: Any) -> None:
    """Evaluate a trained run again from its last snapshot, and print what came of it.

    The rows go to RUN/re-evaluation-<split>-<goals>.csv, those of the papers' test conditions to a
    file with one more column; the rows of the run itself stay.
    """
    if render:
        choose_renderer()
    from metods_garage.experiment.trained_run import open_trained_run

    with open_trained_run(run) as trained:
        evaluator = trained.evaluator
        tasks = _tasks(evaluator, goals, split)
        name = f're-evaluation-{split}-{goals or "final"}'
        if _file_word(asked):
            path = run / f'{name}-{_file_word(asked)}.csv'
            _evaluate_conditions(path, trained, tasks, asked)
            return
        outcome = evaluator.in_this_process().evaluate(trained.algo, tasks)
        path = run / f'{name}.csv'
        _write(path, trained, outcome.rows)
        click.echo(_table(outcome.rows))
        click.echo(f'\nwritten:\n  {path}')
        for task in _one_goal_each(tasks) if render else []:
            click.echo(f'  {_film(evaluator, trained.algo, task, run)}')


def _evaluate_conditions(
    path: pathlib.Path, trained: 'TrainedRun', tasks: list[Any], asked: dict[str, Any]
) -> None:
    """Evaluate under the condition of training and under those that were asked for."""
    from metods_garage.experiment.conditions import AS_TRAINED
    from metods_garage.report.condition_figure import draw_conditions
    from metods_garage.report.conditions import conditions_table, gains_table

    conditions = _conditions(trained.evaluator, tasks, asked)
    rows = []
    for condition in conditions:
        rows += [row | {'condition': condition.name} for row in _judge(trained, condition)]
    names = [condition.name for condition in conditions if condition.name != AS_TRAINED]
    _write(path, trained, rows, 'condition')
    impaired = [each for each in names if each.startswith(f'{asked["impair_kind"]}-')]
    click.echo(conditions_table(rows, AS_TRAINED, impaired))
    if asked['memories']:
        click.echo(f'\n{gains_table(rows, AS_TRAINED, list(_memory_names(asked)))}')
    click.echo(f'\nwritten:\n  {path}')
    if trained.evaluator.protocol.evaluation_episodes > 1:
        config = trained.configuration
        title = f'{config["benchmark"]}, {config["method"]}, seed {config["seed"]}'
        click.echo(f'  {draw_conditions(rows, title, path.with_suffix(".png"))}')


def _judge(trained: 'TrainedRun', condition: Any) -> list[dict[str, Any]]:
    """The rows of one condition."""
    algo = trained.algo
    if condition.policy is not None:
        algo = types.SimpleNamespace(policy=condition.policy(copy.deepcopy(trained.policy)))
    judge = trained.evaluator.in_this_process().under(condition.protocol)
    rows = judge.evaluate(algo, condition.tasks).rows
    judge.close()
    if condition.policy is not None and {row['length'] for row in rows} != {judge.horizon}:
        raise click.UsageError(
            f'--memory: episodes have {min(row["length"] for row in rows)} to '
            f'{max(row["length"] for row in rows)} steps, so that trials do not reach the border '
            f'between two at the same step; it is for tasks whose episodes never end early'
        )
    return rows


def _memory_names(asked: dict[str, Any]) -> Iterator[str]:
    yield from (f'memory-{at_border}' for at_border in sorted(set(asked['memories'])))


def _conditions(evaluator: Any, tasks: list[Any], asked: dict[str, Any]) -> list[Any]:
    from metods_garage.experiment import conditions

    trained = conditions.Condition(conditions.AS_TRAINED, evaluator.protocol, tasks)
    found = [trained]
    if asked['impair'] is not None:
        found += conditions.impaired(trained, asked['impair'], asked['impair_kind'])
    if asked['maze_sizes'] is not None:
        found += conditions.in_mazes(trained, asked['maze_sizes'])
    if asked['mask_reward']:
        found.append(conditions.masked(trained))
    if asked['switch_direction'] is not None:
        found.append(conditions.switching(trained, asked['switch_direction']))
    for at_border in sorted(set(asked['memories'])):
        found.append(conditions.with_memory(trained, at_border, evaluator.horizon))
    return found


def _file_word(asked: dict[str, Any]) -> str:
    """What was asked for, as part of a file's name: 'impair-all-silent', 'maze-size-6-8'."""
    words = []
    if asked['impair'] is not None:
        words.append(f'impair-{asked["impair"]}-{asked["impair_kind"]}')
    if asked['maze_sizes'] is not None:
        words.append('maze-size-' + '-'.join(map(str, asked['maze_sizes'])))
    if asked['mask_reward']:
        words.append('mask-reward')
    if asked['switch_direction'] is not None:
        words.append(f'switch-direction-{asked["switch_direction"]}')
    words += _memory_names(asked)
    return '-'.join(words)


def choose_renderer() -> None:
    """Set MUJOCO_GL to a renderer that is there; MuJoCo reads it when it is imported.

    Raises:
        click.ClickException: If there is none.

    """
    if 'MUJOCO_GL' in os.environ or os.environ.get('DISPLAY') or sys.platform != 'linux':
        return
    for library, renderer in (('EGL', 'egl'), ('OSMesa', 'osmesa')):
        if ctypes.util.find_library(library):
            os.environ['MUJOCO_GL'] = renderer
            return
    raise click.ClickException(
        'this machine can not draw: there is no display, and neither libEGL nor libOSMesa. Install '
        'one of them (Debian, Ubuntu: libegl1 or libosmesa6), or evaluate without --render'
    )


def _tasks(evaluator: Any, goals: int | None, split: str) -> list[Any]:
    from metods_garage.experiment.evaluation import choose_tasks

    protocol = evaluator.protocol
    if goals is not None:
        protocol = dataclasses.replace(protocol, final_goals=goals)
    chosen = choose_tasks(protocol, 'final', evaluator.tasks)
    found = [task for task in chosen if split in (task.split, 'both')]
    if not found:
        raise click.UsageError(
            f'the protocol of this run has no {split} tasks, only {", ".join(protocol.splits)}'
        )
    return found


def _one_goal_each(tasks: list[Any]) -> list[Any]:
    first: dict[tuple[str, str], Any] = {}
    for task in tasks:
        first.setdefault((task.split, task.task), task)
    return list(first.values())


def _film(evaluator: Any, algo: Any, task: Any, run: pathlib.Path) -> pathlib.Path:
    from metods_garage.experiment.video import film_trial

    path = run / f're-evaluation-{task.split}-{task.task}-goal-{task.goal}'
    return film_trial(evaluator, algo, task, path)


def _write(
    path: pathlib.Path, trained: 'TrainedRun', rows: list[dict[str, Any]], *more: str
) -> None:
    from metods_garage.experiment import EVALUATION_COLUMNS

    config = trained.configuration
    shared = {
        'benchmark': config['benchmark'],
        'protocol': config['protocol']['name'],
        'method': config['method'],
        'seed': config['seed'],
        'training_steps': trained.training_steps,
        'kind': 'final',
    }
    with open(path, 'w', encoding='utf-8', newline='') as file:
        writer = csv.DictWriter(file, (*EVALUATION_COLUMNS, *more), lineterminator='\n')
        writer.writeheader()
        writer.writerows(shared | row for row in rows)


def _table(rows: list[dict[str, Any]]) -> str:
    """Mean return and success of the test episodes, per task and over each split's tasks."""
    lines = [f'{"split":<7}{"task":<28}{"goals":>6}{"return":>10}{"success":>10}']
    for split in dict.fromkeys(row['split'] for row in rows):
        tests = [row for row in rows if row['split'] == split and row['phase'] == 'test']
        names = list(dict.fromkeys(row['task'] for row in tests))
        for name in names:
            lines.append(_line(split, name, [row for row in tests if row['task'] == name]))
        if len(names) > 1:
            lines.append(_line(split, 'all', tests))
    return '\n'.join(lines)


def _line(split: str, name: str, rows: list[dict[str, Any]]) -> str:
    goals = len({(row['task'], row['goal']) for row in rows})
    mean_return = sum(row['return'] for row in rows) / len(rows)
    known = all(row['success'] != '' for row in rows)
    success = f'{100 * sum(row["success"] for row in rows) / len(rows):.1f} %' if known else '-'
    return f'{split:<7}{name:<28}{goals:>6}{mean_return:>10.1f}{success:>10}'


if __name__ == '__main__':
    evaluate()
