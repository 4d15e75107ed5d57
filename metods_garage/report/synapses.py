"""What the synapses of a trained agent do: five figures, and the numbers behind each of them."""

import csv
import dataclasses
import json
import pathlib
from collections.abc import Mapping
from typing import Any

from metods_garage.report.synapse_figures import (
    draw_distribution,
    draw_energy,
    draw_trajectories,
    draw_variation,
    draw_weights,
)
from metods_garage.report.synapse_numbers import (
    Outcomes,
    energy_landscape,
    outcomes,
    plane_energies,
    principal_components,
    rewards_seen,
    separation,
    step_kinds,
)
from metods_garage.report.synapse_record import SynapseRecord

import numpy as np

_MOMENTS = range(-5, 11)  # steps around the outcome at which groups are told apart
_GRID = 25  # points of a landscape along each direction
_BINS = 60
_QUARTILES = (0.25, 0.5, 0.75)


@dataclasses.dataclass(frozen=True)
class SynapseReport:
    """What a report on synapses left behind.

    Attributes:
        summary (dict): The main numbers, as in summary.json.
        paths (tuple[pathlib.Path]): The files written.

    """

    summary: dict[str, Any]
    paths: tuple[pathlib.Path, ...]

    @property
    def text(self) -> str:
        """str: The main numbers, one to a line."""
        return '\n'.join(_lines(self.summary))


def report_synapses(record: SynapseRecord, out_dir: pathlib.Path) -> SynapseReport:
    """Draw what synapses do, and write down the numbers.

    Args:
        record: What was kept of them.
        out_dir: Where to write; made if it does not exist.

    Returns:
        The main numbers and the files written.

    """
    out_dir.mkdir(parents=True, exist_ok=True)
    groups = outcomes(record)
    summary: dict[str, Any] = {
        'benchmark': record.benchmark,
        'training_steps': record.training_steps,
        'trials': len(record.valid),
        'trials_with_weights': len(np.unique(record.weight_trial)),
        'largest_replay_error': record.replay_error,
        groups.labels[0]: int((groups.known & groups.good).sum()),
        groups.labels[1]: int((groups.known & ~groups.good).sum()),
    }
    for name, part in _PARTS.items():
        summary[name] = part(record, groups, out_dir)
    text = json.dumps(summary, indent=2) + '\n'
    (out_dir / 'summary.json').write_text(text, encoding='utf-8')
    paths = [out_dir / f'{name}.{kind}' for name in _PARTS for kind in ('png', 'csv')]
    return SynapseReport(summary, (*paths, out_dir / 'landscape.csv', out_dir / 'summary.json'))


def _trajectories(record: SynapseRecord, groups: Outcomes, out: pathlib.Path) -> dict[str, Any]:
    flat = record.weights.reshape(len(record.weights), -1)
    components = principal_components(flat)
    told = {
        'two components': separation(components.scores, record, groups, _MOMENTS),
        'all weights': separation(flat, record, groups, _MOMENTS),
    }
    _write_csv(
        out / 'trajectories.csv',
        _moments(record, groups) | {
            'component_1': components.scores[:, 0],
            'component_2': components.scores[:, 1],
        },
    )  # fmt: skip
    draw_trajectories(out / 'trajectories.png', record, groups, components, told)
    return {
        'explained_variance': [float(share) for share in components.explained],
        'groups_told_apart_by_steps_since_the_outcome': told,
    }


def _variation(record: SynapseRecord, groups: Outcomes, out: pathlib.Path) -> dict[str, Any]:
    kinds = step_kinds(record)
    has_weights = np.isin(np.arange(len(record.valid)), record.weight_trial)
    trial, step = np.nonzero(record.valid & has_weights[:, np.newaxis])
    names = np.select([kinds[kind] for kind in kinds], list(kinds), default='')
    _write_csv(
        out / 'variation.csv',
        {
            'trial': trial,
            'step': step + 1,
            'sum_abs_change': record.variation[trial, step],
            'reward_seen': rewards_seen(record)[trial, step],
            'kind': names[trial, step],
        },
    )
    draw_variation(out / 'variation.png', record, groups, kinds)
    change = np.where(record.valid, record.variation, -1)
    largest, later = change.argmax(axis=1), 1 + change[:, 1:].argmax(axis=1)
    rows = np.arange(len(largest))
    return {
        kind: {
            'steps': int(steps.sum()),
            'mean_sum_abs_change': float(record.variation[steps].mean()),
            'quartiles': [float(q) for q in np.quantile(record.variation[steps], _QUARTILES)],
            'share_of_steps': float((steps.sum(axis=1) / record.lengths).mean()),
            'has_the_largest_of_its_trial': float(steps[rows, largest].mean()),
            'has_the_largest_after_the_first_step': float(steps[rows, later].mean()),
        }
        for kind, steps in kinds.items()
        if steps.any()
    }


def _energy(record: SynapseRecord, groups: Outcomes, out: pathlib.Path) -> dict[str, Any]:
    active = record.weight_step > 0
    found = principal_components(record.activity[active])
    matrices = plane_energies(record.weights, found.directions)  # [K, 2, 2]
    pairs = {f"p{i + 1}' W p{j + 1}": matrices[:, i, j] for i in range(2) for j in range(2)}
    columns = {f'p{i + 1}_W_p{j + 1}': matrices[:, i, j] for i in range(2) for j in range(2)}
    _write_csv(out / 'energy.csv', _moments(record, groups) | columns)
    reach = 1.2 * np.abs(found.scores).max(axis=0)
    xs, ys = (np.linspace(-end, end, _GRID) for end in np.where(reach > 0, reach, 1.0))
    landscapes = {
        name: energy_landscape(W, found.mean, found.directions, xs, ys)
        for name, W in _weights_by_group(record, groups).items()
    }
    _write_landscapes(out / 'landscape.csv', landscapes, xs, ys)
    draw_energy(out / 'energy.png', record, groups, pairs, landscapes, (xs, ys), found.scores)
    return {
        'explained_variance_of_v': [float(share) for share in found.explained],
        'mean_abs_change_per_step': _changes(record, matrices),
        'groups_told_apart_by_steps_since_the_outcome': separation(
            matrices.reshape(-1, 4), record, groups, _MOMENTS
        ),
    }


def _weights(record: SynapseRecord, groups: Outcomes, out: pathlib.Path) -> dict[str, Any]:
    first, last = _first_moments(record), _last_moments(record)
    pictures: dict[str, np.ndarray] = {}
    for label, member in zip(groups.labels, (groups.good, ~groups.good), strict=True):
        of_group = np.flatnonzero((groups.known & member)[record.weight_trial[last]])
        if len(of_group):
            before, after = record.weights[first[of_group[0]]], record.weights[last[of_group[0]]]
            trial = record.weight_trial[last[of_group[0]]]
            # W_0 is the same for all trials, unless it is sampled.
            pictures |= {f'before trial {trial}': before} if not pictures else {}
            pictures |= {f'after trial {trial}:\n{label}': after}
            pictures |= {f'change in trial {trial}': after - before}
    to, source = np.indices(record.weights[0].shape).reshape(2, -1)
    _write_csv(
        out / 'weights.csv',
        {'to': to, 'from': source}
        | {name.replace('\n', ' '): W.ravel() for name, W in pictures.items()},
    )
    draw_weights(out / 'weights.png', pictures)
    norms = np.linalg.norm(record.weights, axis=(1, 2))
    return {
        'mean_norm_before': float(norms[first].mean()),
        'mean_norm_after': float(norms[last].mean()),
    }


def _distribution(record: SynapseRecord, groups: Outcomes, out: pathlib.Path) -> dict[str, Any]:
    before = record.weights[_first_moments(record)].ravel()
    after = record.weights[_last_moments(record)].ravel()
    reach = float(max(np.abs(before).max(), np.abs(after).max())) or 1.0
    edges = np.linspace(-reach, reach, _BINS + 1)
    densities = {
        'before the trial': np.histogram(before, edges, density=True)[0],
        'after the trial': np.histogram(after, edges, density=True)[0],
    }
    columns = {name.replace(' ', '_'): density for name, density in densities.items()}
    _write_csv(out / 'distribution.csv', {'from': edges[:-1], 'to': edges[1:]} | columns)
    draw_distribution(out / 'distribution.png', edges, densities)
    return {
        name: {'mean': float(w.mean()), 'deviation': float(w.std()), 'largest': float(abs(w).max())}
        for name, w in (('before', before), ('after', after))
    }


_PARTS = {
    'trajectories': _trajectories,
    'variation': _variation,
    'energy': _energy,
    'weights': _weights,
    'distribution': _distribution,
}


def _moments(record: SynapseRecord, groups: Outcomes) -> dict[str, np.ndarray]:
    """The columns that every row about a kept moment starts with."""
    trial = record.weight_trial
    group = np.where(groups.good[trial], *groups.labels)
    return {
        'trial': trial,
        'step': record.weight_step,
        'since_outcome': record.weight_step - groups.onset[trial],
        'group': np.where(groups.known[trial], group, ''),
    }


def _first_moments(record: SynapseRecord) -> np.ndarray:
    return np.flatnonzero(record.weight_step == 0)


def _last_moments(record: SynapseRecord) -> np.ndarray:
    return np.append(np.flatnonzero(np.diff(record.weight_trial)), len(record.weight_trial) - 1)


def _weights_by_group(record: SynapseRecord, groups: Outcomes) -> dict[str, np.ndarray]:
    """W_0, and the mean over the weights of each group that have seen the outcome."""
    means = {'before the trial': record.weights[_first_moments(record)].mean(axis=0)}
    seen = record.weight_step > groups.onset[record.weight_trial]
    for label, member in zip(groups.labels, (groups.good, ~groups.good), strict=True):
        mine = (groups.known & member)[record.weight_trial] & seen
        if mine.any():
            means[label] = record.weights[mine].mean(axis=0)
    if set(groups.labels) <= set(means):
        means['the first less the second'] = means[groups.labels[0]] - means[groups.labels[1]]
    return means


def _changes(record: SynapseRecord, matrices: np.ndarray) -> dict[str, float]:
    """Mean over steps of a kind of sum_ij |change of p_i' W p_j|, where no step was left out."""
    follows = (np.diff(record.weight_trial) == 0) & (np.diff(record.weight_step) == 1)
    change = np.abs(np.diff(matrices, axis=0)).sum(axis=(1, 2))[follows]
    at = record.weight_trial[:-1][follows], record.weight_step[:-1][follows]
    return {
        kind: float(change[steps[at]].mean())
        for kind, steps in step_kinds(record).items()
        if steps[at].any()
    }


def _write_landscapes(
    path: pathlib.Path, landscapes: Mapping[str, np.ndarray], xs: np.ndarray, ys: np.ndarray
) -> None:
    x, y = np.meshgrid(xs, ys)
    named = {f'energy, W {name}': values.ravel() for name, values in landscapes.items()}
    _write_csv(path, {'v_component_1': x.ravel(), 'v_component_2': y.ravel()} | named)


def _write_csv(path: pathlib.Path, columns: Mapping[str, np.ndarray]) -> None:
    with open(path, 'w', encoding='utf-8', newline='') as file:
        writer = csv.writer(file, lineterminator='\n')
        writer.writerow(columns)
        for row in zip(*columns.values(), strict=True):
            writer.writerow(
                f'{value:.6g}' if isinstance(value, np.floating) else value for value in row
            )


def _lines(summary: Mapping[str, Any], depth: int = 0) -> list[str]:
    lines = []
    for name, value in summary.items():
        head = f'{"  " * depth}{str(name).replace("_", " ")}'
        if isinstance(value, dict):
            lines += [head, *_lines(value, depth + 1)]
        else:
            values = value if isinstance(value, list) else [value]
            shown = [f'{v:.4g}' if isinstance(v, float) else str(v) for v in values]
            lines.append(f'{head:<44} {", ".join(shown)}')
    return lines
