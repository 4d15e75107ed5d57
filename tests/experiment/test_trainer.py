"""Budgets, cadences, snapshots and resuming, on MetODS learning a bandit."""

import csv
import dataclasses
import json
import random
import shutil

from metods_garage.experiment import ProtocolTrainer, RecurrentEvaluator, RunFolder

import click
import pytest
from garage.trainer import NotSetupError

pytestmark = pytest.mark.filterwarnings('ignore::UserWarning')

ITERATION = 2 * 2 * 20  # trials x episodes x steps
TIME_COLUMNS = {'IterationSeconds', 'StepsPerSecond'}


class Killed(BaseException):
    """What a run does not live to see."""


def _rows(path):
    with open(path, newline='') as file:
        return list(csv.DictReader(file))


def _timeless(folder):
    return [
        {key: value for key, value in row.items() if key not in TIME_COLUMNS}
        for row in _rows(folder / 'progress.csv')
    ]


def _kill_at(calls):
    """Ends the run at its n-th call to the sampler, as a kill does: nothing is tidied up."""

    def change(trainer):
        inner = trainer._algo._sampler._sampler
        obtain, left = inner.obtain_exact_episodes, [calls]

        def obtain_or_die(*args, **kwargs):
            left[0] -= 1
            if left[0] < 0:
                raise Killed
            return obtain(*args, **kwargs)

        trainer._algo._sampler._sampler = _Dying(inner, obtain_or_die)

    return change


class _Dying:
    """A sampler whose next batch kills; a snapshot of it holds the sampler only."""

    def __init__(self, sampler, obtain):
        self._sampler, self.obtain_exact_episodes = sampler, obtain

    def __getattr__(self, name):
        return getattr(self._sampler, name)

    def __reduce__(self):
        return _itself, (self._sampler,)


def _itself(sampler):
    return sampler


@pytest.fixture(scope='session')
def whole_run(tmp_path_factory, train_bandit):
    folder = tmp_path_factory.mktemp('runs') / 'whole'
    train_bandit(folder)
    return folder


@pytest.fixture
def uninterrupted(tmp_path, whole_run):
    """A folder of an uninterrupted run, for a test to do with as it likes."""
    return shutil.copytree(whole_run, tmp_path / 'whole')


def test_training_ends_at_the_first_border_past_the_budget(uninterrupted, protocol):
    ledger = json.loads((uninterrupted / 'ledger.json').read_text())
    assert ledger['training_steps'] == 5 * ITERATION == 400
    assert ledger['overshoot'] == 400 - protocol.total_training_steps
    assert ledger['finished']


def test_evaluations_follow_the_cadence_and_cover_every_goal_equally(uninterrupted, protocol):
    rows = _rows(uninterrupted / 'evaluation.csv')
    evaluations = {(int(row['training_steps']), row['kind']) for row in rows}
    assert evaluations == {(0, 'interim'), (160, 'interim'), (320, 'interim'), (400, 'final')}
    for steps, kind in evaluations:
        found = [r for r in rows if (int(r['training_steps']), r['kind']) == (steps, kind)]
        visits = [(r['split'], r['goal'], r['episode']) for r in found]
        assert len(visits) == len(set(visits))
        goals = protocol.goals_per_task(kind)
        assert len(found) == 2 * goals * protocol.evaluation_episodes
    assert {row['phase'] for row in rows if row['episode'] == '0'} == {'exploration'}
    assert {row['phase'] for row in rows if row['episode'] == '1'} == {'test'}


def test_evaluation_steps_are_counted_apart(uninterrupted):
    ledger = json.loads((uninterrupted / 'ledger.json').read_text())
    rows = _rows(uninterrupted / 'evaluation.csv')
    assert ledger['evaluation_steps'] == sum(int(row['length']) for row in rows)


def test_success_is_empty_where_the_benchmark_has_none(uninterrupted):
    assert {row['success'] for row in _rows(uninterrupted / 'evaluation.csv')} == {''}


def test_evaluating_more_often_does_not_change_the_training(
    tmp_path, uninterrupted, train_bandit, monkeypatch
):
    monkeypatch.setattr(ProtocolTrainer, '_evaluate_if_due', lambda self: None)
    train_bandit(tmp_path / 'unseen')
    assert _timeless(tmp_path / 'unseen') == _timeless(uninterrupted)


def test_the_same_seed_gives_the_same_files(tmp_path, uninterrupted, train_bandit):
    train_bandit(tmp_path / 'again')
    again = tmp_path / 'again'
    assert (again / 'evaluation.csv').read_bytes() == (
        uninterrupted / 'evaluation.csv'
    ).read_bytes()
    assert _timeless(again) == _timeless(uninterrupted)


@pytest.mark.parametrize('kills', [[0], [3], [1, 2]])
def test_a_killed_run_ends_with_the_rows_of_the_uninterrupted_one(
    tmp_path, uninterrupted, train_bandit, kills
):
    folder = tmp_path / 'killed'
    for number, calls in enumerate(kills):
        with pytest.raises(Killed):
            train_bandit(folder, resume=number > 0, change=_kill_at(calls))
        random.random()
    # What was written after the last snapshot is no part of the run.
    for name in ('progress.csv', 'evaluation.csv'):
        with open(folder / name, 'a') as file:
            file.write('half a ro')
    train_bandit(folder, resume=True)
    assert (folder / 'evaluation.csv').read_bytes() == (
        uninterrupted / 'evaluation.csv'
    ).read_bytes()
    assert _timeless(folder) == _timeless(uninterrupted)
    ledgers = [json.loads((one / 'ledger.json').read_text()) for one in (folder, uninterrupted)]
    for ledger in ledgers:
        del ledger['training_seconds']
    assert ledgers[0] == ledgers[1]


def test_a_kill_in_the_final_evaluation_costs_no_training(
    tmp_path, uninterrupted, train_bandit, monkeypatch
):
    folder, evaluate = tmp_path / 'killed', RecurrentEvaluator.evaluate

    def die_at_the_end(self, algo, tasks):
        if len(tasks) == len(self.chosen_tasks('final')):
            raise Killed
        return evaluate(self, algo, tasks)

    monkeypatch.setattr(RecurrentEvaluator, 'evaluate', die_at_the_end)
    with pytest.raises(Killed):
        train_bandit(folder)
    monkeypatch.setattr(RecurrentEvaluator, 'evaluate', evaluate)
    steps = train_bandit(folder, resume=True, change=_kill_at(0)).ledger.training_steps
    assert steps == 5 * ITERATION
    assert (folder / 'evaluation.csv').read_bytes() == (
        uninterrupted / 'evaluation.csv'
    ).read_bytes()


def test_a_finished_run_is_left_as_it_is(uninterrupted, train_bandit, capsys):
    before = {path: path.read_bytes() for path in uninterrupted.glob('*.csv')}
    train_bandit(uninterrupted, resume=True)
    assert 'already finished' in capsys.readouterr().out
    assert {path: path.read_bytes() for path in uninterrupted.glob('*.csv')} == before


def test_a_kill_between_the_last_snapshot_and_its_ledger_is_made_good(uninterrupted, train_bandit):
    ledger = uninterrupted / 'ledger.json'
    whole = ledger.read_bytes()
    ledger.write_bytes(whole.replace(b'"finished": true', b'"finished": false'))
    train_bandit(uninterrupted, resume=True)
    assert ledger.read_bytes() == whole


def test_lost_evaluation_rows_are_an_error_not_a_gap(uninterrupted, train_bandit):
    with open(uninterrupted / 'evaluation.csv', 'r+') as file:
        file.truncate(300)
    with pytest.raises(click.UsageError, match=r'evaluation\.csv.*rows of it were lost'):
        train_bandit(uninterrupted, resume=True)


def test_a_full_disk_stops_the_run_and_leaves_it_resumable(tmp_path, uninterrupted, train_bandit):
    folder = tmp_path / 'full'

    def fill(trainer):
        end_iteration = trainer._end_iteration

        def end_and_fill(*args):
            end_iteration(*args)
            if trainer.ledger.training_steps == 3 * ITERATION:
                (folder / 'snapshot.bin.tmp').symlink_to('/dev/full')

        trainer._end_iteration = end_and_fill

    with pytest.raises(OSError, match='No space left'):
        train_bandit(folder, change=fill)
    train_bandit(folder, resume=True)
    assert (folder / 'evaluation.csv').read_bytes() == (
        uninterrupted / 'evaluation.csv'
    ).read_bytes()
    assert _timeless(folder) == _timeless(uninterrupted)


def test_an_algorithm_without_a_ledger_sampler_is_told_so(tmp_path, train_bandit):
    def bypass(trainer):
        trainer._algo._sampler = trainer._algo._sampler._sampler

    with pytest.raises(RuntimeError, match='LedgerSampler'):
        train_bandit(tmp_path / 'run', change=bypass)


def test_a_method_without_training_is_evaluated_once(tmp_path, train_bandit):
    def stay(trainer):
        trainer._algo = _Untrained(trainer._algo.policy)

    train_bandit(tmp_path / 'run', change=stay)
    rows = _rows(tmp_path / 'run' / 'evaluation.csv')
    assert {(row['training_steps'], row['kind']) for row in rows} == {('0', 'final')}


class _Untrained:
    def __init__(self, policy):
        self.policy = policy

    def train(self, trainer):
        """Take no step."""


def test_training_without_setup_is_refused(tmp_path, configuration, protocol):
    with RunFolder(tmp_path, configuration) as run:
        trainer = ProtocolTrainer(run, evaluator=None)
        with pytest.raises(NotSetupError):
            trainer.train()


def test_the_protocol_of_a_run_can_not_change_under_way(uninterrupted, configuration):
    longer = dataclasses.replace(configuration.protocol, total_training_steps=999)
    other = dataclasses.replace(configuration, protocol=longer)
    with (
        pytest.raises(click.UsageError, match='total_training_steps: 360 there, 999 asked for'),
        RunFolder(uninterrupted, other, resume=True),
    ):
        pass
