"""What a `TrialWorker` is told about one trial."""

import copy
from dataclasses import dataclass, replace
from typing import Any

from metods_garage.envs.task_update import TaskUpdate

from garage import Environment
from garage.sampler import EnvUpdate


@dataclass(frozen=True)
class TrialUpdate:
    """One trial: its task, its number, and the seed of everything random in it.

    Attributes:
        env_update: Puts the task into the environment of the trial's slot; None keeps the task.
        trial: Number of the trial within the meta-batch.
        seed: The only source of randomness of the trial: of its actions and of its environment.
        episodes_per_trial: Number of episodes; None for the worker's.
        deterministic: Whether actions are the policy's mean (or most probable) ones; None for what
            the worker does.
    """

    env_update: EnvUpdate | Environment | None
    trial: int
    seed: int
    episodes_per_trial: int | None = None
    deterministic: bool | None = None

    def __deepcopy__(self, memo: dict[int, Any]) -> 'TrialUpdate':
        """Share a `TaskUpdate`, which nobody writes into: LocalSampler copies every update.

        A copy of one goes through cloudpickle, which takes as long as dozens of steps.
        """
        if type(self.env_update) is TaskUpdate:
            return self
        return replace(self, env_update=copy.deepcopy(self.env_update, memo))
