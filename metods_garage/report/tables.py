"""The table of a comparison, as text for people and as CSV for programs."""

import csv
import io

from metods_garage.report.bootstrap import Interval
from metods_garage.report.comparisons import Comparison, Line, interval
from metods_garage.report.goal_scores import SPLIT_NAMES

CSV_COLUMNS = ('benchmark', 'protocol', 'method', 'seeds', 'finished', 'training_steps',
               'split', 'task', 'measure', 'mean', 'low', 'high')  # fmt: skip


def format_interval(value: Interval | None, measure: str) -> str:
    """One cell: mean and interval, success in percent."""
    if value is None:
        return '-'
    scale, digits = _scale(value.mean, measure)
    mean, low, high = (f'{scale * number:.{digits}f}' for number in value)
    return f'{mean} [{low}, {high}]'


def format_mean(mean: float, measure: str, *, digits: int | None = None) -> str:
    """One cell without an interval; with so many digits in place of the usual ones."""
    scale, usual = _scale(mean, measure)
    digits = usual if digits is None else digits
    return f'{scale * mean:.{digits}f}'


def _scale(mean: float, measure: str) -> tuple[int, int]:
    """Factor and digits that a number is printed with."""
    return (100, 1) if measure == 'success' else (1, 2 if abs(mean) < 10 else 1)


def comparison_table(comparison: Comparison) -> str:
    """The whole table of one comparison.

    Args:
        comparison: The runs of one benchmark under one protocol.

    Returns:
        A title, one line per method over all tasks, and per measure one line per task.

    """
    parts = [_title(comparison), _overall(comparison)]
    if len(comparison.tasks()) > len(comparison.splits()):
        parts += [_per_task(comparison, measure) for measure in comparison.measures()]
    notes = [_unfinished_note(line) for line in comparison.lines if not line.finished]
    notes += [comparison.single_seed_note()] if comparison.single_seed_note() else []
    if notes:
        parts.append('\n'.join(notes))
    return '\n\n'.join(parts)


def comparison_csv(comparison: Comparison) -> str:
    """The same numbers as CSV, one per (method, split, task, measure), task 'all' being overall."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator='\n')
    writer.writerow(CSV_COLUMNS)
    for line in comparison.evaluated:
        steps = [run.training_steps for run in line.runs]
        head = [comparison.benchmark, comparison.protocol.get('name', ''), line.label, len(steps),
                int(line.finished), round(sum(steps) / len(steps))]  # fmt: skip
        overall: list[tuple[str, str | None]] = [(split, None) for split in comparison.splits()]
        for split, task in overall + list(comparison.tasks()):
            for measure in comparison.measures():
                value = interval(line.last(), measure, split, task=task)
                if value is not None:
                    writer.writerow([*head, split, task or 'all', measure, *value])
    return file.getvalue()


def _title(comparison: Comparison) -> str:
    budget = comparison.protocol.get('total_training_steps')
    size = f' ({budget:,} training steps)' if isinstance(budget, int) else ''
    percent = ', success in percent' if 'success' in comparison.measures() else ''
    return (
        f'{comparison.benchmark}, protocol {comparison.protocol.get("name", "unnamed")}{size}: '
        f'test episodes of the last evaluation,\n'
        f'mean [95 % bootstrap interval over tasks and seeds]{percent}'
    )


def _overall(comparison: Comparison) -> str:
    columns = [
        (measure, split) for measure in comparison.measures() for split in comparison.splits()
    ]
    header = ['method', 'seeds', 'training steps']
    header += [f'{measure}, {SPLIT_NAMES[split]} tasks' for measure, split in columns]
    body = []
    for line in comparison.lines:
        cells = [
            format_interval(interval(line.last(), measure, split), measure)
            for measure, split in columns
        ]
        body.append([line.label, str(len(line.runs)), _steps(line), *cells])
    return aligned([header, *body])


def _per_task(comparison: Comparison, measure: str) -> str:
    header = [measure, 'task', *(line.label for line in comparison.evaluated)]
    body = []
    for split, task in comparison.tasks():
        cells = [
            format_interval(interval(line.last(), measure, split, task=task), measure)
            for line in comparison.evaluated
        ]
        body.append([SPLIT_NAMES[split], task, *cells])
    return aligned([header, *body])


def _steps(line: Line) -> str:
    steps = sorted(run.training_steps for run in line.runs)
    return f'{steps[0]:,}' if steps[0] == steps[-1] else f'{steps[0]:,} - {steps[-1]:,}'


def _unfinished_note(line: Line) -> str:
    reached = ', '.join(f'seed {run.seed} at {run.training_steps:,} steps' for run in line.runs)
    evaluated = [one for one in line.last()]
    shown = (
        'its latest interim evaluation is shown, on fewer goals'
        if evaluated
        else 'it has no evaluation yet'
    )
    return f'{line.label}: {reached}; {shown}'


def aligned(rows: list[list[str]]) -> str:
    """Rows of cells as text, the first one underlined."""
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))]
    lines = [
        '  '.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    ]
    lines.insert(1, '  '.join('-' * width for width in widths))
    return '\n'.join(line.rstrip() for line in lines)
