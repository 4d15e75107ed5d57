"""Training budgets and evaluations as frozen data: every method is handed the same object."""

import dataclasses
from typing import Any

import numpy as np


@dataclasses.dataclass(frozen=True)
class Protocol:
    """What a method may spend, and how it is then judged.

    Nothing here belongs to a method: meta-batches, learning rates and numbers of updates are
    settings of the method, recorded beside the protocol.

    Args:
        name (str): Name of the protocol.
        total_training_steps (int): Environment steps of training. A method stops at the first
            iteration border at or past them.
        episodes_per_trial (int): Episodes in a row on one task during training.
        exploration_episodes (int): Episodes before adaptation in an evaluation trial.
        test_episodes (int): Episodes after adaptation in an evaluation trial.
        evaluation_every (int): Training steps between two interim evaluations; there is one
            before the first step as well.
        interim_goals (int or None): Goals per task of an interim evaluation; None is every goal.
        final_goals (int or None): Goals per task of the final evaluation; None is every goal.
        horizon (int or None): Steps of an episode; None is the benchmark's own.
        evaluation_seed (int): Seed of everything random in an evaluation.
        sampled_actions (bool): Whether evaluation samples actions or takes their mean.
        splits (tuple[str]): The kinds of tasks that are evaluated.

    Raises:
        ValueError: If a number is not positive, or a split is neither 'train' nor 'test'.

    """

    name: str
    total_training_steps: int
    episodes_per_trial: int
    exploration_episodes: int
    test_episodes: int
    evaluation_every: int
    interim_goals: int | None
    final_goals: int | None = None
    horizon: int | None = None
    evaluation_seed: int = 2022
    sampled_actions: bool = True
    splits: tuple[str, ...] = ('train', 'test')

    def __post_init__(self) -> None:
        for field in ('total_training_steps', 'exploration_episodes'):
            if getattr(self, field) < 0:
                raise ValueError(f'{field} must be at least 0, not {getattr(self, field)}')
        for field in (
            'episodes_per_trial',
            'test_episodes',
            'evaluation_every',
            'interim_goals',
            'final_goals',
            'horizon',
        ):
            value = getattr(self, field)
            if value is not None and value < 1:
                raise ValueError(f'{field} must be at least 1, not {value}')
        unknown = set(self.splits) - {'train', 'test'}
        if unknown or not self.splits:
            raise ValueError(f"splits must be taken from ('train', 'test'), not {self.splits}")

    @property
    def evaluation_episodes(self) -> int:
        """int: Episodes of one evaluation trial."""
        return self.exploration_episodes + self.test_episodes

    def goals_per_task(self, kind: str) -> int | None:
        """Goals per task of one kind of evaluation.

        Args:
            kind: 'interim' or 'final'.

        Returns:
            The number, or None for every goal.

        """
        return self.final_goals if kind == 'final' else self.interim_goals

    def as_dict(self) -> dict[str, Any]:
        """The protocol as plain data, for JSON."""
        return dataclasses.asdict(self) | {'splits': list(self.splits)}


# ML10 has 10 training and 5 test classes of 50 goals each; an episode of Meta-World has 500 steps.
PROTOCOLS: dict[str, Protocol] = {
    protocol.name: protocol
    for protocol in (
        Protocol(
            name='paper',
            total_training_steps=10_000_000,
            episodes_per_trial=10,
            exploration_episodes=9,
            test_episodes=1,
            # an evaluation takes less than a tenth of the training in between, on 2 cores
            evaluation_every=1_250_000,
            interim_goals=2,
        ),
        Protocol(
            name='pilot',
            total_training_steps=300_000,
            episodes_per_trial=2,
            exploration_episodes=1,
            test_episodes=1,
            evaluation_every=50_000,
            interim_goals=10,
        ),
        Protocol(
            name='quick',
            total_training_steps=60_000,
            episodes_per_trial=2,
            exploration_episodes=1,
            test_episodes=1,
            evaluation_every=20_000,
            interim_goals=1,
            final_goals=3,
        ),
        Protocol(
            name='smoke',
            total_training_steps=1_200,
            episodes_per_trial=2,
            exploration_episodes=1,
            test_episodes=1,
            evaluation_every=400,
            interim_goals=1,
            final_goals=2,
            horizon=20,
        ),
    )
}


def choose_goals(protocol: Protocol, kind: str, goals: list[int]) -> list[int]:
    """Choose the goals of one task: the same ones for every method, at every evaluation.

    The goals of an interim evaluation are a subset of the final one's.

    Args:
        protocol: The protocol.
        kind: 'interim' or 'final'.
        goals: All goals of the task.

    Returns:
        The chosen goals, in rising order.

    """
    wanted = protocol.goals_per_task(kind)
    if wanted is None or wanted >= len(goals):
        return sorted(goals)
    order = np.random.default_rng(protocol.evaluation_seed).permutation(len(goals))
    return sorted(sorted(goals)[index] for index in order[:wanted])
