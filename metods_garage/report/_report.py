"""Run folders in, tables and figures out."""

import dataclasses
import os
import pathlib
from collections.abc import Iterable

from metods_garage.report.comparisons import Comparison, compare
from metods_garage.report.figures import (
    draw_adaptation_curves,
    draw_learning_curves,
    draw_task_scores,
    draw_training_curves,
)
from metods_garage.report.runs import read_run
from metods_garage.report.tables import comparison_csv, comparison_table


@dataclasses.dataclass(frozen=True)
class Report:
    """What a report left behind.

    Attributes:
        table (str): The table as text.
        paths (tuple[pathlib.Path]): The files written: table, CSV and figures.

    """

    table: str
    paths: tuple[pathlib.Path, ...]


def make_report(run_dirs: Iterable[str | os.PathLike], out_dir: str | os.PathLike) -> Report:
    """Write table and figures of some runs.

    Args:
        run_dirs: Run folders, of any benchmark, protocol and method.
        out_dir: Where to write; made if it does not exist.

    Returns:
        The table's text and the files written.

    Raises:
        ValueError: If a file of a run is damaged, or two runs are the same method, settings and
            seed; the message names them.

    """
    comparisons = compare(read_run(folder) for folder in run_dirs)
    out = pathlib.Path(out_dir)
    out.mkdir(parents=True, exist_ok=True)
    tables, paths = [], []
    for comparison, stem in zip(comparisons, _stems(comparisons), strict=True):
        tables.append(comparison_table(comparison))
        paths += _write(comparison, tables[-1], out, stem)
    return Report(table='\n\n\n'.join(tables), paths=tuple(paths))


def _write(comparison: Comparison, table: str, out: pathlib.Path, stem: str) -> list[pathlib.Path]:
    text, numbers = out / f'{stem}-table.txt', out / f'{stem}-table.csv'
    text.write_text(table + '\n', encoding='utf-8')
    numbers.write_text(comparison_csv(comparison), encoding='utf-8')
    paths = [text, numbers]
    if comparison.evaluated:
        paths.append(draw_learning_curves(comparison, out / f'{stem}-learning.png'))
        some = [draw_training_curves(comparison, out / f'{stem}-training.png')]
        some.append(draw_adaptation_curves(comparison, out / f'{stem}-adaptation.png'))
        some.append(draw_task_scores(comparison, out / f'{stem}-tasks.png'))
        paths += [path for path in some if path is not None]
    return paths


def _stems(comparisons: list[Comparison]) -> list[str]:
    """File names; protocols that share a name but not their content are numbered."""
    names = [comparison.name for comparison in comparisons]
    return [
        name if names.count(name) == 1 else f'{name}-{names[: n + 1].count(name)}'
        for n, name in enumerate(names)
    ]
