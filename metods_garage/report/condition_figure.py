"""The figure of a trained run whose trials of several episodes went under several conditions."""

import pathlib
from collections.abc import Sequence

from metods_garage.report.conditions import Row, interval_of
from metods_garage.report.figures import (
    AXIS_NAMES,
    SPLIT_TITLES,
    colour_and_marker,
    draw_band,
    dress,
)

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator


def draw_conditions(rows: Sequence[Row], title: str, path: pathlib.Path) -> pathlib.Path:
    """Draw success and return against the episode's number within its trial, a line a condition.

    Args:
        rows: The rows of all conditions.
        title: The figure's title.
        path: The PNG to write.

    Returns:
        The path.

    """
    measures = [m for m in ('success', 'return') if all(row[m] != '' for row in rows)]
    splits = list(dict.fromkeys(row['split'] for row in rows))
    size = (0.8 + 3.8 * len(splits), 1.1 + 2.9 * len(measures))
    figure = Figure(figsize=size, layout='constrained')
    grid = figure.subplots(len(measures), len(splits), squeeze=False, sharex=True, sharey='row')
    for row, measure in enumerate(measures):
        for column, split in enumerate(splits):
            axes = grid[row, column]
            for number, name in enumerate(dict.fromkeys(row['condition'] for row in rows)):
                found = [r for r in rows if (r['condition'], r['split']) == (name, split)]
                episodes = sorted({int(r['episode']) for r in found})
                values = [
                    interval_of([r for r in found if int(r['episode']) == episode], measure)
                    for episode in episodes
                ]
                style = colour_and_marker(number)
                draw_band(axes, [episode + 1.0 for episode in episodes], values, style, name)
            dress(axes, measure)
            axes.xaxis.set_major_locator(MaxNLocator(integer=True))
            axes.set_title(SPLIT_TITLES[split] if row == 0 else '')
            axes.set_ylabel(AXIS_NAMES[measure] if column == 0 else '')
            axes.set_xlabel('episode within the trial' if row == len(measures) - 1 else '')
    figure.suptitle(title, fontsize=10.5)
    handles, labels = grid[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc='outside lower center', ncols=2, frameon=False)
    FigureCanvasAgg(figure).print_png(path, metadata=None)
    return path
