"""95 % intervals over seeds, tasks and goals by a crossed bootstrap.

An evaluation is a cube of scores [seeds, classes, goals]: every seed meets the same classes and
the same goals. What is reported is the mean over seeds of the mean over classes of the mean over
the goals of a class. One resample draws seeds, classes, and the goals within each class, each
with replacement and each once for the whole cube, so that a goal that is hard for one seed is hard
for all of them (Owen, The pigeonhole bootstrap, 2007; slightly conservative). The interval is the
range between the 2.5 % and the 97.5 % quantile of the resampled means. With one seed, it says
nothing about the spread between seeds.
"""

import functools
from typing import NamedTuple

import numpy as np

RESAMPLES = 2000
SEED = 20211


class Interval(NamedTuple):
    """A mean and its 95 % bootstrap interval."""

    mean: float
    low: float
    high: float


def bootstrap_interval(
    scores: np.ndarray, *, resamples: int = RESAMPLES, level: float = 0.95, seed: int = SEED
) -> Interval:
    """Mean of a cube of scores and the bootstrap interval of that mean.

    Args:
        scores: Scores [seeds, classes, goals]. Where classes have different numbers of goals, the
            goals that a class lacks stand at the end and are NaN, for all seeds alike.
        resamples: Number of resamples.
        level: Probability that the interval is to cover.
        seed: Seed of the generator used here and nowhere else: equal scores, equal interval.

    Returns:
        The mean, and the lower and upper end of the interval.

    Raises:
        ValueError: If a class has no goal, or seeds differ in which goals they have.

    """
    present = _goals_per_class(scores)
    filled = np.nan_to_num(scores)
    everything = (
        np.ones((1, scores.shape[0])),
        np.ones((1, scores.shape[1])),
        (np.arange(scores.shape[2]) < np.array(present)[:, None]).astype(float)[:, None],
    )
    mean = _weighted_mean(filled, *everything)[0]
    draws = _weighted_mean(filled, *_draw_counts(scores.shape, present, resamples, seed))
    tail = 100 * (1 - level) / 2
    low, high = np.percentile(draws, [tail, 100 - tail])
    return Interval(float(mean), float(low), float(high))


def _goals_per_class(scores: np.ndarray) -> tuple[int, ...]:
    present = ~np.isnan(scores)
    counts = present.sum(axis=2)
    expected = np.arange(scores.shape[2]) < counts[:1, :, None]
    if not counts.all() or not (present == expected).all():
        raise ValueError(
            f'scores of shape {scores.shape} do not cover the same goals for every seed'
        )
    return tuple(int(count) for count in counts[0])


@functools.lru_cache(maxsize=64)  # the points of a curve share one set of draws
def _draw_counts(
    shape: tuple[int, ...], present: tuple[int, ...], resamples: int, seed: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """How often each unit is drawn: seeds [R, S], classes [R, C], goals [C, R, G]."""
    rng = np.random.default_rng(seed)
    seeds, classes = _counts(rng, shape[0], resamples), _counts(rng, shape[1], resamples)
    goals = [np.pad(_counts(rng, n, resamples), ((0, 0), (0, shape[2] - n))) for n in present]
    return seeds, classes, np.stack(goals)


def _counts(rng: np.random.Generator, n: int, resamples: int) -> np.ndarray:
    return rng.multinomial(n, np.full(n, 1 / n), size=resamples).astype(float)


def _weighted_mean(
    scores: np.ndarray, seed_counts: np.ndarray, class_counts: np.ndarray, goal_counts: np.ndarray
) -> np.ndarray:
    """Means [R] of scores [S, C, G] under counts [R, S], [R, C] and [C, R, G]."""
    over_goals = goal_counts @ scores.transpose(1, 2, 0) / goal_counts.sum(2)[:, :, None]
    over_seeds = np.einsum('rs,crs->rc', seed_counts, over_goals) / seed_counts.sum(1)[:, None]
    return np.einsum('rc,rc->r', class_counts, over_seeds) / class_counts.sum(1)
