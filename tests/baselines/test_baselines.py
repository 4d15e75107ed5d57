"""Every baseline: one smoke run on ML1 reach, end to end."""

import csv
import json
import os
import re
import shutil
import subprocess
import sys

from metods_garage.evaluate import evaluate
from metods_garage.experiment import launch as launch_options
from metods_garage.experiment.interruption import Interrupted
from metods_garage.experiment.trainer import ProtocolSteps
from metods_garage.report import make_report, read_run
from tests.baselines.conftest import METHODS, PROTOCOL, PROTOCOL_WORDS, ROOT

import click.testing
import pytest

TRAINED = [method for method in METHODS if method != 'random_policy']
BUNDLED = ['maml', 'pearl', 'rl2']


@pytest.mark.parametrize('method', METHODS)
def test_evaluation_visits_every_chosen_goal_with_the_whole_trial(finished, method):
    run = read_run(finished(method))

    for evaluation in run.evaluations:
        goals = PROTOCOL.goals_per_task(evaluation.kind)
        places = {(row.split, row.task, row.goal) for row in evaluation.rows}
        assert len(places) == 2 * goals
        assert {split for split, _, _ in places} == {'train', 'test'}
        for place in places:
            trial = [row for row in evaluation.rows if (row.split, row.task, row.goal) == place]
            assert [(row.episode, row.phase) for row in trial] == [(0, 'exploration'), (1, 'test')]
            assert {row.length for row in trial} == {PROTOCOL.horizon}
            assert all(row.success in (0.0, 1.0) for row in trial)
    assert run.finished


@pytest.mark.parametrize('method', TRAINED)
def test_evaluation_keeps_to_the_cadence_and_training_to_the_budget(finished, method):
    run = read_run(finished(method))

    steps = [one.training_steps for one in run.evaluations if one.kind == 'interim']
    assert steps[0] == 0
    assert [n // PROTOCOL.evaluation_every for n in steps] == list(range(len(steps)))
    assert run.training_steps >= PROTOCOL.total_training_steps
    assert run.overshoot == run.training_steps - PROTOCOL.total_training_steps
    assert run.final.training_steps == run.training_steps


def test_random_actions_are_evaluated_without_a_training_step(finished):
    run = read_run(finished('random_policy'))

    assert [(one.kind, one.training_steps) for one in run.evaluations] == [('final', 0)]
    assert run.training_steps == 0


def test_random_actions_are_the_same_when_they_are_evaluated_again(finished, tmp_path):
    folder = shutil.copytree(finished('random_policy'), tmp_path / 'run')

    result = click.testing.CliRunner().invoke(evaluate, [str(folder)])

    assert result.exit_code == 0, result.output + repr(result.exception)
    again = (folder / 're-evaluation-both-final.csv').read_bytes()
    assert again == (folder / 'evaluation.csv').read_bytes()


@pytest.mark.parametrize('method', METHODS)
def test_the_ledger_has_every_step_that_an_environment_took(finished, steps_taken, method):
    run = read_run(finished(method))

    ledger = json.loads((run.folder / 'ledger.json').read_text())
    evaluated = sum(row.length for one in run.evaluations for row in one.rows)
    assert ledger['evaluation_steps'] == evaluated
    assert steps_taken[method] == ledger['training_steps'] + ledger['evaluation_steps']


@pytest.mark.parametrize('method', TRAINED)
def test_an_interrupted_run_resumes_and_ends_like_an_uninterrupted_one(
    smoke, finished, tmp_path, monkeypatch, method
):
    # MAML and PEARL: two processes share the evaluation, where one did it in the other run.
    monkeypatch.setattr(launch_options, '_usable_cores', lambda: 2)
    end, ended = ProtocolSteps._end_iteration, []

    def interrupt_the_second(self, *args):
        ended.append(1)
        if len(ended) == 2:
            raise Interrupted(15)
        end(self, *args)

    with monkeypatch.context() as patch:
        patch.setattr(ProtocolSteps, '_end_iteration', interrupt_the_second)
        interrupted = smoke(method, tmp_path / 'run')
    assert interrupted.exit_code == 128 + 15, interrupted.output
    assert not read_run(tmp_path / 'run').finished

    resumed = smoke(method, tmp_path / 'run', '--resume')

    assert resumed.exit_code == 0, resumed.output + repr(resumed.exception)
    run, whole = read_run(tmp_path / 'run'), read_run(finished(method))
    # For PEARL this says that there was no second warm-up.
    assert run.training_steps == whole.training_steps
    places = [[(one.kind, one.training_steps) for one in each.evaluations] for each in (run, whole)]
    assert places[0] == places[1]
    if method != 'rl2':  # TensorFlow's threads add up in an order of their own
        for name in ('evaluation.csv', 'progress.csv'):
            assert _without_times(run.folder / name) == _without_times(whole.folder / name)


def _without_times(path):
    with open(path, newline='') as file:
        rows = list(csv.reader(file))
    kept = [n for n, name in enumerate(rows[0]) if not re.search('(?i)second|time', name)]
    return [[row[n] for n in kept] for row in rows]


def test_one_report_holds_all_of_them(finished, tmp_path):
    folders = [finished(method) for method in METHODS]

    report = make_report(folders, tmp_path)

    for method in ('maml', 'pearl', 'random_policy', 'rl2', 'rl2_torch_ppo', 'elman_ppo'):
        assert f'\n{method} ' in report.table
    assert [path.suffix for path in report.paths] == ['.txt', '.csv', '.png', '.png', '.png']


@pytest.mark.parametrize(('method', 'smallest'), [('maml', 80), ('pearl', 80), ('rl2', 40)])
def test_a_budget_below_one_iteration_is_refused_with_the_smallest_one(
    smoke, tmp_path, method, smallest
):
    result = smoke(method, tmp_path / 'run', '--total-steps', smallest - 1)

    assert result.exit_code == 2
    assert f'--total-steps {smallest}' in result.output
    assert not (tmp_path / 'run').exists()


def test_a_budget_below_one_meta_batch_of_rl2_torch_is_refused(smoke, tmp_path):
    result = smoke('rl2_torch', tmp_path / 'run', '--total-steps', 79)

    assert result.exit_code == 2
    assert 'smaller than one iteration of 80' in result.output
    assert not (tmp_path / 'run').exists()


def test_the_smallest_budget_is_enough(smoke, tmp_path):
    result = smoke('maml', tmp_path / 'run', '--total-steps', 80)

    assert result.exit_code == 0, result.output
    assert read_run(tmp_path / 'run').training_steps == 80


@pytest.mark.parametrize('method', ['elman', 'maml', 'random_policy', 'rl2', 'rl2_torch'])
def test_discrete_actions_are_possible(launch, tmp_path, method):
    result = launch(
        method, '--benchmark', 'bandit-2', *PROTOCOL_WORDS, '--run-dir', tmp_path / 'run'
    )

    assert result.exit_code == 0, result.output + repr(result.exception)
    assert {row.success for row in read_run(tmp_path / 'run').final.rows} == {None}


def test_discrete_actions_are_refused_with_the_reason(launch, tmp_path):
    result = launch('pearl', '--benchmark', 'bandit-2', '--run-dir', tmp_path / 'run')

    assert result.exit_code == 2
    assert 'bandit-2 has discrete actions, which pearl can not take' in result.output


@pytest.mark.parametrize('method', BUNDLED)
def test_samplers_that_drop_steps_are_refused(smoke, tmp_path, method):
    result = smoke(method, tmp_path / 'run', '--sampler', 'ray')

    assert result.exit_code == 2
    assert 'no step goes uncounted' in result.output


@pytest.mark.parametrize('method', ['maml', 'random_policy', 'rl2'])
def test_a_device_that_would_be_left_idle_is_refused(smoke, tmp_path, monkeypatch, method):
    monkeypatch.setattr('metods_garage.experiment.launch.find_device', lambda name: name)
    result = smoke(method, tmp_path / 'run', '--device', 'cuda')

    assert result.exit_code == 2
    assert f'--device cuda is not possible for {method}' in result.output


def test_rl2_without_tensorflow_says_in_one_line_what_to_install():
    program = (
        'import runpy, sys\n'
        'sys.modules["tensorflow"] = None\n'
        f'sys.path.insert(0, {str(ROOT / "baselines")!r})\n'
        f'runpy.run_path({str(ROOT / "baselines" / "rl2.py")!r}, run_name="__main__")\n'
    )

    done = subprocess.run(
        [sys.executable, '-W', 'ignore', '-c', program],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=os.environ,
    )

    assert done.returncode == 1
    line = done.stderr.strip().splitlines()[-1]
    assert line.startswith('rl2 of garage needs TensorFlow')
    assert line.endswith('pip install "metods_garage[rl2]"')
    assert 'Traceback' not in done.stderr
