"""Counts every environment step that training takes, whoever takes it."""

from typing import Any

from metods_garage.experiment.silence import silent_bars

from garage import EpisodeBatch
from garage.sampler import Sampler


class Ledger:
    """The account of one run.

    Args:
        budget (int): Training steps of the protocol.

    Attributes:
        budget (int): Training steps of the protocol.
        training_steps (int): Training steps taken, adaptation and warm-up included.
        training_episodes (int): Training episodes begun and ended.
        evaluation_steps (int): Steps taken by evaluations, which cost no budget.

    """

    def __init__(self, budget: int) -> None:
        self.budget = budget
        self.training_steps = 0
        self.training_episodes = 0
        self.evaluation_steps = 0

    def count_training(self, episodes: EpisodeBatch) -> None:
        """Enter a batch of training episodes."""
        self.training_steps += int(sum(episodes.lengths))
        self.training_episodes += len(episodes.lengths)

    def count_evaluation(self, steps: int) -> None:
        """Enter the steps of one evaluation."""
        self.evaluation_steps += int(steps)

    @property
    def spent(self) -> bool:
        """bool: Whether training has reached its budget."""
        return self.training_steps >= self.budget

    @property
    def overshoot(self) -> int:
        """int: Training steps beyond the budget."""
        return max(0, self.training_steps - self.budget)

    def as_dict(self) -> dict[str, int]:
        """The account as plain data, for JSON."""
        return {
            'budget': self.budget,
            'training_steps': self.training_steps,
            'overshoot': self.overshoot,
            'training_episodes': self.training_episodes,
            'evaluation_steps': self.evaluation_steps,
        }


class LedgerSampler(Sampler):
    """Enters every step that a sampler takes in a ledger.

    Wraps any sampler of garage, for any algorithm: what an algorithm samples through it for
    adaptation or for warm-up is counted like all else. Whatever is not sampling goes to the
    wrapped sampler.

    Args:
        sampler (garage.sampler.Sampler): The sampler that does the work.
        ledger (Ledger): The ledger.

    """

    def __init__(self, sampler: Any, ledger: Ledger) -> None:
        # garage's constructor wants an algorithm, and is deprecated.
        self._sampler = sampler
        self._ledger = ledger

    @property
    def ledger(self) -> Ledger:
        """Ledger: The ledger."""
        return self._ledger

    def obtain_samples(
        self, itr: int, num_samples: int, agent_update: Any, env_update: Any = None
    ) -> EpisodeBatch:
        """Sample at least `num_samples` steps, and count them.

        Args:
            itr (int): Iteration, which garage deprecates.
            num_samples (int): Minimum number of steps.
            agent_update (object): What the workers make of their agents.
            env_update (object): What the workers make of their environments.

        Returns:
            The episodes.

        """
        with silent_bars():
            episodes = self._sampler.obtain_samples(itr, num_samples, agent_update, env_update)
        self._ledger.count_training(episodes)
        return episodes

    def obtain_exact_episodes(
        self, n_eps_per_worker: int, agent_update: Any, env_update: Any = None
    ) -> EpisodeBatch:
        """Sample `n_eps_per_worker` rollouts of each worker, and count their steps.

        Args:
            n_eps_per_worker (int): Rollouts per worker.
            agent_update (object): What the workers make of their agents.
            env_update (object): What the workers make of their environments.

        Returns:
            The episodes, in the order of the workers.

        """
        with silent_bars():
            episodes = self._sampler.obtain_exact_episodes(
                n_eps_per_worker, agent_update, env_update
            )
        self._ledger.count_training(episodes)
        return episodes

    def shutdown_worker(self) -> None:
        """Shut the workers down."""
        self._sampler.shutdown_worker()

    def start_worker(self) -> None:
        """Start the workers, where the wrapped sampler still does that apart."""
        self._sampler.start_worker()

    def __getattr__(self, name: str) -> Any:
        # Unpickling asks before `_sampler` is there.
        if name.startswith('__') or '_sampler' not in self.__dict__:
            raise AttributeError(name)
        return getattr(self._sampler, name)
