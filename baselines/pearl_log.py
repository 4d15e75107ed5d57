"""What PEARL says of its training, of which garage's logs nothing.

garage's PEARL evaluates and is silent otherwise: there is no curve of its training episodes, and
the 4,000 gradient steps of an iteration take most of an hour of one core.
"""

from collections.abc import Iterator
from typing import Any

from metods_garage.experiment import Progress, ProtocolTrainer

from garage import EpisodeBatch, log_performance
from garage.torch.algos import PEARL


class ReportingPEARL(PEARL):
    """PEARL that says how far the gradient steps of an iteration are."""

    def _train_once(self) -> None:
        self._reported = Progress(self._num_steps_per_epoch, 0, 'gradient')
        self._gradient_steps = 0
        try:
            super()._train_once()
        finally:
            self._reported.close()
            del self._reported  # no snapshot can hold a terminal

    def _optimize_policy(self, indices: list[int]) -> None:
        super()._optimize_policy(indices)
        self._gradient_steps += 1
        self._reported.advance(self._gradient_steps)


class PEARLTrainer(ProtocolTrainer):
    """Logs the training episodes of each iteration, by the belief that z was drawn from.

    Episodes of the posterior, which are adapted to their task, are in `Average`, where MAML has its
    adapted ones; those of the prior, the warm-up's among them, are in `Prior`. The small iterations
    of a small budget have none of the posterior.
    """

    def obtain_episodes(
        self,
        itr: float,
        batch_size: int | None = None,
        agent_update: Any = None,
        env_update: Any = None,
    ) -> EpisodeBatch:
        """Obtain one batch of episodes, and keep what they are for the log.

        Args:
            itr: Iteration.
            batch_size: Minimum number of steps.
            agent_update: PEARL's policy.
            env_update: What the worker makes of its environment.

        Returns:
            The episodes.

        """
        kept = self._posterior if agent_update.z_means.any() else self._prior
        episodes = super().obtain_episodes(itr, batch_size, agent_update, env_update)
        kept.append(episodes)
        return episodes

    def step_epochs(self) -> Iterator[int]:
        """Step through iterations until the budget is spent, and log the episodes of each.

        Yields:
            int: The next iteration.

        """
        for itr in super().step_epochs():
            self._prior: list[EpisodeBatch] = []
            self._posterior: list[EpisodeBatch] = []
            yield itr
            for prefix, batches in (('Prior', self._prior), ('Average', self._posterior)):
                if batches:
                    episodes = EpisodeBatch.concatenate(*batches)
                    log_performance(itr, episodes, self._algo._discount, prefix)
