"""dowel's progress.csv, with columns in a fixed order and rows that can be taken back."""

import csv
import io
import os
import pathlib

from metods_garage.experiment.atomic_file import write_atomically

from dowel import TabularInput
from dowel.logger import LogOutput


class ProgressCsv(LogOutput):
    """Writes each tabular as one row.

    dowel's own output orders its columns by the hash of their names, which differs from process
    to process, and starts anew when it is opened.

    Args:
        path (pathlib.Path): The file.
        keep_rows (int): Rows of an existing file that stay; the others are cut.

    """

    def __init__(self, path: pathlib.Path, keep_rows: int = 0) -> None:
        self._path = path
        self._rows = _read_rows(path)[:keep_rows]
        self._columns = sorted({key for row in self._rows for key, value in row.items() if value})
        self._write_all()

    @property
    def types_accepted(self) -> tuple[type, ...]:
        """tuple: Tabulars only."""
        return (TabularInput,)

    @property
    def n_rows(self) -> int:
        """int: Rows in the file."""
        return len(self._rows)

    def record(self, data: TabularInput, prefix: str = '') -> None:
        """Write one row.

        Args:
            data: The tabular.
            prefix: Unused; text outputs have it.

        """
        row = {key: str(value) for key, value in data.as_primitive_dict.items()}
        self._rows.append(row)
        if row.keys() <= set(self._columns):
            self._append(row)
        else:
            self._columns = sorted(set(self._columns) | row.keys())
            self._write_all()
        for key in row:
            data.mark(key)

    def _append(self, row: dict[str, str]) -> None:
        with open(self._path, 'a', encoding='utf-8', newline='') as file:
            csv.DictWriter(file, self._columns, restval='', lineterminator='\n').writerow(row)
            file.flush()
            os.fsync(file.fileno())

    def _write_all(self) -> None:
        file = io.StringIO(newline='')
        writer = csv.DictWriter(
            file, self._columns, restval='', extrasaction='ignore', lineterminator='\n'
        )
        if self._columns:
            writer.writeheader()
        writer.writerows(self._rows)
        write_atomically(self._path, file.getvalue().encode())


def _read_rows(path: pathlib.Path) -> list[dict[str, str]]:
    if not path.exists():
        return []
    with open(path, encoding='utf-8', newline='') as file:
        return list(csv.DictReader(file))
