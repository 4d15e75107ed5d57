"""The table of a trained run under several test conditions, and its resistance to impairment.

A row is a mapping with `condition` and the columns of evaluation.csv. The units of intervals are
classes, and tasks within them (of the resistance: tasks); the episodes of a task, and the actuators
that it was met without, are averaged first.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from metods_garage.report.bootstrap import RESAMPLES, SEED, Interval, bootstrap_interval
from metods_garage.report.goal_scores import Goal, by_class
from metods_garage.report.tables import aligned, format_interval, format_mean

import numpy as np

Row = Mapping[str, Any]


def conditions_table(rows: Sequence[Row], healthy: str, impaired: Sequence[str] = ()) -> str:
    """Mean return and success of the test episodes under each condition, with 95 % intervals.

    Args:
        rows: The rows of all conditions.
        healthy: Name of the condition that the others are compared to.
        impaired: Names of the conditions whose mean over them, and resistance, are added: those of
            one actuator each.

    Returns:
        The table.

    """
    lines = [['condition', 'split', 'tasks', 'return [95 %]', 'success [95 %], in percent']]
    tests = [row for row in rows if row['phase'] == 'test']
    for split in dict.fromkeys(row['split'] for row in tests):
        inside = [row for row in tests if row['split'] == split]
        for name in dict.fromkeys(row['condition'] for row in inside):
            found = [row for row in inside if row['condition'] == name]
            lines.append(_line(name, split, found))
            lines += _per_episode(name, split, found)
        if len(impaired) > 1:
            found = [row for row in inside if row['condition'] in impaired]
            lines.append(_line('mean over actuators', split, found))
        if impaired:
            lines.append(_resistance_line(split, inside, healthy, impaired))
    return aligned(lines)


def gains_table(rows: Sequence[Row], healthy: str, others: Sequence[str]) -> str:
    """First and later episodes of the trials of each condition, and what later ones lose by it.

    Args:
        rows: The rows of all conditions.
        healthy: Name of the condition that the others are compared to.
        others: Their names.

    Returns:
        The table: the loss is that of the later episodes, task by task.

    """
    lines = [['condition', 'split', 'measure', 'first episode', 'later ones',
              'gain [95 %]', 'less than as trained [95 %]']]  # fmt: skip
    for measure in ('success', 'return'):
        if any(row[measure] == '' for row in rows):
            continue
        for split in dict.fromkeys(row['split'] for row in rows):
            inside = [row for row in rows if row['split'] == split]
            own = _first_and_later(inside, healthy, measure)
            for name in (healthy, *others):
                first, later = _first_and_later(inside, name, measure)
                means = [format_mean(_mean(scores), measure) for scores in (first, later)]
                loss = '-' if name == healthy else _difference(own[1] - later, measure)
                gain = _difference(later - first, measure)
                lines.append([name, split, measure, *means, gain, loss])
    return aligned(lines)


def resistance(
    healthy: np.ndarray, impaired: np.ndarray, *, resamples: int = RESAMPLES, seed: int = SEED
) -> Interval | None:
    """Impaired return / healthy return (N), over tasks, with its 95 % bootstrap interval.

    Args:
        healthy: Return of each task [G].
        impaired: Return of the same tasks, averaged over actuators [G].
        resamples: Number of resamples.
        seed: Seed of the generator used here and nowhere else.

    Returns:
        The ratio of the means and its interval, the tasks of both drawn together; None where the
        healthy return is not above zero in every resample, so that a ratio says nothing.

    """
    chosen = np.random.default_rng(seed).integers(len(healthy), size=(resamples, len(healthy)))
    below = healthy[chosen].mean(axis=1)
    if min(below.min(), healthy.mean()) <= 0:
        return None
    low, high = np.quantile(impaired[chosen].mean(axis=1) / below, (0.025, 0.975))
    return Interval(float(impaired.mean() / healthy.mean()), float(low), float(high))


def _line(name: str, split: str, rows: Sequence[Row]) -> list[str]:
    cells = [name, split, str(len(_by_task(rows, 'return')))]
    for measure in ('return', 'success'):
        known = all(row[measure] != '' for row in rows)
        cells.append(format_interval(interval_of(rows, measure), measure) if known else '-')
    return cells


def _per_episode(name: str, split: str, rows: Sequence[Row]) -> list[list[str]]:
    episodes = sorted({int(row['episode']) for row in rows})
    if len(episodes) == 1:
        return []
    return [
        _line(f'{name}, episode {n + 1}', split, [r for r in rows if int(r['episode']) == episode])
        for n, episode in enumerate(episodes)
    ]


def _resistance_line(
    split: str, rows: Sequence[Row], healthy: str, impaired: Sequence[str]
) -> list[str]:
    whole, broken = (
        _by_task([row for row in rows if row['condition'] in names], 'return')
        for names in ([healthy], impaired)
    )
    goals = sorted(whole)
    found = resistance(
        np.array([whole[goal] for goal in goals]), np.array([broken[goal] for goal in goals])
    )
    said = 'none: the healthy return is not above 0'
    if found is not None:
        mean, low, high = (100 * number for number in found)
        said = f'{mean:.1f} % [{low:.1f}, {high:.1f}]'
    return ['resistance', split, str(len(whole)), said, '-']


def interval_of(rows: Sequence[Row], measure: str) -> Interval:
    """Mean of a measure over classes of the means over tasks, and its 95 % interval."""
    scores = by_class(_by_task(rows, measure))
    return bootstrap_interval(scores[np.newaxis], rate=measure == 'success')


def _first_and_later(
    rows: Sequence[Row], condition: str, measure: str
) -> tuple[np.ndarray, np.ndarray]:
    """Means of the tasks' first episodes and of their later ones, each [classes, G]."""
    found = [row for row in rows if row['condition'] == condition]
    return (
        by_class(_by_task([row for row in found if int(row['episode']) == 0], measure)),
        by_class(_by_task([row for row in found if int(row['episode']) > 0], measure)),
    )


def _mean(scores: np.ndarray) -> float:
    """Mean over classes of the means over the tasks of a class."""
    return float(np.nanmean(scores, axis=1).mean())


def _difference(differences: np.ndarray, measure: str) -> str:
    return format_interval(bootstrap_interval(differences[np.newaxis]), measure)


def _by_task(rows: Sequence[Row], measure: str) -> dict[Goal, float]:
    """Means of the tasks."""
    scores: dict[Goal, list[float]] = {}
    for row in rows:
        scores.setdefault((row['task'], int(row['goal'])), []).append(float(row[measure]))
    return {goal: float(np.mean(values)) for goal, values in scores.items()}
