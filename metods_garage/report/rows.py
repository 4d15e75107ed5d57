"""Reads evaluation.csv: one row per evaluation episode, every row checked."""

import csv
import dataclasses
import math
import pathlib
from collections.abc import Sequence

COLUMNS = ('benchmark', 'protocol', 'method', 'seed', 'training_steps', 'kind', 'split', 'task',
           'goal', 'episode', 'phase', 'return', 'success', 'length')  # fmt: skip
KINDS = ('interim', 'final')
SPLITS = ('train', 'test')
PHASES = ('exploration', 'test')


@dataclasses.dataclass(frozen=True)
class EvaluationRow:
    """One evaluation episode.

    Attributes:
        training_steps (int): Training steps taken before this evaluation.
        kind (str): 'interim' (a small fixed set) or 'final' (the whole set).
        split (str): 'train' or 'test' tasks.
        task (str): Name of the task's class, such as 'reach-v3'.
        goal (int): Number of the goal within the class.
        episode (int): Number of the episode within its trial, from 0.
        phase (str): 'exploration' or 'test'.
        total_reward (float): Undiscounted return of the episode (column `return`).
        success (float or None): 0.0 or 1.0; None where the benchmark has no success.
        length (int): Steps of the episode.

    """

    training_steps: int
    kind: str
    split: str
    task: str
    goal: int
    episode: int
    phase: str
    total_reward: float
    success: float | None
    length: int


def read_rows(path: pathlib.Path) -> list[EvaluationRow]:
    """Read every row of an evaluation.csv.

    Args:
        path: The file.

    Returns:
        The rows in file order; empty if the file has a header or nothing at all.

    Raises:
        ValueError: If the header or a row is damaged; names the file, the line and the value.

    """
    with open(path, newline='', encoding='utf-8', errors='replace') as file:
        reader = csv.DictReader(file, strict=True)
        rows: list[EvaluationRow] = []
        try:
            _check_header(reader.fieldnames)
            for record in reader:
                rows.append(_parse(record))
        except (ValueError, csv.Error) as error:
            raise ValueError(
                f'{path}, line {max(reader.line_num, 1)}: {error}; repair or delete that line, '
                f'or resume the run, which writes it again'
            ) from None
    return rows


def _check_header(names: Sequence[str] | None) -> None:
    missing = [name for name in COLUMNS if name not in (names or COLUMNS)]
    if missing:
        raise ValueError(f'the header lacks the columns {missing}')


def _parse(record: dict) -> EvaluationRow:
    absent = [name for name in COLUMNS if record.get(name) is None]
    if absent:
        raise ValueError(f'the row ends before the column {absent[0]!r}')
    if None in record:
        raise ValueError(f'the row has {len(record[None])} values too many')
    return EvaluationRow(
        training_steps=_number(record, 'training_steps'),
        kind=_one_of(record, 'kind', KINDS),
        split=_one_of(record, 'split', SPLITS),
        task=record['task'],
        goal=_number(record, 'goal'),
        episode=_number(record, 'episode'),
        phase=_one_of(record, 'phase', PHASES),
        total_reward=_finite(record, 'return'),
        success=_success(record['success']),
        length=_number(record, 'length'),
    )


def _number(record: dict, column: str) -> int:
    value = record[column]
    if not value.isascii() or not value.isdigit():
        raise ValueError(f'{column} is {value!r}, not a whole number')
    return int(value)


def _finite(record: dict, column: str) -> float:
    try:
        value = float(record[column])
    except ValueError:
        raise ValueError(f'{column} is {record[column]!r}, not a number') from None
    if not math.isfinite(value):
        raise ValueError(f'{column} is {value}, not finite')
    return value


def _one_of(record: dict, column: str, choices: tuple[str, ...]) -> str:
    if record[column] not in choices:
        raise ValueError(f'{column} is {record[column]!r}, not one of {choices}')
    return record[column]


def _success(value: str) -> float | None:
    if value == '':
        return None
    if value not in ('0', '1', '0.0', '1.0', 'False', 'True'):
        raise ValueError(f'success is {value!r}, not 0, 1 or empty')
    return float(value in ('1', '1.0', 'True'))
