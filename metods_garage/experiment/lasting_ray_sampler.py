"""garage's RaySampler, which would end with the first machine that is lost."""

from typing import Any

from metods_garage.experiment.watchful_sampler import WorkerFailed

import cloudpickle
import ray
from garage import EpisodeBatch
from garage.sampler import RaySampler

_REPLACEMENTS = 10  # of workers within one call, until something else is held to be wrong

#: The actor, its machine, or what it had put down there is gone.
_LOST = (
    ray.exceptions.RayActorError,
    ray.exceptions.ObjectLostError,
    ray.exceptions.WorkerCrashedError,
    ray.exceptions.NodeDiedError,
)


class LastingRaySampler(RaySampler):
    """A RaySampler that replaces a worker which is lost, and has its rollouts made again.

    The new worker, wherever Ray finds a place for it, is given the same updates. A worker's
    episodes count when all of them have arrived, so that none counts twice; and trials draw from
    seeds that are part of their updates, so that those of the new worker are the same ones. An
    error that a worker raises ends the call instead. The cluster is left as it was found.

    Args:
        agents (Policy): What the workers act with.
        envs (Environment): What they act in.
        worker_factory (WorkerFactory or None): A factory; None makes one of the other arguments.
        **factory_args: Arguments of garage's WorkerFactory.

    Attributes:
        replaced (int): Workers that were lost and replaced so far.

    """

    def __init__(self, agents: Any, envs: Any, **factory_args: Any) -> None:
        self.replaced = 0
        super().__init__(agents, envs, **factory_args)

    def obtain_exact_episodes(
        self, n_eps_per_worker: int, agent_update: Any, env_update: Any = None
    ) -> EpisodeBatch:
        """Sample rollouts of each worker, and replace those that are lost.

        Args:
            n_eps_per_worker (int): Rollouts per worker.
            agent_update (object): What the workers make of their agents.
            env_update (object): What the workers make of their environments.

        Returns:
            The episodes, in the order of the workers.

        Raises:
            WorkerFailed: If a worker raises an error, or one after the other is lost.
            FloatingPointError: If a policy or an environment gives NaN or infinity.

        """
        factory = self._worker_factory
        updates = list(
            zip(
                factory.prepare_worker_messages(agent_update, ray.put),
                factory.prepare_worker_messages(env_update, ray.put),
                strict=True,
            )
        )
        episodes: list[dict[int, EpisodeBatch]] = [{} for _ in updates]
        asked: dict[Any, tuple[int, int | None]] = {}  # worker, and number of its rollout
        replaced_before = self.replaced

        def ask(worker: int) -> None:
            actor = self._all_workers[worker]
            asked[actor.update.remote(*updates[worker])] = (worker, None)
            for rollout in range(n_eps_per_worker):
                asked[actor.rollout.remote()] = (worker, rollout)

        for worker in range(len(updates)):
            ask(worker)
        while asked:
            answer = ray.wait(list(asked), num_returns=1)[0][0]
            worker, rollout = asked.pop(answer)
            try:
                contents = ray.get(answer)
            except _LOST as error:
                if self.replaced - replaced_before >= _REPLACEMENTS:
                    raise WorkerFailed(f'Ray lost one worker after the other:\n{error}') from error
                asked = {other: of for other, of in asked.items() if of[0] != worker}
                episodes[worker].clear()
                self._replace(worker)
                ask(worker)
            except ray.exceptions.RayTaskError as error:
                if isinstance(error.cause, FloatingPointError):
                    raise FloatingPointError(str(error.cause)) from error
                raise WorkerFailed(f'a Ray worker failed:\n{error}') from error
            else:
                if rollout is not None:
                    episodes[worker][rollout] = contents[1]
        batches = [of_worker[i] for of_worker in episodes for i in range(n_eps_per_worker)]
        samples = EpisodeBatch.concatenate(*batches)
        self.total_env_steps += int(samples.lengths.sum())
        return samples

    def shutdown_worker(self) -> None:
        """End this sampler's workers."""
        if ray.is_initialized():
            for actor in self._all_workers.values():
                actor.shutdown.remote()
                # After what it was asked for, and before its processor is needed again.
                actor.__ray_terminate__.remote()

    def _replace(self, worker: int) -> None:
        self.replaced += 1
        agents = self._worker_factory.prepare_worker_messages(self._agents, cloudpickle.dumps)
        self._all_workers[worker] = self._sampler_worker.remote(
            worker, self._envs[worker], agents[worker], self._worker_factory
        )
