"""The figure of how long memories last."""

import pathlib
from collections.abc import Mapping, Sequence
from typing import Protocol

from metods_garage.report.figures import colour_and_marker

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

_LEAST = 1e-3  # of a difference that is drawn


class Span(Protocol):
    """What is left of the difference between two memories, `steps` after they were exchanged."""

    @property
    def steps(self) -> int:
        """int: Steps."""

    @property
    def left(self) -> float:
        """float: Share of the difference."""


def draw_memory_spans(spans: Mapping[str, Sequence[Span]], path: pathlib.Path) -> pathlib.Path:
    """Draw the share of the difference that is left against steps, one line per run.

    Args:
        spans: By label.
        path: The PNG to write.

    Returns:
        The path.

    """
    figure = Figure(figsize=(6.4, 4.4 + 0.2 * len(spans)), layout='constrained')
    axes = figure.subplots()
    for number, (label, found) in enumerate(spans.items()):
        axes.plot(
            [one.steps for one in found],
            [one.left for one in found],
            label=label,
            markersize=4.5,
            linewidth=1.6,
            **colour_and_marker(number),
        )
    axes.set_xscale('log')
    axes.set_yscale('log')
    axes.set_ylim(_LEAST, 1.5)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda steps, _: f'{steps:,.0f}'))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda left, _: f'{100 * left:g} %'))
    axes.set_xlabel('steps of the same inputs')
    axes.set_ylabel('difference between two memories')
    axes.grid(alpha=0.3, linewidth=0.6)
    axes.spines[['top', 'right']].set_visible(False)
    figure.suptitle('how long what is remembered lasts', fontsize=10.5)
    figure.legend(loc='outside lower center', ncols=1, frameon=False)
    FigureCanvasAgg(figure).print_png(path, metadata=None)
    return path
