"""What each goal of an evaluation scored: rows in, one number a goal out."""

from collections.abc import Iterable, Mapping, Sequence

from metods_garage.report.rows import EvaluationRow

import numpy as np

MEASURES = ('success', 'return')
SPLIT_NAMES = {'train': 'training', 'test': 'test'}

Goal = tuple[str, int]
"""A class of tasks and the number of a goal within it."""


def score(row: EvaluationRow, measure: str) -> float | None:
    """One row's score: its success or its return."""
    return row.success if measure == 'success' else row.total_reward


def goal_means(rows: Iterable[EvaluationRow], measure: str) -> dict[Goal, float]:
    """The mean of each goal's episodes.

    Args:
        rows: Episodes of one split.
        measure: 'success' or 'return'.

    Returns:
        The means; goals without an episode that has this measure are left out.

    """
    scores: dict[Goal, list[float]] = {}
    for row in rows:
        value = score(row, measure)
        if value is not None:
            scores.setdefault((row.task, row.goal), []).append(value)
    return {goal: float(np.mean(values)) for goal, values in scores.items()}


def by_class(values: Mapping[Goal, float]) -> np.ndarray:
    """One number a goal as [classes, goals], padded with NaN at the end of each class."""
    classes: dict[str, list[float]] = {}
    for (task, _), value in sorted(values.items()):
        classes.setdefault(task, []).append(value)
    width = max(len(found) for found in classes.values())
    return np.array([found + [np.nan] * (width - len(found)) for found in classes.values()])


def cube(seeds: Sequence[Mapping[Goal, float]], what: str) -> np.ndarray:
    """One number a seed and goal as [seeds, classes, goals], padded as by `by_class`.

    Args:
        seeds: The same goals for each seed.
        what: What they are of, for the error.

    Returns:
        The numbers.

    Raises:
        ValueError: If seeds do not have the same goals.

    """
    goals = set(seeds[0])
    for found in seeds:
        if set(found) != goals:
            raise ValueError(
                f'{what} do not cover the same goals: {sorted(goals ^ set(found))[:3]} are in one '
                f'and not in another; report on runs of one protocol'
            )
    return np.stack([by_class(found) for found in seeds])
