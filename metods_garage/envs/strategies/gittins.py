"""The Gittins index of a Bernoulli arm, by backward induction."""

from functools import cache

import numpy as np

# Pulls that are looked ahead beyond the last one that an index is needed for, and the points of the
# grid of lambda. Twice the one and four times the other move no index by more than 5e-4 up to 100
# pulls, and 1.4e-3 up to 500.
_LOOK_AHEAD = 500
_GRID = 401


@cache
def gittins_indices(n_pulls: int, discount: float = 0.99) -> np.ndarray:
    """Tabulate the index of an arm whose probability is U[0, 1] at first (Gittins, 1979).

    The index of an arm is the pay lambda at which another arm, known to pay lambda each time, is
    as good as it. With s successes and f failures so far the arm pays next with probability
    p = (s + 1) / (s + f + 2). For each lambda of a grid, the worth of going on, in units of a pay
    for ever,

        go(s, f) = p ((1 - discount) + discount v(s + 1, f)) + (1 - p) discount v(s, f + 1)
        v(s, f) = max(lambda, go(s, f))

    is found from the last pull backward, as if nothing were learned after it; the index is where
    go = lambda, by linear interpolation.

    Args:
        n_pulls: Pulls of an episode, of all arms together.
        discount: Of the pays, below 1.

    Returns:
        Indices [n_pulls, n_pulls] by s and f, NaN where s + f >= n_pulls. Read-only.
    """
    # lambda, closer together towards 0 and 1, where the indices of well-known arms crowd
    grid = (1 - np.cos(np.linspace(0, np.pi, _GRID)))[:, np.newaxis] / 2
    indices = np.full((n_pulls, n_pulls), np.nan)
    last = n_pulls + _LOOK_AHEAD
    worth = np.maximum(grid, _mean(last))  # [lambda, s]
    for pulls in range(last - 1, -1, -1):
        p = _mean(pulls)
        go = p * (1 - discount + discount * worth[:, 1:]) + (1 - p) * discount * worth[:, :-1]
        worth = np.maximum(grid, go)
        if pulls < n_pulls:
            successes = np.arange(pulls + 1)
            indices[successes, pulls - successes] = _crossing(grid[:, 0], go - grid)
    indices.flags.writeable = False
    return indices


def _mean(pulls: int) -> np.ndarray:
    """Mean probability of an arm after so many pulls, by the number of successes."""
    return np.arange(1, pulls + 2) / (pulls + 2)


def _crossing(grid: np.ndarray, gain: np.ndarray) -> np.ndarray:
    """Where each column of `gain` [lambda, s], which falls along the grid, reaches zero."""
    after = np.argmax(gain <= 0, axis=0)
    high = gain[after - 1, np.arange(gain.shape[1])]
    low = gain[after, np.arange(gain.shape[1])]
    return grid[after - 1] + (grid[after] - grid[after - 1]) * high / (high - low)
