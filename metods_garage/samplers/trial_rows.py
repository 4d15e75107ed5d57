"""The trials of a worker side by side, stepped one environment after the other."""

import abc
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from metods_garage.samplers.trial_slot import TrialSlot

import numpy as np


@dataclass(frozen=True)
class Outcome:
    """What one step of B trials came to: rows of a `TrialRecord`, to be filled in.

    Attributes:
        rewards: [B].
        step_types: Values of garage's StepType, int [B].
        env_infos: Numbers by the names that are to be kept, [B] each; NaN where there is none.
    """

    rewards: np.ndarray
    step_types: np.ndarray
    env_infos: dict[str, np.ndarray]


class TrialRows(abc.ABC):
    """B trials in lockstep, each in a row of its own until it is over.

    Attributes:
        slots: Their books.
        observations: What the agents see next, [B, O*]; written into by `step`.
    """

    slots: Sequence[TrialSlot]
    observations: np.ndarray

    @property
    def going_on(self) -> bool:
        """Whether any trial is not over."""
        return any(slot.active for slot in self.slots)

    def place(self, row: int) -> str:
        """Where in its trial a row is, for errors."""
        return self.slots[row].place

    @abc.abstractmethod
    def step(self, actions: np.ndarray, outcome: Outcome) -> None:
        """Take a step of each trial that goes on, and start the next episode where one is over.

        Args:
            actions: [B, A*].
            outcome: Filled in for these trials.

        Raises:
            FloatingPointError: If an environment gives NaN or infinity.
        """


class SlotRows(TrialRows):
    """Trials in environments of any kind: the reference of what the quicker kinds of rows do.

    Args:
        slots: Slots whose trials have started.
    """

    def __init__(self, slots: Sequence[TrialSlot]):
        self.slots = slots
        self.observations = np.stack([slot.observation for slot in slots])

    def step(self, actions: np.ndarray, outcome: Outcome) -> None:
        """Step one environment after the other; see `TrialRows.step`."""
        for row, slot in enumerate(self.slots):
            if not slot.active:
                continue
            env_step = slot.step(actions[row])
            self.observations[row] = slot.observation
            outcome.rewards[row] = env_step.reward
            outcome.step_types[row] = env_step.step_type
            for key, column in outcome.env_infos.items():
                if key in env_step.env_info:
                    column[row] = number(key, env_step.env_info[key])


def number(key: str, value: Any) -> float:
    """An entry of `env_info` as a number.

    Raises:
        ValueError: If it is none.
    """
    if type(value) is float:  # most are, and the next line takes longer
        return value
    if np.ndim(value) != 0:
        raise ValueError(
            f'env_info[{key!r}] has shape {np.shape(value)}; TrialWorker keeps numbers only: leave '
            'it out of info_keys'
        )
    return float(value)
