"""Evaluates a trained run again: `python -m metods_garage.evaluate RUN`."""

import contextlib
import csv
import ctypes.util
import dataclasses
import json
import os
import pathlib
import sys
from collections.abc import Iterator
from typing import Any

import click


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
def evaluate(run: pathlib.Path, goals: int | None, split: str, render: bool, **asked: Any) -> None:
    """Evaluate a trained run again from its last snapshot, and print what came of it.

    The rows go to RUN/re-evaluation-<split>-<goals>.csv, those of the papers' test conditions to a
    file with one more column; the rows of the run itself stay.
    """
    if render:
        choose_renderer()
    with _loaded(run) as (evaluator, saved):
        tasks = _tasks(evaluator, goals, split)
        name = f're-evaluation-{split}-{goals or "final"}'
        if _file_word(asked):
            _evaluate_conditions(run, name, evaluator, saved, tasks, asked)
            return
        outcome = evaluator.in_this_process().evaluate(saved['algo'], tasks)
        path = run / f'{name}.csv'
        _write(path, run, outcome.rows, saved['ledger'].training_steps)
        click.echo(_table(outcome.rows))
        click.echo(f'\nwritten:\n  {path}')
        for task in _one_goal_each(tasks) if render else []:
            click.echo(f'  {_film(evaluator, saved["algo"], task, run)}')


def _evaluate_conditions(
    run: pathlib.Path,
    name: str,
    evaluator: Any,
    saved: dict[str, Any],
    tasks: list[Any],
    asked: dict[str, Any],
) -> None:
    """Evaluate under the condition of training and under those that were asked for."""
    from metods_garage.experiment.conditions import AS_TRAINED
    from metods_garage.report.conditions import conditions_table

    conditions = _conditions(evaluator.protocol, tasks, asked)
    rows = []
    for condition in conditions:
        judge = evaluator.in_this_process().under(condition.protocol)
        outcome = judge.evaluate(saved['algo'], condition.tasks)
        judge.close()
        rows += [row | {'condition': condition.name} for row in outcome.rows]
    names = [condition.name for condition in conditions if condition.name != AS_TRAINED]
    path = run / f'{name}-{_file_word(asked)}.csv'
    _write(path, run, rows, saved['ledger'].training_steps, 'condition')
    impaired = [each for each in names if each.startswith(f'{asked["impair_kind"]}-')]
    click.echo(conditions_table(rows, AS_TRAINED, impaired))
    click.echo(f'\nwritten:\n  {path}')


def _conditions(protocol: Any, tasks: list[Any], asked: dict[str, Any]) -> list[Any]:
    from metods_garage.experiment import conditions

    trained = conditions.Condition(conditions.AS_TRAINED, protocol, tasks)
    found = [trained]
    if asked['impair'] is not None:
        found += conditions.impaired(trained, asked['impair'], asked['impair_kind'])
    if asked['maze_sizes'] is not None:
        found += conditions.in_mazes(trained, asked['maze_sizes'])
    if asked['mask_reward']:
        found.append(conditions.masked(trained))
    if asked['switch_direction'] is not None:
        found.append(conditions.switching(trained, asked['switch_direction']))
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


@contextlib.contextmanager
def _loaded(run: pathlib.Path) -> Iterator[tuple[Any, dict[str, Any]]]:
    from metods_garage.experiment import read_snapshot

    kept = read_snapshot(run / 'evaluator.bin')
    _choose_device(run)
    with _session() if kept['session'] else contextlib.nullcontext():
        saved = read_snapshot(run / 'snapshot.bin')
        sampler = getattr(saved['algo'], '_sampler', None)
        if sampler is not None:
            sampler.shutdown_worker()  # nothing is trained here
        yield kept['evaluator'], saved


def _choose_device(run: pathlib.Path) -> None:
    """Have the device at hand that the run was trained on, for its parameters are there."""
    from metods_garage.experiment.launch import find_device

    device = _configuration(run).get('execution', {}).get('device', 'cpu')
    try:
        find_device(device)
    except click.UsageError:
        raise click.ClickException(
            f'{run} was trained on {device}, which this machine does not have: evaluate it on one '
            f'that has'
        ) from None
    if device != 'cpu':
        from garage.torch import set_gpu_mode  # PEARL asks it where its tensors are

        set_gpu_mode(True, gpu_id=int(device.partition(':')[2] or 0))


def _configuration(run: pathlib.Path) -> dict[str, Any]:
    try:
        return dict(json.loads((run / 'config.json').read_text()))
    except (OSError, ValueError, TypeError) as error:
        raise click.ClickException(f'{run / "config.json"} can not be read: {error}') from None


def _session() -> Any:
    import tensorflow as tf

    return tf.compat.v1.Session()


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
    path: pathlib.Path, run: pathlib.Path, rows: list[dict[str, Any]], steps: int, *more: str
) -> None:
    from metods_garage.experiment import EVALUATION_COLUMNS

    config = _configuration(run)
    shared = {
        'benchmark': config['benchmark'],
        'protocol': config['protocol']['name'],
        'method': config['method'],
        'seed': config['seed'],
        'training_steps': steps,
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
