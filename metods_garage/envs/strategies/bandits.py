"""Strategies for bandits: the best arm, Gittins index, UCB1, Thompson sampling, win-stay."""

from typing import Any

from metods_garage.envs.bandit import BanditVectorEnv
from metods_garage.envs.strategies.gittins import gittins_indices
from metods_garage.envs.strategies.strategy import Strategy

import numpy as np


class BestArm(Strategy):
    """Pulls the arm that pays most often: what nobody does who has to find out which it is."""

    def begin(self, env: Any, generator: np.random.Generator) -> None:
        """See `Strategy.begin`."""
        assert isinstance(env, BanditVectorEnv)
        self._env = env

    def actions(self) -> np.ndarray:
        """See `Strategy.actions`."""
        return self._env.probabilities.argmax(axis=1)


class _Counting(Strategy):
    """Counts what each arm paid. Of equally good arms the first is pulled, unless stated."""

    def begin(self, env: Any, generator: np.random.Generator) -> None:
        """See `Strategy.begin`."""
        self._generator = generator
        self._rows = np.arange(env.num_envs)
        self._n_pulls = env.max_steps
        self._successes = np.zeros((env.num_envs, env.single_action_space.n), dtype=np.intp)
        self._failures = np.zeros_like(self._successes)

    def observe(self, actions: np.ndarray, rewards: np.ndarray) -> None:
        """See `Strategy.observe`."""
        paid = rewards > 0
        self._successes[self._rows, actions] += paid
        self._failures[self._rows, actions] += ~paid


class GittinsIndex(_Counting):
    """Pulls the arm of the highest Gittins index (`gittins_indices`).

    Optimal for rewards that are discounted for ever, which the papers' bandits are not.

    Args:
        discount: Of the rewards that the index maximises.
    """

    def __init__(self, discount: float = 0.99):
        self._discount = discount

    def begin(self, env: Any, generator: np.random.Generator) -> None:
        """See `Strategy.begin`."""
        super().begin(env, generator)
        self._indices = gittins_indices(self._n_pulls, self._discount)

    def actions(self) -> np.ndarray:
        """See `Strategy.actions`."""
        return self._indices[self._successes, self._failures].argmax(axis=1)


class UCB1(_Counting):
    """Pulls each arm once, then that of the highest upper bound (Auer et al., 2002).

    The bound is mean + sqrt(2 ln t / n) for an arm that was pulled n of t times.
    """

    def actions(self) -> np.ndarray:
        """See `Strategy.actions`."""
        n = self._successes + self._failures
        t = n.sum(axis=1, keepdims=True)
        with np.errstate(divide='ignore', invalid='ignore'):
            bound = self._successes / n + np.sqrt(2 * np.log(t) / n)
        return np.where(n == 0, np.inf, bound).argmax(axis=1)


class ThompsonSampling(_Counting):
    """Pulls the arm that is best in a draw from the posterior, Beta(1 + s, 1 + f) for each."""

    def actions(self) -> np.ndarray:
        """See `Strategy.actions`."""
        drawn = self._generator.beta(1 + self._successes, 1 + self._failures)
        return drawn.argmax(axis=1)


class WinStayLoseShift(Strategy):
    """Pulls an arm as long as it pays, then a random one of the others: remembers one pull."""

    def begin(self, env: Any, generator: np.random.Generator) -> None:
        """See `Strategy.begin`."""
        self._generator = generator
        self._n_arms = env.single_action_space.n
        self._next = generator.integers(self._n_arms, size=env.num_envs)

    def actions(self) -> np.ndarray:
        """See `Strategy.actions`."""
        return self._next

    def observe(self, actions: np.ndarray, rewards: np.ndarray) -> None:
        """See `Strategy.observe`."""
        further = self._generator.integers(1, max(self._n_arms, 2), size=len(actions))
        self._next = np.where(rewards > 0, actions, (actions + further) % self._n_arms)
