"""Sorts runs into comparisons (one benchmark under one protocol) and lines (one method)."""

import dataclasses
import json
from collections.abc import Iterable
from typing import Any

from metods_garage.report.bootstrap import Interval, bootstrap_interval
from metods_garage.report.goal_scores import MEASURES, cube, goal_means, score
from metods_garage.report.rows import EvaluationRow
from metods_garage.report.runs import Evaluation, Run

#: What runs had before it could be set: they are of one line with runs that were told so.
BEFORE_THEY_WERE_SETTINGS: dict[str, Any] = {
    'alpha_rate': 1.0,
    'alpha_spread': 0.0,
    'anneal': False,
    'beta_rate': 1.0,
    'gradient_steps': None,
}


@dataclasses.dataclass(frozen=True)
class Line:
    """The runs of one method with one set of settings: one line of the table and the figures.

    Attributes:
        label (str): The method, the settings in which it differs from a namesake, and
            'unfinished' where that is so.
        runs (tuple[Run]): One per seed.

    """

    label: str
    runs: tuple[Run, ...]

    @property
    def finished(self) -> bool:
        """bool: Whether these runs have had their final evaluation."""
        return self.runs[0].finished

    @property
    def untrained(self) -> bool:
        """bool: Whether the method took no training step: a reference, not a curve."""
        return self.finished and all(run.training_steps == 0 for run in self.runs)

    def last(self) -> list[Evaluation]:
        """The latest evaluation of each run; those that have none are left out."""
        return [run.last for run in self.runs if run.last is not None]

    def interim(self) -> list[list[Evaluation]]:
        """The interim evaluations, the n-th of every run together."""
        runs = [[one for one in run.evaluations if one.kind == 'interim'] for run in self.runs]
        most = max(len(evaluations) for evaluations in runs)
        return [[one[n] for one in runs if n < len(one)] for n in range(most)]


@dataclasses.dataclass(frozen=True)
class Comparison:
    """Every run of one benchmark under one protocol.

    Attributes:
        benchmark (str): Name of the benchmark.
        protocol (dict): The protocol as data.
        lines (tuple[Line]): One per method.

    """

    benchmark: str
    protocol: dict[str, Any]
    lines: tuple[Line, ...]

    @property
    def name(self) -> str:
        """str: Benchmark and protocol."""
        return f'{self.benchmark}-{self.protocol.get("name", "protocol")}'

    @property
    def evaluated(self) -> list[Line]:
        """list[Line]: The lines that have at least one evaluation."""
        return [line for line in self.lines if line.last()]

    def measures(self) -> list[str]:
        """The measures that the benchmark has: 'return', and 'success' where it has one."""
        rows = [row for line in self.lines for one in line.last() for row in one.rows]
        return [name for name in MEASURES if any(score(row, name) is not None for row in rows)]

    def tasks(self) -> list[tuple[str, str]]:
        """Every (split, task), training tasks first."""
        rows = [row for line in self.lines for one in line.last() for row in one.rows]
        return sorted(
            {(row.split, row.task) for row in rows}, key=lambda key: (key[0] != 'train', key[1])
        )

    def single_seed_note(self) -> str:
        """What to add about the lines that have one seed; empty where none has."""
        labels = [line.label for line in self.lines if len(line.runs) == 1]
        said = '1 seed: says nothing about the spread between seeds'
        who = 'each line' if len(labels) == len(self.lines) > 1 else ', '.join(labels)
        return f'{who}: {said}' if labels else ''

    def splits(self) -> list[str]:
        """The splits that were evaluated, 'train' before 'test'."""
        return [name for name in ('train', 'test') if name in {split for split, _ in self.tasks()}]


def compare(runs: Iterable[Run]) -> list[Comparison]:
    """Sort runs into comparisons.

    Runs of one method whose settings differ are kept apart, and so are finished and unfinished
    runs, so that no mean mixes them.

    Args:
        runs: Runs of any benchmark, protocol and method.

    Returns:
        One comparison per (benchmark, protocol), by name.

    Raises:
        ValueError: If two runs claim the same place (benchmark, protocol, method, settings, seed).

    """
    grouped: dict[tuple[str, str], list[Run]] = {}
    for run in runs:
        grouped.setdefault((run.benchmark, _canonical(run.protocol)), []).append(run)
    return [
        Comparison(benchmark, found[0].protocol, tuple(_lines(found)))
        for (benchmark, _), found in sorted(grouped.items(), key=lambda item: item[0])
    ]


def _lines(runs: list[Run]) -> list[Line]:
    grouped: dict[tuple[str, str, bool], list[Run]] = {}
    for run in runs:
        key = (run.method, _canonical(_settings(run)), not run.finished)
        _refuse_twins(grouped.setdefault(key, []), run)
        grouped[key].append(run)
    ordered = sorted(grouped.items(), key=lambda item: item[0])
    return [
        Line(_label(found[0], runs), tuple(sorted(found, key=lambda run: run.seed)))
        for _, found in ordered
    ]


def _settings(run: Run) -> dict[str, Any]:
    return BEFORE_THEY_WERE_SETTINGS | run.settings


def _refuse_twins(others: list[Run], run: Run) -> None:
    for other in others:
        if other.seed == run.seed:
            raise ValueError(
                f'{other.folder} and {run.folder} are both {run.method}, seed {run.seed}, with the '
                f'same settings on {run.benchmark}: counting both would count one seed twice; '
                f'remove one, or report on a folder that holds only one'
            )


def _label(run: Run, runs: list[Run]) -> str:
    namesakes = [_settings(other) for other in runs if other.method == run.method]
    keys = sorted({key for settings in namesakes for key in settings})
    differing = [
        f'{key}={_settings(run).get(key)}'
        for key in keys
        if any(settings.get(key) != _settings(run).get(key) for settings in namesakes)
    ]
    label = f'{run.method} [{", ".join(differing)}]' if differing else run.method
    return label if run.finished else f'{label} (unfinished)'


def _canonical(data: dict[str, Any]) -> str:
    return json.dumps(data, sort_keys=True, default=str)


def interval(
    evaluations: list[Evaluation],
    measure: str,
    split: str,
    *,
    task: str | None = None,
    episode: int | None = None,
) -> Interval | None:
    """Mean and bootstrap interval of one measure over some evaluations.

    Args:
        evaluations: One per seed.
        measure: 'success' or 'return'.
        split: 'train' or 'test' tasks.
        task: Only this task's class; None: all, each class counting the same.
        episode: Only this episode of the trial; None: all episodes of the test phase.

    Returns:
        The interval, or None where there is no such row.

    Raises:
        ValueError: If the evaluations do not cover the same goals.

    """
    cells = [
        goal_means((row for row in one.rows if _chosen(row, split, task, episode)), measure)
        for one in evaluations
    ]
    if not any(cells):
        return None
    first = evaluations[0]
    what = (
        f'the {first.kind} evaluations of {split} tasks at about {first.training_steps} training '
        f'steps'
    )
    return bootstrap_interval(cube(cells, what), rate=measure == 'success')


def _chosen(row: EvaluationRow, split: str, task: str | None, episode: int | None) -> bool:
    in_time = row.phase == 'test' if episode is None else row.episode == episode
    return in_time and row.split == split and task in (None, row.task)
