"""Differences between runs that met the same tasks from the same seeds, task by task."""

from collections.abc import Callable, Iterable, Sequence

from metods_garage.report.bootstrap import Interval, bootstrap_interval
from metods_garage.report.comparisons import Line, compare
from metods_garage.report.goal_scores import SPLIT_NAMES, Goal, by_class, goal_means
from metods_garage.report.rows import EvaluationRow
from metods_garage.report.runs import Evaluation, Run
from metods_garage.report.tables import aligned, format_interval, format_mean

import numpy as np

#: Which episodes of a trial are compared.
EPISODES: dict[str, Callable[[EvaluationRow], bool]] = {
    'test': lambda row: row.phase == 'test',
    'later': lambda row: row.episode > 0,
    'all': lambda _: True,
}
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


def paired_table(
    runs: Iterable[Run],
    reference: Run | Sequence[Run],
    measure: str = 'return',
    episodes: str = 'test',
) -> str:
    """The difference of each run to a reference, and of the seeds of one method together.

    Seeds are independent of each other, so that pairing two says nothing of either; but the mean of
    such differences over some seeds has an interval that is of the spread of both methods.

    Args:
        runs: Runs; those of another benchmark than the reference's are left out.
        reference: The run that the others are compared to, or seeds of one method, with each of
            which the run of the same seed is compared.
        measure: 'return' or 'success'.
        episodes: A key of `EPISODES`: which episodes of a trial it is the mean of.

    Returns:
        The table, the splits of tasks below one another; below it the runs that are not finished,
        and those for which the reference lacks a seed.

    Raises:
        ValueError: If the reference is unfinished, their tasks are not the same, or the
            reference is of several methods or settings.

    """
    references = [reference] if isinstance(reference, Run) else list(reference)
    splits = [
        name for name in SPLIT_NAMES if _scores(_final(references[0]), measure, name, episodes)
    ]
    if not splits:
        raise ValueError(f'there is no {measure} to compare')
    header = ['method', 'seed', 'tasks', measure, 'difference [95 %]', 'in percent [95 %]']
    rows = [header]
    found = [run for run in runs if run.benchmark == references[0].benchmark]
    others = [run for run in found if run.finished]
    label, lines = _lines(others, references)
    for split in splits:
        rows += _split_rows(label, lines, references, measure, split, episodes)
    left_out = [run for line in lines for run in line.runs if _counterpart(run, references) is None]
    notes = [f'{run.folder} is left out: the reference has no seed {run.seed}' for run in left_out]
    notes += [f'{run.folder} is left out: it is not finished' for run in found if not run.finished]
    which = '' if episodes == 'test' else f', {episodes} episodes of a trial'
    title = f'{references[0].benchmark}: paired differences to {label}{which}'
    return '\n'.join([f'{title}\n\n{aligned(rows)}', *notes])


def _counterpart(run: Run, references: Sequence[Run]) -> Run | None:
    """The reference that a run is compared to: the only one, or the one of its seed."""
    if len(references) == 1:
        return references[0]
    return next((one for one in references if one.seed == run.seed), None)


def _split_rows(
    reference_label: str,
    lines: list[Line],
    references: Sequence[Run],
    measure: str,
    split: str,
    episodes: str,
) -> list[list[str]]:
    bases = {run.seed: _scores(_final(run), measure, split, episodes) for run in references}
    means = {seed: _mean(base) for seed, base in bases.items()}
    tasks = f'{len(bases[references[0].seed])} {SPLIT_NAMES[split]}'

    def row(label: str, seed: str, mean: float, cube: np.ndarray | None = None) -> list[str]:
        if cube is None:
            return [label, seed, tasks, format_mean(mean, measure, digits=_DIGITS), '-', '-']
        found = bootstrap_interval(cube)
        cells = [format_interval(found, measure), _share(found, mean)]
        return [label, seed, tasks, format_mean(mean + found.mean, measure, digits=_DIGITS), *cells]

    rows = [row(reference_label, str(seed), mean) for seed, mean in means.items()]
    if len(means) > 1:
        rows.append(row(reference_label, 'all', float(np.mean(list(means.values())))))
    for line in lines:
        pairs = [(run, _counterpart(run, references)) for run in line.runs]
        seeds = [(run, other.seed) for run, other in pairs if other is not None]
        found = [
            _differences(_scores(_final(run), measure, split, episodes), bases[seed])
            for run, seed in seeds
        ]
        for (run, seed), matrix in zip(seeds, found, strict=True):
            rows.append(row(line.label, str(run.seed), means[seed], matrix[np.newaxis]))
        if len(found) > 1:
            mean = float(np.mean([means[seed] for _, seed in seeds]))
            rows.append(row(line.label, 'all', mean, np.stack(found)))
    return rows


def _mean(scores: dict[Goal, float]) -> float:
    return float(np.nanmean(by_class(scores), axis=1).mean())


def _lines(runs: list[Run], references: Sequence[Run]) -> tuple[str, list[Line]]:
    """The reference's name, and seeds of one method together; budgets of training may differ.

    References are left out after everything has its name, or a run that differs from them in one
    setting would have none to tell.
    """
    folders = {run.folder.resolve() for run in references}
    others = [run for run in runs if run.folder.resolve() not in folders]
    named = [line for found in compare([*references, *others]) for line in found.lines]
    labels = [
        line.label for line in named if any(run.folder.resolve() in folders for run in line.runs)
    ]
    if len(labels) > 1:
        raise ValueError(
            f'a reference is one run or the seeds of one method, and these are '
            f'{", ".join(labels)}: choose one of their folders'
        )
    lines = [
        Line(line.label, tuple(run for run in line.runs if run.folder.resolve() not in folders))
        for line in named
    ]
    return labels[0], [line for line in lines if line.runs]


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


def _scores(
    evaluation: Evaluation, measure: str, split: str, episodes: str = 'test'
) -> dict[Goal, float]:
    """Mean over some episodes of each task."""
    chosen = EPISODES[episodes]
    rows = (row for row in evaluation.rows if row.split == split and chosen(row))
    return goal_means(rows, measure)
