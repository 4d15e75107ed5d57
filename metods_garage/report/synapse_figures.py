"""The five figures of what an agent's synapses do."""

import pathlib
from collections.abc import Mapping, Sequence

from metods_garage.report.synapse_numbers import Outcomes, PrincipalComponents
from metods_garage.report.synapse_record import SynapseRecord

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

# Okabe and Ito's blue and vermilion: the good group and the other one.
_GOOD, _BAD, _UNKNOWN = '#0072B2', '#D55E00', '#7F7F7F'
# D's: green lines for the fixation mark, purple ones for the objects.
_KIND_COLOURS = {'after a choice': '#CC79A7', 'after another reward': '#009E73'}
_FEW = 3  # trials or weights of which each has a panel


def draw_trajectories(
    path: pathlib.Path,
    record: SynapseRecord,
    groups: Outcomes,
    components: PrincipalComponents,
    told: Mapping[str, Mapping[int, float]],
) -> None:
    """Draw the paths of W_t in the plane of its two principal components.

    Args:
        path: The PNG to write.
        record: The record.
        groups: Groups of its trials.
        components: Of the kept weights.
        told: By space, the accuracy of telling the groups apart by moment; see `separation`.

    """
    figure = _figure(3, 1, 3.6)
    plane, time, apart = figure.axes
    for trial in np.unique(record.weight_trial):
        at = record.weight_trial == trial
        colour = _colour(groups, trial)
        xy, since = components.scores[at], record.weight_step[at] - groups.onset[trial]
        plane.plot(*xy.T, color=colour, linewidth=0.7, alpha=0.5)
        plane.plot(*xy[-1], color=colour, marker='o', markersize=3)
        time.plot(since, xy[:, 0], color=colour, linewidth=0.7, alpha=0.5)
    first = np.flatnonzero(record.weight_step == 0)
    plane.plot(*components.scores[first].T, 'k*', markersize=8, label='$W_0$')
    shares = [f'{100 * share:.0f} %' for share in components.explained]
    _label(plane, f'component 1 ({shares[0]})', f'component 2 ({shares[1]})', 'trajectories of W')
    _label(time, _since(groups), 'component 1', 'component 1 against time')
    for (name, values), style in zip(told.items(), ('-o', ':s'), strict=False):
        apart.plot(*zip(*values.items(), strict=True), style, color='k', markersize=3, label=name)
    apart.axhline(0.5, color=_UNKNOWN, linestyle='--', linewidth=0.8)
    apart.set_ylim(0, 1.05)
    _label(apart, _since(groups), 'groups told apart', 'accuracy of the nearest mean')
    for axes in (time, apart):
        axes.axvline(0, color='k', linewidth=0.6)
    apart.legend(fontsize=7, loc='lower right')
    _legend_of_groups(plane, groups)
    _save(figure, path)


def draw_variation(
    path: pathlib.Path, record: SynapseRecord, groups: Outcomes, kinds: Mapping[str, np.ndarray]
) -> None:
    """Draw sum |W_t - W_{t-1}| against time in a few trials, and its distribution by reward seen.

    Args:
        path: The PNG to write.
        record: The record.
        groups: Groups of its trials.
        kinds: Kinds of steps, by the reward that they see.

    """
    shown = _shown_trials(record, groups)
    figure = _figure(len(shown) + 1, 1, 3.6)
    *panels, box = figure.axes
    for axes, trial in zip(panels, shown, strict=True):
        length = record.lengths[trial]
        axes.plot(np.arange(1, length + 1), record.variation[trial, :length], 'k.-', linewidth=0.8)
        for kind, colour in _KIND_COLOURS.items():
            steps = np.flatnonzero(kinds[kind][trial]).tolist()
            for step in steps if len(steps) <= length / 2 else ():  # dense rewards are no events
                axes.axvline(step + 1, color=colour, linewidth=1.2, alpha=0.7, zorder=0)
        title = _group_name(groups, trial)
        _label(axes, 'step t', r'$\sum_{ij}|W_t - W_{t-1}|$', f'trial {trial}: {title}')
    marks = {
        kind: kinds[kind]
        for kind in (*_KIND_COLOURS, 'no reward', 'first step')
        if kinds[kind].any()
    }
    values = [record.variation[steps] for steps in marks.values()]
    box.boxplot(values, showfliers=False, widths=0.6)
    names = [name.replace(' ', '\n', 1) for name in marks]
    box.set_xticks(range(1, len(marks) + 1), names, fontsize=7)
    for tick, kind in zip(box.get_xticklabels(), marks, strict=True):
        tick.set_color(_KIND_COLOURS.get(kind, 'k'))
    _label(box, '', '', f'all {len(record.valid)} trials, by the reward that a step sees')
    _save(figure, path)


def draw_energy(
    path: pathlib.Path,
    record: SynapseRecord,
    groups: Outcomes,
    pair_energies: Mapping[str, np.ndarray],
    landscapes: Mapping[str, np.ndarray],
    grid: tuple[np.ndarray, np.ndarray],
    visited: np.ndarray,
) -> None:
    """Draw the energy over two principal directions of v, and how it changes with time.

    Args:
        path: The PNG to write.
        record: The record.
        groups: Groups of its trials.
        pair_energies: p_i' W p_j at each kept moment, [K] by name.
        landscapes: v' W v over the plane, [Y, X] by what weights W they are of.
        grid: Coordinates [X] and [Y] of the landscapes.
        visited: Coordinates of the activities of the record, [K', 2].

    """
    figure = _figure(4, 2, 2.9)
    upper, lower = np.array_split(np.array(figure.axes), 2)
    bound = max(np.abs(values).max() for values in landscapes.values()) or 1.0
    for axes, (name, values) in zip(upper, landscapes.items(), strict=False):
        picture = axes.pcolormesh(*grid, values, cmap='RdBu_r', vmin=-bound, vmax=bound)
        axes.contour(*grid, values, levels=9, colors='k', linewidths=0.4)
        axes.plot(*visited.T, 'k.', markersize=1, alpha=0.3)
        axes.set_xlim(grid[0][0], grid[0][-1])
        axes.set_ylim(grid[1][0], grid[1][-1])
        _label(axes, 'component 1 of v', 'component 2 of v', f"v' W v, W: {name}")
        figure.colorbar(picture, ax=axes)
    for axes, (name, values) in zip(lower, pair_energies.items(), strict=False):
        for trial in np.unique(record.weight_trial):
            at = record.weight_trial == trial
            since = record.weight_step[at] - groups.onset[trial]
            axes.plot(since, values[at], color=_colour(groups, trial), linewidth=0.7, alpha=0.5)
        axes.axvline(0, color='k', linewidth=0.6)
        _label(axes, _since(groups), '', name)
    for axes in (*upper[len(landscapes) :], *lower[len(pair_energies) :]):
        axes.remove()
    _legend_of_groups(lower[0], groups)
    _save(figure, path)


def draw_weights(path: pathlib.Path, pictures: Mapping[str, np.ndarray]) -> None:
    """Draw weights as images in one scale of colours.

    Args:
        path: The PNG to write.
        pictures: Weights [N, N] by what they are.

    """
    figure = _figure(max(len(pictures), 1), 1, 2.6, width=2.5)
    bound = max(np.abs(W).max() for W in pictures.values()) or 1.0
    for axes, (name, W) in zip(figure.axes, pictures.items(), strict=True):
        image = axes.imshow(W, cmap='RdBu_r', vmin=-bound, vmax=bound, interpolation='nearest')
        _label(axes, 'from neuron', 'to neuron', name)
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_locator(MaxNLocator(integer=True))
    figure.colorbar(image, ax=figure.axes, shrink=0.8)
    _save(figure, path)


def draw_distribution(
    path: pathlib.Path, edges: np.ndarray, densities: Mapping[str, np.ndarray]
) -> None:
    """Draw the distribution of the weights at the start and at the end of trials.

    Args:
        path: The PNG to write.
        edges: Of the bins, [M + 1].
        densities: Of each distribution, [M] by name.

    """
    figure = _figure(1, 1, 3.2, width=5.0)
    (axes,) = figure.axes
    for (name, density), colour in zip(densities.items(), (_UNKNOWN, _GOOD), strict=True):
        axes.stairs(density, edges, color=colour, label=name, linewidth=1.4)
    axes.set_yscale('log')
    _label(axes, 'weight', 'density', 'distribution of weights')
    axes.legend(fontsize=8)
    _save(figure, path)


def _figure(columns: int, rows: int, height: float, width: float = 3.7) -> Figure:
    figure = Figure(figsize=(width * columns, height * rows), layout='constrained')
    figure.subplots(rows, columns)
    return figure


def _shown_trials(record: SynapseRecord, groups: Outcomes) -> Sequence[int]:
    """A few trials, of both groups where there are both."""
    order = np.arange(len(record.valid))
    good, bad = order[groups.known & groups.good], order[groups.known & ~groups.good]
    ranks = [*zip(good, bad, strict=False)]
    mixed = [int(trial) for pair in ranks for trial in pair]
    rest = [int(trial) for trial in order if trial not in mixed]
    return (mixed + rest)[:_FEW]


def _colour(groups: Outcomes, trial: int) -> str:
    if not groups.known[trial]:
        return _UNKNOWN
    return _GOOD if groups.good[trial] else _BAD


def _group_name(groups: Outcomes, trial: int) -> str:
    if not groups.known[trial]:
        return 'no choice'
    return groups.labels[0] if groups.good[trial] else groups.labels[1]


def _since(groups: Outcomes) -> str:
    return 'steps since the outcome' if groups.onset.any() else 'steps of the trial'


def _legend_of_groups(axes: Axes, groups: Outcomes) -> None:
    for label, colour in zip(groups.labels, (_GOOD, _BAD), strict=True):
        axes.plot([], [], color=colour, label=label)
    axes.legend(fontsize=7)


def _label(axes: Axes, x: str, y: str, title: str) -> None:
    axes.set_xlabel(x, fontsize=8)
    axes.set_ylabel(y, fontsize=8)
    axes.set_title(title, fontsize=9)
    axes.tick_params(labelsize=7)
    axes.spines[['top', 'right']].set_visible(False)


def _save(figure: Figure, path: pathlib.Path) -> None:
    FigureCanvasAgg(figure).print_png(path, metadata=None)
