"""What a trial gains after its first episode: later episodes less the first, goal by goal."""

from collections.abc import Iterable

from metods_garage.report.bootstrap import Interval, bootstrap_interval
from metods_garage.report.comparisons import Line, compare
from metods_garage.report.goal_scores import SPLIT_NAMES, Goal, by_class, cube, goal_means
from metods_garage.report.runs import Evaluation, Run
from metods_garage.report.tables import aligned, format_interval, format_mean

import numpy as np


def adaptation_gain(evaluation: Evaluation, measure: str = 'return', *, split: str) -> Interval:
    """How much more the later episodes of a trial score than its first, goal by goal.

    Args:
        evaluation: An evaluation whose trials have several episodes.
        measure: 'return' or 'success'.
        split: 'train' or 'test' tasks.

    Returns:
        The mean difference and its 95 % bootstrap interval over classes and goals.

    Raises:
        ValueError: If the evaluation has no such episodes or trials of one episode, or a goal
            lacks an episode.

    """
    parts = _parts(evaluation, measure, split)
    if parts is None:
        raise ValueError(
            f'the {evaluation.kind} evaluation of {SPLIT_NAMES[split]} tasks has trials of one '
            f'episode or none: there is no later one to compare the first with'
        )
    first, later = (by_class(part) for part in parts)
    return bootstrap_interval((later - first)[np.newaxis])


def adaptation_table(runs: Iterable[Run], measure: str = 'return') -> str:
    """First and later episodes of the last evaluation of each run, and the seeds of one method.

    Args:
        runs: Runs, of any benchmark; those without an evaluation, or with trials of one episode,
            are left out.
        measure: 'return' or 'success'.

    Returns:
        The table.

    Raises:
        ValueError: If no run is left, seeds of one method met other goals, or a goal lacks an
            episode.

    """
    rows = [['benchmark', 'tasks', 'method', 'seed', 'first episode', 'later ones',
             'difference [95 %]']]  # fmt: skip
    for comparison in compare(runs):
        if measure in comparison.measures():
            for split in comparison.splits():
                for line in comparison.evaluated:
                    head = [comparison.benchmark, SPLIT_NAMES[split], line.label]
                    rows += [head + cells for cells in _line_cells(line, measure, split)]
    if len(rows) == 1:
        raise ValueError(f'no run has a {measure} of trials of several episodes')
    return f'{measure} within the trial\n\n{aligned(rows)}'


def _line_cells(line: Line, measure: str, split: str) -> list[list[str]]:
    found = {
        run.seed: _parts(run.last, measure, split) for run in line.runs if run.last is not None
    }
    seeds = {seed: parts for seed, parts in found.items() if parts is not None}
    if not seeds:
        return []
    what = f'{SPLIT_NAMES[split]} tasks of the seeds of {line.label}'
    parts = np.stack([cube(part, what) for part in zip(*seeds.values(), strict=True)], axis=1)
    named = [(str(seed), parts[[n]]) for n, seed in enumerate(seeds)]  # [1, 2, C, G]
    named += [('all', parts)] if len(seeds) > 1 else []
    return [[seed, *_cells(one, measure)] for seed, one in named]


def _cells(parts: np.ndarray, measure: str) -> list[str]:
    first, later = parts[:, 0], parts[:, 1]  # [seeds, classes, goals]
    means = [float(np.nanmean(part, axis=2).mean()) for part in (first, later)]
    gain = format_interval(bootstrap_interval(later - first), measure)
    return [*(format_mean(mean, measure) for mean in means), gain]


def _parts(
    evaluation: Evaluation, measure: str, split: str
) -> tuple[dict[Goal, float], dict[Goal, float]] | None:
    """Means of each goal's first episode and of its later ones; None where there are no later.

    Raises ValueError if a goal has only one of the two.
    """
    rows = [row for row in evaluation.rows if row.split == split]
    first = goal_means((row for row in rows if row.episode == 0), measure)
    later = goal_means((row for row in rows if row.episode > 0), measure)
    if not later:
        return None
    if set(first) != set(later):
        raise ValueError(
            f'the {evaluation.kind} evaluation at {evaluation.training_steps} training steps is '
            f'not whole: {sorted(set(first) ^ set(later))[:3]} of its {SPLIT_NAMES[split]} tasks '
            f'have a first episode or later ones, and not both'
        )
    return first, later
