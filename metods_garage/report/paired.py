"""Differences between runs that met the same tasks from the same seeds, task by task."""

from collections.abc import Iterable

from metods_garage.report.bootstrap import Interval, bootstrap_interval
from metods_garage.report.comparisons import Line, compare
from metods_garage.report.goal_scores import SPLIT_NAMES, Goal, by_class, goal_means
from metods_garage.report.runs import Evaluation, Run
from metods_garage.report.tables import aligned, format_interval, format_mean

import numpy as np

_DIGITS = 2  # of means, whose differences may be below a hundredth of them


def paired_difference(
    one: Evaluation, reference: Evaluation, measure: str = 'return', *, split: str = 'test'
) -> Interval:
    """Mean over tasks of how much more an evaluation scored than another, and its interval.

    Args:
        one: An evaluation.
        reference: One of the same tasks, from the same seeds.
        measure: 'return' or 'success', of the test episodes of a trial.
        split: 'train' or 'test' tasks.

    Returns:
        The mean difference and its 95 % bootstrap interval over tasks.

    Raises:
        ValueError: If they are not of the same tasks, or of none.

    """
    mine, theirs = _scores(one, measure, split), _scores(reference, measure, split)
    if not mine and not theirs:
        raise ValueError(f'neither evaluation has a {measure} of {SPLIT_NAMES[split]} tasks')
    return bootstrap_interval(_differences(mine, theirs)[np.newaxis])


def paired_table(runs: Iterable[Run], reference: Run, measure: str = 'return') -> str:
    """The difference of each run to one of them, and of the seeds of one method together.

    Args:
        runs: Finished runs; those of another benchmark than the reference's are left out.
        reference: The run that the others are compared to.
        measure: 'return' or 'success', of the test episodes of a trial.

    Returns:
        The table, the splits of tasks below one another.

    Raises:
        ValueError: If a run or the reference is unfinished, or their tasks are not the same.

    """
    base = _final(reference)
    splits = [name for name in SPLIT_NAMES if _scores(base, measure, name)]
    if not splits:
        raise ValueError(f'there is no {measure} to compare')
    header = ['method', 'seed', 'tasks', measure, 'difference [95 %]', 'in percent [95 %]']
    rows = [header]
    others = [run for run in runs if run.benchmark == reference.benchmark]
    label, lines = _lines(others, reference)
    for split in splits:
        rows += _split_rows(label, lines, reference, measure, split)
    return f'{reference.benchmark}: paired differences to {label}\n\n{aligned(rows)}'


def _split_rows(
    reference_label: str, lines: list[Line], reference: Run, measure: str, split: str
) -> list[list[str]]:
    base = _scores(_final(reference), measure, split)
    mean = float(np.nanmean(by_class(base), axis=1).mean())
    tasks = f'{len(base)} {SPLIT_NAMES[split]}'

    def row(label: str, seed: str, cube: np.ndarray | None) -> list[str]:
        if cube is None:
            return [label, seed, tasks, format_mean(mean, measure, digits=_DIGITS), '-', '-']
        found = bootstrap_interval(cube)
        cells = [format_interval(found, measure), _share(found, mean)]
        return [label, seed, tasks, format_mean(mean + found.mean, measure, digits=_DIGITS), *cells]

    rows = [row(reference_label, str(reference.seed), None)]
    for line in lines:
        found = [_differences(_scores(_final(run), measure, split), base) for run in line.runs]
        for run, matrix in zip(line.runs, found, strict=True):
            rows.append(row(line.label, str(run.seed), matrix[np.newaxis]))
        if len(found) > 1:
            rows.append(row(line.label, 'all', np.stack(found)))
    return rows


def _lines(runs: list[Run], reference: Run) -> tuple[str, list[Line]]:
    """The reference's name, and seeds of one method together; budgets of training may differ.

    The reference is left out after everything has its name, or a run that differs from it in one
    setting would have none to tell.
    """
    others = [run for run in runs if run.folder.resolve() != reference.folder.resolve()]
    named = [line for found in compare([reference, *others]) for line in found.lines]
    (label,) = [line.label for line in named if any(run is reference for run in line.runs)]
    lines = [
        Line(line.label, tuple(run for run in line.runs if run is not reference)) for line in named
    ]
    return label, [line for line in lines if line.runs]


def _final(run: Run) -> Evaluation:
    if run.final is None:
        raise ValueError(f'{run.folder} has no final evaluation: resume the run')
    return run.final


def _share(found: Interval, mean: float) -> str:
    if mean == 0:
        return '-'
    return '{:+.2f} % [{:+.2f}, {:+.2f}]'.format(*(100 * value / mean for value in found))


def _differences(mine: dict[Goal, float], theirs: dict[Goal, float]) -> np.ndarray:
    """Score less the reference's score, of each task [classes, goals]."""
    if set(mine) != set(theirs):
        raise ValueError(
            f'evaluations of {len(mine)} and of {len(theirs)} tasks can not be paired: '
            f'{sorted(set(mine) ^ set(theirs))[:3]} are in one and not in the other'
        )
    return by_class({goal: mine[goal] - theirs[goal] for goal in mine})


def _scores(evaluation: Evaluation, measure: str, split: str) -> dict[Goal, float]:
    """Mean over the test episodes of each task."""
    rows = (row for row in evaluation.rows if row.phase == 'test' and row.split == split)
    return goal_means(rows, measure)
