"""How means of simulations are compared with what is known."""

import numpy as np
import pytest


@pytest.fixture
def near():
    """Whether samples agree with a known mean."""

    def near(samples, expected, n_published=None, tolerance=0.0):
        """Within four standard errors, those of a mean of `n_published` samples included."""
        variance = samples.var() * (1 / len(samples) + (1 / n_published if n_published else 0))
        error = np.sqrt(variance)
        print(f'{samples.mean():.3f} +- {error:.3f}, expected {expected}')
        return abs(samples.mean() - expected) < 4 * error + tolerance

    return near
