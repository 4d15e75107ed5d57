"""What a `TrialWorker` is told about one trial."""

from dataclasses import dataclass

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
