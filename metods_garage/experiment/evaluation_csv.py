"""evaluation.csv: one row per evaluation episode, appended, and taken back when resuming."""

import csv
import io
import os
import pathlib
from collections.abc import Iterable
from typing import Any

EVALUATION_COLUMNS = (
    'benchmark',
    'protocol',
    'method',
    'seed',
    'training_steps',
    'kind',
    'split',
    'task',
    'goal',
    'episode',
    'phase',
    'return',
    'success',
    'length',
)


class EvaluationCsv:
    """The file of evaluation rows.

    Args:
        path (pathlib.Path): The file.
        keep_bytes (int): Size that an existing file is cut to.

    Raises:
        ValueError: If the existing file is smaller than that.

    """

    def __init__(self, path: pathlib.Path, keep_bytes: int = 0) -> None:
        self._path = path
        if keep_bytes == 0:
            path.write_text(_lines([EVALUATION_COLUMNS]), encoding='utf-8')
            return
        if path.stat().st_size < keep_bytes:
            raise ValueError(
                f'{path} has {path.stat().st_size:,} bytes, but had {keep_bytes:,} when the '
                f'snapshot was written: rows of it were lost, so the run can not be resumed'
            )
        os.truncate(path, keep_bytes)

    @property
    def n_bytes(self) -> int:
        """int: Size of the file."""
        return self._path.stat().st_size

    def append(self, rows: Iterable[dict[str, Any]]) -> None:
        """Append rows and force them to the disk.

        Args:
            rows: Rows with exactly the keys of `EVALUATION_COLUMNS`.

        """
        lines = _lines([row[column] for column in EVALUATION_COLUMNS] for row in rows)
        with open(self._path, 'a', encoding='utf-8', newline='') as file:
            file.write(lines)
            file.flush()
            os.fsync(file.fileno())


def _lines(rows: Iterable[Iterable[Any]]) -> str:
    file = io.StringIO(newline='')
    csv.writer(file, lineterminator='\n').writerows(rows)
    return file.getvalue()
