import csv
import json

from metods_garage.report.synapses import report_synapses

import numpy as np
import pytest

REWARDS = [[0.2, 1.0, 0, 0], [0.2, -1.0, 0, 0]] * 3  # the second step is the first choice


@pytest.fixture(scope='module')
def record(make_record):
    """Weights along a path of rank two, activities that have three variances, known changes."""
    record = make_record('harlow', rewards=REWARDS, lengths=[4, 3, 4, 4, 4, 4])
    rng = np.random.default_rng(5)
    plane = np.linalg.qr(rng.normal(size=(9, 2)))[0].T.reshape(2, 3, 3)
    record.weights[:] = np.einsum('kn,nij->kij', rng.normal(size=(len(record.weights), 2)), plane)
    turn = np.array([[0.6, 0.8, 0], [-0.8, 0.6, 0], [0, 0, 1.0]])
    record.activity[:] = rng.normal(size=record.activity.shape) * [9, 3, 1] @ turn
    record.variation[:] = 1
    record.variation[:4, 2] = 5  # the step that sees the first choice's reward
    record.variation[4, 1] = 5  # the mark's
    record.variation[5, 0] = 5
    record.variation[1, 3] = 99  # after the end of a trial
    return record


@pytest.fixture(scope='module')
def out(tmp_path_factory):
    return tmp_path_factory.mktemp('report') / 'new'


@pytest.fixture(scope='module')
def report(record, out):
    return report_synapses(record, out)


def columns(path):
    with open(path, newline='') as file:
        rows = list(csv.DictReader(file))
    return {name: [row[name] for row in rows] for name in rows[0]}


def numbers(path, *names):
    found = columns(path)
    return [np.array(found[name], dtype=float) for name in names]


def test_every_picture_has_its_numbers_beside_it(report, out):
    names = {path.name for path in report.paths}
    for part in ('trajectories', 'variation', 'energy', 'weights', 'distribution'):
        assert {f'{part}.png', f'{part}.csv'} <= names
    assert {path.name for path in out.iterdir()} == names
    for path in report.paths:
        if path.suffix == '.png':
            assert path.read_bytes().startswith(b'\x89PNG')
    assert json.loads((out / 'summary.json').read_text())['trials'] == 6
    assert 'first choice rewarded' in report.text


def test_a_trajectory_of_rank_two_keeps_its_distances_in_the_plane(record, report, out):
    found = np.stack(numbers(out / 'trajectories.csv', 'component_1', 'component_2'), axis=1)
    between = np.linalg.norm(np.diff(record.weights, axis=0), axis=(1, 2))
    np.testing.assert_allclose(np.linalg.norm(np.diff(found, axis=0), axis=1), between, rtol=1e-3)
    assert sum(report.summary['trajectories']['explained_variance']) == pytest.approx(1)
    step, since = numbers(out / 'trajectories.csv', 'step', 'since_outcome')
    assert (step - since == 2).all()


def test_the_trials_whose_largest_change_sees_a_reward_are_counted(record, report, out):
    found = report.summary['variation']
    assert found['after a choice']['has_the_largest_of_its_trial'] == pytest.approx(4 / 6)
    assert found['after another reward']['has_the_largest_of_its_trial'] == pytest.approx(1 / 6)
    assert found['first step']['has_the_largest_of_its_trial'] == pytest.approx(1 / 6)
    assert found['no reward']['has_the_largest_of_its_trial'] == 0
    later = {kind: one['has_the_largest_after_the_first_step'] for kind, one in found.items()}
    assert later['after a choice'] == pytest.approx(4 / 6)
    assert later['after another reward'] == pytest.approx(2 / 6)  # of equals the earliest
    assert found['after a choice']['mean_sum_abs_change'] == pytest.approx((4 * 5 + 2) / 6)
    assert found['after a choice']['steps'] == 6
    change, seen = numbers(out / 'variation.csv', 'sum_abs_change', 'reward_seen')
    assert change.tolist() == record.variation[record.valid].tolist()
    kinds = np.array(columns(out / 'variation.csv')['kind'])
    assert (np.abs(seen[kinds == 'after a choice']) == 1).all()
    assert (seen[kinds == 'no reward'] == 0).all()


def test_the_energies_are_those_of_the_principal_directions_of_v(record, report, out):
    active = record.activity[record.weight_step > 0].astype(float)
    _, directions = np.linalg.eigh(np.cov(active.T))  # by another way, in rising order
    p1, p2 = (p * np.sign(p[np.abs(p).argmax()]) for p in (directions[:, 2], directions[:, 1]))
    (found,) = numbers(out / 'energy.csv', 'p1_W_p2')
    np.testing.assert_allclose(found, record.weights @ p2 @ p1, rtol=1e-3, atol=1e-4)
    x, y, before = numbers(
        out / 'landscape.csv', 'v_component_1', 'v_component_2', 'energy, W before the trial'
    )
    v = active.mean(axis=0) + x[:, None] * p1 + y[:, None] * p2
    W = record.weights[record.weight_step == 0].mean(axis=0)
    np.testing.assert_allclose(before, (v * (v @ W.T)).sum(axis=1), rtol=1e-2, atol=1e-2)


def test_a_landscape_of_a_group_is_of_the_weights_that_have_seen_the_outcome(record, report, out):
    x, y, rewarded, less = numbers(
        out / 'landscape.csv', 'v_component_1', 'v_component_2',
        'energy, W first choice rewarded', 'energy, W the first less the second',
    )  # fmt: skip
    (other,) = numbers(out / 'landscape.csv', 'energy, W first choice not rewarded')
    np.testing.assert_allclose(rewarded - other, less, rtol=1e-3, atol=1e-2)
    W = record.weights[(record.weight_trial % 2 == 0) & (record.weight_step > 2)].mean(axis=0)
    centre = record.activity[record.weight_step > 0].mean(axis=0)
    at = np.flatnonzero((np.abs(x) < 1e-6) & (np.abs(y) < 1e-6))
    np.testing.assert_allclose(rewarded[at], centre @ W @ centre, rtol=1e-3, atol=1e-3)


def test_the_weights_of_the_pictures_are_those_of_the_record(record, report, out):
    found = columns(out / 'weights.csv')
    after = np.array(found['after trial 0: first choice rewarded'], dtype=float).reshape(3, 3)
    change = np.array(found['change in trial 1'], dtype=float).reshape(3, 3)
    mine = [np.flatnonzero(record.weight_trial == trial) for trial in (0, 1)]
    np.testing.assert_allclose(after, record.weights[mine[0][-1]], rtol=1e-4, atol=1e-6)
    whole = record.weights[mine[1][-1]] - record.weights[mine[1][0]]
    np.testing.assert_allclose(change, whole, rtol=1e-4, atol=1e-5)


def test_the_distributions_integrate_to_one(report, out):
    left, right, before, after = numbers(
        out / 'distribution.csv', 'from', 'to', 'before_the_trial', 'after_the_trial'
    )
    for density in (before, after):
        assert (density * (right - left)).sum() == pytest.approx(1, rel=1e-3)


@pytest.mark.parametrize('benchmark', ['harlow', 'ml1-reach-v3'])
def test_weights_that_never_change_in_trials_of_one_group_are_drawn_too(
    make_record, tmp_path, benchmark
):
    record = make_record(benchmark, rewards=[[0.5, 0.5]] * 2, lengths=[2, 2])
    for numbers_of in (record.weights, record.variation, record.activity):
        numbers_of[:] = 0
    report = report_synapses(record, tmp_path)
    assert report.summary['trajectories']['explained_variance'] == [0, 0]
