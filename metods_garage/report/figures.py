"""The figures of a comparison: learning, training and adaptation curves, and each task's scores."""

import pathlib
import textwrap
from collections.abc import Callable
from typing import Any

from metods_garage.report.bootstrap import Interval
from metods_garage.report.comparisons import Comparison, Line, interval
from metods_garage.report.training_curve import (
    LOG_ADAPTED_EPISODES,
    TRAINING_MEASURES,
    read_training_curve,
)

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

# Okabe and Ito's colours, told apart by colour-blind readers too; markers say it once more.
COLOURS = ('#0072B2', '#D55E00', '#009E73', '#CC79A7', '#E69F00', '#56B4E9', '#000000')
MARKERS = ('o', 's', '^', 'D', 'v', 'P', 'X')
_REFERENCE_COLOUR = '#7F7F7F'
SPLIT_TITLES = {'train': 'training tasks', 'test': 'test tasks'}
# Inches that an entry of the legend takes, beside and per letter of its label.
_LEGEND_HANDLE, _LEGEND_LETTER = 0.7, 0.085
_TITLE_LETTER = 0.088
AXIS_NAMES = {'success': 'success rate', 'return': 'return'}

DrawLine = Callable[[Axes, Line, str, str, dict], None]


def draw_learning_curves(comparison: Comparison, path: pathlib.Path) -> pathlib.Path:
    """Draw success and return in test episodes against training steps.

    Dots joined by lines are interim evaluations (a small fixed set of goals), the large marker is
    the final one (on more goals); methods that do not train are horizontal lines.

    Args:
        comparison: The runs to draw.
        path: The PNG to write.

    Returns:
        The path.

    """
    figure = _draw(comparison, _learning_curve, 'training steps (environment steps)')
    for axes in figure.axes:
        axes.xaxis.set_major_formatter(FuncFormatter(_thousands))
        axes.set_xlim(left=0)
    note = 'lines: interim evaluations; large markers: the final one, on more goals'
    return _save(figure, comparison, f'learning curves ({note})', path)


def draw_training_curves(comparison: Comparison, path: pathlib.Path) -> pathlib.Path | None:
    """Draw success and return of training episodes against training steps.

    Each training iteration has its own tasks and many of them, so that these curves are far less
    noisy than interim evaluations; a line per seed.

    Args:
        comparison: The runs to draw.
        path: The PNG to write.

    Returns:
        The path; None, and nothing is written, where no run logs its training episodes.

    """
    curves = {
        (measure, run.folder): read_training_curve(run.folder, measure)
        for measure in TRAINING_MEASURES
        for line in comparison.evaluated
        for run in line.runs
    }
    measures = [m for m in TRAINING_MEASURES if any(curves[key] for key in curves if key[0] == m)]
    if not measures:
        return None
    figure = Figure(figsize=(1.2 + 5.2 * len(measures), 4.6), layout='constrained')
    grid = figure.subplots(1, len(measures), squeeze=False)
    width = max(curve.steps[-1] for curve in curves.values() if curve is not None) / 40
    for axes, measure in zip(grid[0], measures, strict=True):
        for line, style in zip(comparison.evaluated, _styles(comparison), strict=True):
            adapted = line.runs[0].method in LOG_ADAPTED_EPISODES
            label = f'{line.label}, adapted episodes' if adapted else line.label
            for run in line.runs:
                curve = curves[measure, run.folder]
                if curve is not None:
                    smooth = curve.smoothed(width)
                    axes.plot(smooth.steps, smooth.values, label=label, markersize=3.5, **style)
                    label = '_more_seeds'
        dress(axes, measure)
        axes.set_ylabel(AXIS_NAMES[measure])
        axes.set_xlabel('training steps (environment steps)')
        axes.xaxis.set_major_formatter(FuncFormatter(_thousands))
        axes.set_xlim(left=0)
    note = 'means over 1/40 of the steps; a line per seed'
    return _save(figure, comparison, f'training episodes ({note})', path)


def draw_adaptation_curves(comparison: Comparison, path: pathlib.Path) -> pathlib.Path:
    """Draw success and return against the episode's number within its trial.

    Args:
        comparison: The runs to draw.
        path: The PNG to write.

    Returns:
        The path.

    """
    figure = _draw(comparison, _adaptation_curve, 'episode within the trial')
    for axes in figure.axes:
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    note = 'last evaluation; shaded: test episodes'
    return _save(figure, comparison, f'adaptation within the trial ({note})', path)


def draw_task_scores(comparison: Comparison, path: pathlib.Path) -> pathlib.Path | None:
    """Draw success and return of every task's class, in test episodes of the last evaluation.

    Args:
        comparison: The runs to draw.
        path: The PNG to write.

    Returns:
        The path; None, and nothing is written, where no split has more than one class.

    """
    measures, splits = comparison.measures(), comparison.splits()
    names = {split: [task for s, task in comparison.tasks() if s == split] for split in splits}
    if all(len(tasks) == 1 for tasks in names.values()):
        return None
    heights = [len(names[split]) for split in splits]
    row_height = max(0.3, 0.1 + 0.12 * len(comparison.evaluated))
    size = (1.8 + 3.8 * len(measures), 1.5 + 0.4 * len(splits) + row_height * sum(heights))
    figure = Figure(figsize=size, layout='constrained')
    grid = figure.subplots(
        len(splits), len(measures), squeeze=False, sharey='row', sharex='col',
        height_ratios=heights,
    )  # fmt: skip
    for row, split in enumerate(splits):
        for column, measure in enumerate(measures):
            axes = grid[row, column]
            _task_scores(axes, comparison, measure, split, names[split])
            axes.grid(alpha=0.3, linewidth=0.6)
            axes.spines[['top', 'right']].set_visible(False)
            if measure == 'success':
                axes.set_xlim(-0.03, 1.03)
                axes.xaxis.set_major_formatter(FuncFormatter(_percent))
            axes.set_ylabel(SPLIT_TITLES[split] if column == 0 else '')
            axes.set_xlabel(AXIS_NAMES[measure] if row == len(splits) - 1 else '')
    return _save(figure, comparison, 'each class of tasks (last evaluation, test episodes)', path)


def _task_scores(
    axes: Axes, comparison: Comparison, measure: str, split: str, tasks: list[str]
) -> None:
    n_lines = len(comparison.evaluated)
    for number, (line, style) in enumerate(
        zip(comparison.evaluated, _styles(comparison), strict=True)
    ):
        values = [interval(line.last(), measure, split, task=task) for task in tasks]
        # Below one another, in the order of the legend: they would hide each other on one height.
        offset = 0.6 * ((number + 0.5) / n_lines - 0.5)
        points = [(value, y + offset) for y, value in enumerate(values) if value is not None]
        if not points:
            continue
        means = [value.mean for value, _ in points]
        errors = [
            [max(value.mean - value.low, 0) for value, _ in points],
            [max(value.high - value.mean, 0) for value, _ in points],
        ]
        axes.errorbar(
            means, [y for _, y in points], xerr=errors, label=line.label, color=style['color'],
            marker=style['marker'] or '|', markersize=5, linestyle='none', elinewidth=1,
        )  # fmt: skip
    axes.set_yticks(range(len(tasks)), tasks)
    axes.set_ylim(len(tasks) - 0.5, -0.5)  # the first one at the top


def _draw(comparison: Comparison, draw_line: DrawLine, x_label: str) -> Figure:
    measures, splits = comparison.measures(), comparison.splits()
    size = (1.2 + 5.2 * len(splits), 1.6 + 3.0 * len(measures))
    figure = Figure(figsize=size, layout='constrained')
    grid = figure.subplots(len(measures), len(splits), squeeze=False, sharey='row', sharex=True)
    for row, measure in enumerate(measures):
        for column, split in enumerate(splits):
            axes = grid[row, column]
            for line, style in zip(comparison.evaluated, _styles(comparison), strict=True):
                draw_line(axes, line, measure, split, style)
            dress(axes, measure)
            axes.set_title(SPLIT_TITLES[split] if row == 0 else '')
            axes.set_ylabel(AXIS_NAMES[measure] if column == 0 else '')
            axes.set_xlabel(x_label if row == len(measures) - 1 else '')
    return figure


def colour_and_marker(number: int) -> dict[str, Any]:
    """Those of the n-th line of a figure, from 0: the same colour comes with another marker."""
    rounds, place = divmod(number, len(COLOURS))
    return {'color': COLOURS[place], 'marker': MARKERS[(place + rounds) % len(MARKERS)]}


def _styles(comparison: Comparison) -> list[dict[str, Any]]:
    styles: list[dict[str, Any]] = []
    used = 0
    for line in comparison.evaluated:
        if line.untrained:
            styles.append({'color': _REFERENCE_COLOUR, 'linestyle': '--', 'marker': None})
        else:
            kind: dict[str, Any] = {'linestyle': '-' if line.finished else ':'}
            styles.append(kind | colour_and_marker(used))
            used += 1
    return styles


def _learning_curve(axes: Axes, line: Line, measure: str, split: str, style: dict) -> None:
    if line.untrained:
        value = interval(line.last(), measure, split)
        if value is not None:
            axes.axhline(value.mean, label=line.label, linewidth=1.4, **_without_marker(style))
            axes.axhspan(value.low, value.high, color=style['color'], alpha=0.12, linewidth=0)
        return
    steps, values = [], []
    for evaluations in line.interim():
        value = interval(evaluations, measure, split)
        if value is not None:
            steps.append(float(np.mean([one.training_steps for one in evaluations])))
            values.append(value)
    if values:
        draw_band(axes, steps, values, style, line.label)
    if line.finished:
        _final_marker(axes, line, measure, split, style, label=None if values else line.label)


def _final_marker(
    axes: Axes, line: Line, measure: str, split: str, style: dict, label: str | None
) -> None:
    value = interval(line.last(), measure, split)
    if value is None:
        return
    steps = float(np.mean([one.training_steps for one in line.last()]))
    errors = [[max(value.mean - value.low, 0)], [max(value.high - value.mean, 0)]]
    axes.errorbar(
        [steps], [value.mean], yerr=errors, label=label, color=style['color'],
        marker=style['marker'], markersize=9, markeredgecolor='white', capsize=3, zorder=4,
    )  # fmt: skip


def _adaptation_curve(axes: Axes, line: Line, measure: str, split: str, style: dict) -> None:
    rows = [row for one in line.last() for row in one.rows if row.split == split]
    numbers, values = [], []
    for episode in sorted({row.episode for row in rows}):
        value = interval(line.last(), measure, split, episode=episode)
        if value is not None:
            numbers.append(episode + 1.0)
            values.append(value)
    draw_band(axes, numbers, values, style, line.label)
    tests = {row.episode + 1 for row in rows if row.phase == 'test'}
    if tests and not axes.patches:
        axes.axvspan(
            min(tests) - 0.5, max(tests) + 0.5, color='0.5', alpha=0.12, linewidth=0, zorder=0
        )


def draw_band(axes: Axes, xs: list[float], values: list[Interval], style: dict, label: str) -> None:
    """Draw means as a line, and their intervals as a band of its colour."""
    axes.plot(xs, [v.mean for v in values], label=label, linewidth=1.6, markersize=4.5, **style)
    lows, highs = [v.low for v in values], [v.high for v in values]
    axes.fill_between(xs, lows, highs, color=style['color'], alpha=0.15, linewidth=0)


def _without_marker(style: dict) -> dict:
    return {key: value for key, value in style.items() if key != 'marker'}


def dress(axes: Axes, measure: str) -> None:
    """Give axes what all of this package's have: a faint grid, and percent for success."""
    axes.grid(alpha=0.3, linewidth=0.6)
    axes.spines[['top', 'right']].set_visible(False)
    if measure == 'success':
        axes.set_ylim(-0.03, 1.03)
        axes.yaxis.set_major_formatter(FuncFormatter(_percent))


def _percent(value: float, _position: int) -> str:
    return f'{100 * value:.0f} %'


def _thousands(value: float, _position: int) -> str:
    if value >= 1e6:
        return f'{value / 1e6:g} M'
    return f'{value / 1e3:g} k' if value >= 1e3 else f'{value:g}'


def _save(figure: Figure, comparison: Comparison, what: str, path: pathlib.Path) -> pathlib.Path:
    protocol = comparison.protocol.get('name', 'unnamed')
    title = f'{comparison.benchmark}, protocol {protocol}: {what}'
    width = int(figure.get_figwidth() / _TITLE_LETTER)
    lines = (title, comparison.single_seed_note())
    figure.suptitle('\n'.join(textwrap.fill(line, width) for line in lines if line), fontsize=10.5)
    entries: dict[str, Any] = {}
    for axes in figure.axes:
        handles, labels = axes.get_legend_handles_labels()
        entries |= {
            label: entries.get(label, handle) for label, handle in zip(labels, handles, strict=True)
        }
    handles, labels = list(entries.values()), list(entries)
    widest = max((len(label) for label in labels), default=0)
    columns = int(figure.get_figwidth() / (_LEGEND_HANDLE + _LEGEND_LETTER * widest))
    figure.legend(
        handles,
        labels,
        loc='outside lower center',
        ncols=min(max(1, columns), len(labels) or 1),
        frameon=False,
    )
    FigureCanvasAgg(figure).print_png(path, metadata=None)
    return path
