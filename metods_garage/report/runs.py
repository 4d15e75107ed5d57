"""Finds run folders and reads them: config.json, evaluation.csv, ledger.json."""

import dataclasses
import json
import os
import pathlib
from typing import Any

from metods_garage.report.rows import EvaluationRow, read_rows


@dataclasses.dataclass(frozen=True)
class Evaluation:
    """All rows of one visit to the evaluation tasks.

    Attributes:
        kind (str): 'interim' or 'final'.
        training_steps (int): Training steps taken before it.
        rows (tuple[EvaluationRow]): One per episode.

    """

    kind: str
    training_steps: int
    rows: tuple[EvaluationRow, ...]


@dataclasses.dataclass(frozen=True)
class Run:
    """One run folder.

    Attributes:
        folder (pathlib.Path): Where it is.
        benchmark (str): Name of the benchmark.
        protocol (dict): The protocol as data.
        method (str): Name of the method.
        seed (int): Training seed.
        settings (dict): The method's own settings.
        evaluations (tuple[Evaluation]): In order of training steps.
        training_steps (int): Training steps spent, from the ledger.
        overshoot (int): Training steps beyond the budget.

    """

    folder: pathlib.Path
    benchmark: str
    protocol: dict[str, Any]
    method: str
    seed: int
    settings: dict[str, Any]
    evaluations: tuple[Evaluation, ...]
    training_steps: int
    overshoot: int

    @property
    def final(self) -> Evaluation | None:
        """Evaluation or None: The evaluation after training; None while unfinished."""
        finals = [one for one in self.evaluations if one.kind == 'final']
        return finals[-1] if finals else None

    @property
    def finished(self) -> bool:
        """bool: Whether the run has had its final evaluation."""
        return self.final is not None

    @property
    def last(self) -> Evaluation | None:
        """Evaluation or None: The final evaluation, or the latest one before it."""
        return self.final or (self.evaluations[-1] if self.evaluations else None)


def find_runs(path: str | os.PathLike[str]) -> list[pathlib.Path]:
    """Find every run folder below a path.

    Args:
        path: A run folder, or any folder above run folders.

    Returns:
        The folders that hold a config.json and an evaluation.csv, sorted.

    Raises:
        ValueError: If there is none.

    """
    found = [
        pathlib.Path(folder)
        for folder, _, names in os.walk(os.fspath(path))
        if 'config.json' in names and 'evaluation.csv' in names
    ]
    if not found:
        raise ValueError(
            f'no run found below {os.fspath(path)!r}: a run folder holds config.json and '
            f'evaluation.csv, as launchers and baselines leave it under runs/'
        )
    return sorted(found)


def read_run(folder: str | os.PathLike) -> Run:
    """Read one run folder.

    Args:
        folder: The folder.

    Returns:
        The run.

    Raises:
        ValueError: If one of its files is damaged; names the file.

    """
    folder = pathlib.Path(folder)
    config = _read_json(folder / 'config.json')
    evaluations = _by_evaluation(folder, read_rows(folder / 'evaluation.csv'))
    reached = evaluations[-1].training_steps if evaluations else 0
    ledger = _read_json(folder / 'ledger.json') if (folder / 'ledger.json').exists() else {}
    try:
        return Run(
            folder=folder,
            benchmark=config['benchmark'],
            protocol=dict(config['protocol']),
            method=config['method'],
            seed=int(config['seed']),
            settings=dict(config.get('settings', {})),
            evaluations=evaluations,
            training_steps=int(ledger.get('training_steps', reached)),
            overshoot=int(ledger.get('overshoot', 0) or 0),
        )
    except KeyError as error:
        raise ValueError(f'{folder / "config.json"} lacks the entry {error}') from None


def _read_json(path: pathlib.Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding='utf-8'))
    except (OSError, ValueError) as error:
        raise ValueError(f'{path} is damaged or missing: {error}') from None
    if not isinstance(content, dict):
        raise ValueError(f'{path} holds {type(content).__name__}, not an object')
    return content


def _by_evaluation(folder: pathlib.Path, rows: list[EvaluationRow]) -> tuple[Evaluation, ...]:
    grouped: dict[tuple[int, str], list[EvaluationRow]] = {}
    for row in rows:
        # At equal steps the final evaluation comes after the interim one.
        key = (row.training_steps, '1 final' if row.kind == 'final' else '0 interim')
        grouped.setdefault(key, []).append(row)
    for found in grouped.values():
        _check_each_once(folder, found)
    return tuple(
        Evaluation(found[0].kind, found[0].training_steps, tuple(found))
        for _, found in sorted(grouped.items())
    )


def _check_each_once(folder: pathlib.Path, rows: list[EvaluationRow]) -> None:
    seen = set()
    for row in rows:
        key = (row.split, row.task, row.goal, row.episode)
        if key in seen:
            raise ValueError(
                f'{folder / "evaluation.csv"}: the {row.kind} evaluation at '
                f'{row.training_steps} training steps holds {row.split} task {row.task!r}, goal '
                f'{row.goal}, episode {row.episode} twice; delete one of the two rows'
            )
        seen.add(key)
