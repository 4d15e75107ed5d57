"""Protocols of the papers' own tasks, whose trials are single episodes."""

import dataclasses
import re
from typing import Any

from metods_garage.experiment.protocol import PROTOCOLS, Protocol

import click


def _alone(
    name: str,
    total_training_steps: int,
    evaluation_every: int,
    interim_goals: int,
    final_goals: int | None = None,
    horizon: int | None = None,
) -> Protocol:
    """A protocol of trials of one episode, evaluated on held-out tasks.

    Training never meets a task twice, so tasks that it has met are no other measure.
    """
    return Protocol(
        name=name,
        total_training_steps=total_training_steps,
        episodes_per_trial=1,
        exploration_episodes=0,
        test_episodes=1,
        evaluation_every=evaluation_every,
        interim_goals=interim_goals,
        final_goals=final_goals,
        horizon=horizon,
        splits=('test',),
    )


def _named(*protocols: Protocol) -> dict[str, Protocol]:
    return {protocol.name: protocol for protocol in protocols}


# N trains 1e7 steps in the mazes and on Meta-World; D and N name no number for the other tasks,
# which get as many. 'paper' ends with the papers' number of test episodes: 1,000, and 500 rollouts
# of the robots.
TASK_PROTOCOLS: dict[str, dict[str, Protocol]] = {
    'harlow': _named(
        _alone('paper', 10_000_000, 500_000, 200),
        _alone('quick', 2_000_000, 200_000, 100),
        _alone('smoke', 6_400, 3_200, 4, 8, horizon=60),
    ),
    'maze': _named(
        _alone('paper', 10_000_000, 500_000, 100),
        _alone('quick', 1_000_000, 100_000, 50, 500),
        _alone('smoke', 2_400, 1_200, 4, 8, horizon=20),
    ),
    'bandit': _named(
        _alone('paper', 10_000_000, 500_000, 200),
        _alone('quick', 1_000_000, 100_000, 100),
        _alone('smoke', 2_560, 1_280, 4, 8, horizon=10),
    ),
    'direction': _named(
        _alone('paper', 10_000_000, 500_000, 20),
        _alone('quick', 400_000, 100_000, 10, 50),
        _alone('smoke', 2_000, 1_000, 2, 4, horizon=20),
    ),
}


def task_family(benchmark_name: str) -> str:
    """The family of tasks that a benchmark is of, whose protocols and recipes it has.

    Args:
        benchmark_name: Name of a benchmark.

    Returns:
        A key of `TASK_PROTOCOLS`, or 'meta-world' for all that is none of the papers' own tasks.

    """
    for family, pattern in _PATTERNS.items():
        if re.fullmatch(pattern, benchmark_name):
            return family
    return 'meta-world'


_PATTERNS = {
    'harlow': 'harlow',
    'maze': r'maze-\d+',
    'bandit': r'bandit-\d+-\d+|restless',
    'direction': '(cheetah|ant)-dir',
}


def protocols_of(benchmark_name: str) -> dict[str, Protocol]:
    """The named protocols of a benchmark.

    Args:
        benchmark_name: Name of a benchmark.

    Returns:
        Protocols by name.

    """
    return TASK_PROTOCOLS.get(task_family(benchmark_name), PROTOCOLS)


def find_protocol(
    name: str,
    total_steps: int | None = None,
    evaluate_every: int | None = None,
    benchmark_name: str = 'ml10',
) -> Protocol:
    """The protocol of a name, with a budget or a cadence of one's own if given.

    Args:
        name: One of the benchmark's protocols.
        total_steps: Training steps in place of its own.
        evaluate_every: Evaluation cadence in place of its own.
        benchmark_name: Name of the benchmark.

    Returns:
        The protocol; a changed one has a name that says so.

    Raises:
        click.UsageError: If there is no such protocol.

    """
    protocols = protocols_of(benchmark_name)
    if name not in protocols:
        raise click.UsageError(f'unknown protocol {name!r}: choose from {", ".join(protocols)}')
    protocol = protocols[name]
    changes: dict[str, Any] = {}
    if total_steps is not None:
        changes['total_training_steps'] = total_steps
        name += f'-{total_steps}-steps'
    if evaluate_every is not None:
        changes['evaluation_every'] = evaluate_every
        name += f'-every-{evaluate_every}'
    return dataclasses.replace(protocol, name=name, **changes)
