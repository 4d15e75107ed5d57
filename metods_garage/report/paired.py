"""Differences between runs that met the same tasks from the same seeds, task by task."""

from collections.abc import Iterable

from metods_garage.report.bootstrap import Interval, bootstrap_interval
from metods_garage.report.comparisons import Line, compare, score
from metods_garage.report.runs import Evaluation, Run
from metods_garage.report.tables import aligned, format_interval

import numpy as np

Key = tuple[str, str, int]


def paired_difference(one: Evaluation, reference: Evaluation, measure: str = 'return') -> Interval:
    """Mean over tasks of how much more an evaluation scored than another, and its interval.

    Args:
        one: An evaluation.
        reference: One of the same tasks, from the same seeds.
        measure: 'return' or 'success', of the test episodes of a trial.

    Returns:
        The mean difference and its 95 % bootstrap interval over tasks.

    Raises:
        ValueError: If they are not of the same tasks.

    """
    return bootstrap_interval(_differences(one, reference, measure)[np.newaxis, np.newaxis])


def paired_table(runs: Iterable[Run], reference: Run, measure: str = 'return') -> str:
    """The difference of each run to one of them, and of the seeds of one method together.

    Args:
        runs: Finished runs; those of another benchmark than the reference's are left out.
        reference: The run that the others are compared to.
        measure: 'return' or 'success', of the test episodes of a trial.

    Returns:
        The table.

    Raises:
        ValueError: If a run or the reference is unfinished, or their tasks are not the same.

    """
    base = _final(reference)
    mean = float(np.mean(list(_scores(base, measure).values())))
    header = ['method', 'seed', 'tasks', measure, 'difference [95 %]', 'in percent [95 %]']
    rows = [header, _row(reference, str(reference.seed), base, measure) + ['-', '-']]
    others = [run for run in runs if run.benchmark == reference.benchmark]
    for line in _lines(others, reference):
        found = [_final(run) for run in line.runs]
        for run, one in zip(line.runs, found, strict=True):
            cells = _row(run, str(run.seed), one, measure, line.label)
            rows.append(cells + _cells(paired_difference(one, base, measure), mean))
        if len(found) > 1:
            cube = np.stack([_differences(one, base, measure)[np.newaxis] for one in found])
            rows.append(
                [line.label, 'all', str(cube.shape[2]), f'{mean + cube.mean():.2f}']
                + _cells(bootstrap_interval(cube), mean)
            )
    return f'{reference.benchmark}: paired differences to {reference.method}\n\n{aligned(rows)}'


def _lines(runs: list[Run], reference: Run) -> list[Line]:
    """Seeds of one method together; protocols may differ in the budget of training."""
    others = [run for run in runs if run.folder != reference.folder]
    return [line for comparison in compare(others) for line in comparison.lines]


def _final(run: Run) -> Evaluation:
    if run.final is None:
        raise ValueError(f'{run.folder} has no final evaluation: resume the run')
    return run.final


def _row(run: Run, seed: str, one: Evaluation, measure: str, label: str | None = None) -> list[str]:
    scores = _scores(one, measure)
    mean = float(np.mean(list(scores.values())))
    return [label or run.method, seed, str(len(scores)), f'{mean:.2f}']


def _cells(found: Interval, mean: float) -> list[str]:
    share = Interval(*(value / mean for value in found))
    return [
        format_interval(found, 'return'),
        '{:+.2f} % [{:+.2f}, {:+.2f}]'.format(*(100 * value for value in share)),
    ]


def _differences(one: Evaluation, reference: Evaluation, measure: str) -> np.ndarray:
    """Score less the reference's score, of each task in the order of their names [G]."""
    mine, theirs = _scores(one, measure), _scores(reference, measure)
    if set(mine) != set(theirs):
        raise ValueError(
            f'evaluations of {len(mine)} and of {len(theirs)} tasks can not be paired: '
            f'{sorted(set(mine) ^ set(theirs))[:3]} are in one and not in the other'
        )
    return np.array([mine[key] - theirs[key] for key in sorted(mine)])


def _scores(evaluation: Evaluation, measure: str) -> dict[Key, float]:
    """Mean over the test episodes of each (split, task, goal)."""
    found: dict[Key, list[float]] = {}
    for row in evaluation.rows:
        value = score(row, measure)
        if row.phase == 'test' and value is not None:
            found.setdefault((row.split, row.task, row.goal), []).append(value)
    if not found:
        raise ValueError(f'there is no {measure} to compare')
    return {key: float(np.mean(values)) for key, values in found.items()}
