"""95 % intervals over seeds, tasks and goals by a crossed bootstrap, widened for few units.

An evaluation is a cube of scores [seeds, classes, goals]: every seed meets the same classes and
the same goals. What is reported is the mean over seeds of the mean over classes of the mean over
the goals of a class. One resample draws seeds, classes, and the goals within each class, each
with replacement and each once for the whole cube, so that a goal that is hard for one seed is hard
for all of them (Owen, The pigeonhole bootstrap, 2007).

The range between the 2.5 % and the 97.5 % quantile of the resampled means is too narrow where few
units are drawn: the spread of n units drawn from themselves is smaller by sqrt((n - 1) / n) than
the one that they estimate, and with few of them the normal quantile is too small (3 seeds that
differ: 81 % instead of 95 %). Its two arms are therefore lengthened by

    sqrt(sum_f t(0.975, n_f - 1)^2 v_f) / sqrt(sum_f z(0.975)^2 v_f (n_f - 1) / n_f)

where f are the factors (seeds, classes, the goals of each class) with more than one unit, n_f their
units, and v_f the variance of the mean that is estimated from the means of these units: one factor
alone has Student's t, and of several each has the weight of its variance, so that three seeds that
hardly differ do not make the interval of fifty goals a wide one. A factor's v_f holds its share of
what is drawn below and beside it (the noise of single goals, for the seeds), which is so counted
more than once. What the interval covers is measured in tests/report/test_bootstrap.py: about 95 %
where one factor dominates, up to all where noise does.

Success that is the same everywhere, all 0 or all 1, has nothing to draw from: it gets Wilson's
interval over the goals, each counted once.

With one seed, an interval says nothing about the spread between seeds.
"""

import functools
from typing import NamedTuple

import numpy as np
from scipy.special import ndtri, stdtrit

RESAMPLES = 2000
SEED = 20211


class Interval(NamedTuple):
    """A mean and its 95 % bootstrap interval."""

    mean: float
    low: float
    high: float


def bootstrap_interval(
    scores: np.ndarray,
    *,
    rate: bool = False,
    resamples: int = RESAMPLES,
    level: float = 0.95,
    seed: int = SEED,
) -> Interval:
    """Mean of a cube of scores and the bootstrap interval of that mean.

    Args:
        scores: Scores [seeds, classes, goals]. Where classes have different numbers of goals, the
            goals that a class lacks stand at the end and are NaN, for all seeds alike.
        rate: Whether scores are rates of success, within 0 and 1. The interval then is, too.
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
    if rate and mean in (0.0, 1.0):
        return _wilson(float(mean), sum(present), level)
    low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2])
    stretch = _stretch(scores, level)
    low, high = mean - stretch * max(mean - low, 0), mean + stretch * max(high - mean, 0)
    if rate:
        low, high = max(low, 0), min(high, 1)
    return Interval(float(mean), float(low), float(high))


def _stretch(scores: np.ndarray, level: float) -> float:
    """Factor [] that makes up for drawing from few units of [seeds, classes, goals] only."""
    n_seeds, n_classes, _ = scores.shape
    of_class = np.nanmean(scores, axis=2)  # [seeds, classes]
    parts = []  # of the variance of the mean, each with the number of units it is estimated from
    if n_seeds > 1:
        parts.append((of_class.mean(axis=1).var(ddof=1) / n_seeds, n_seeds))
    if n_classes > 1:
        parts.append((of_class.mean(axis=0).var(ddof=1) / n_classes, n_classes))
    for goals in scores.mean(axis=0):
        n_goals = np.count_nonzero(~np.isnan(goals))
        if n_goals > 1:
            parts.append((np.nanvar(goals, ddof=1) / n_goals / n_classes**2, n_goals))
    variance = sum(part for part, _ in parts)
    if variance <= 1e-20 * np.nanmax(np.abs(scores)) ** 2:
        # all marginal means are equal: what is left is drawn from as few units as there are
        fewest = min((n for _, n in parts), default=2)
        parts, variance = [(1.0, fewest)], 1.0
    upper = (1 + level) / 2
    wide = sum(part / variance * stdtrit(n - 1, upper) ** 2 for part, n in parts)
    drawn = sum(part / variance * (n - 1) / n for part, n in parts)
    return float((wide / drawn) ** 0.5 / ndtri(upper))


def _wilson(rate: float, n: int, level: float) -> Interval:
    """Wilson's interval where n of n trials had the same outcome, 0 or 1."""
    # (p + z^2 / 2n -+ z sqrt(p (1 - p) / n + z^2 / 4n^2)) / (1 + z^2 / n) with p = 0 or 1
    z_squared = ndtri((1 + level) / 2) ** 2
    reach = float(z_squared / (n + z_squared))
    return Interval(rate, max(rate - reach, 0.0), min(rate + reach, 1.0))


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
