"""`python -m metods_garage.evaluate` on a run that a launcher has just trained."""

import csv
import json
import os
import pathlib
import shutil
import subprocess
import sys

from metods_garage.evaluate import choose_renderer, evaluate

import click
import pytest
from click.testing import CliRunner

REPOSITORY = pathlib.Path(__file__).parents[1]
OPTIONS = ('--task', 'reach-v3', '--protocol', 'smoke', '--total-steps', '80', '--workers', '1',
           '--neurons', '6', '--meta-batch', '2', '--run-dir', 'run')  # fmt: skip

pytestmark = pytest.mark.filterwarnings('ignore::UserWarning')


@pytest.fixture(scope='module')
def trained(tmp_path_factory):
    cwd = tmp_path_factory.mktemp('user')
    environment = os.environ | {'PYTHONPATH': str(REPOSITORY), 'PYTHONWARNINGS': 'ignore'}
    script = REPOSITORY / 'launchers' / 'ml1_metods.py'
    subprocess.run([sys.executable, str(script), *OPTIONS], cwd=cwd, env=environment, check=True)
    return cwd / 'run'


@pytest.fixture
def run(trained, tmp_path):
    return shutil.copytree(trained, tmp_path / 'run')


def _rows(path):
    with open(path, newline='') as file:
        return list(csv.DictReader(file))


def _evaluate(*words):
    return CliRunner().invoke(evaluate, [str(word) for word in words])


def test_the_same_goals_give_the_same_rows_again(run):
    result = _evaluate(run)
    assert result.exit_code == 0, result.output
    again = _rows(run / 're-evaluation-both-final.csv')
    first = [row for row in _rows(run / 'evaluation.csv') if row['kind'] == 'final']
    assert again == first
    assert 'reach-v3' in result.output
    assert 're-evaluation-both-final.csv' in result.output


def test_goals_and_split_are_chosen(run):
    before = (run / 'evaluation.csv').read_bytes()
    result = _evaluate(run, '--goals', 4, '--split', 'test')
    assert result.exit_code == 0, result.output
    rows = _rows(run / 're-evaluation-test-4.csv')
    assert {row['split'] for row in rows} == {'test'}
    assert len({row['goal'] for row in rows}) == 4
    assert len(rows) == 4 * 2
    assert (run / 'evaluation.csv').read_bytes() == before


def test_a_damaged_snapshot_is_refused_by_name(run):
    raw = (run / 'snapshot.bin').read_bytes()
    (run / 'snapshot.bin').write_bytes(raw[:-100])
    result = _evaluate(run)
    assert result.exit_code == 2
    assert 'snapshot.bin is refused: it is cut short' in result.output


def test_a_run_of_a_device_that_is_not_here_is_one_line(run):
    config = json.loads((run / 'config.json').read_text())
    config['execution']['device'] = 'cuda:99'
    (run / 'config.json').write_text(json.dumps(config))
    result = _evaluate(run)
    assert result.exit_code == 1
    assert 'was trained on cuda:99, which this machine does not have' in result.output


def test_a_damaged_config_is_refused_by_name(run):
    (run / 'config.json').write_text('[7]')
    result = _evaluate(run)
    assert result.exit_code == 1
    assert 'config.json can not be read' in result.output


def test_a_folder_without_a_run_is_an_error(tmp_path):
    result = _evaluate(tmp_path)
    assert result.exit_code == 2
    assert 'evaluator.bin is refused' in result.output


def test_a_machine_that_can_not_draw_says_what_is_missing(monkeypatch):
    monkeypatch.delenv('MUJOCO_GL', raising=False)
    monkeypatch.delenv('DISPLAY', raising=False)
    monkeypatch.setattr('sys.platform', 'linux')
    monkeypatch.setattr('ctypes.util.find_library', lambda name: None)
    with pytest.raises(click.ClickException, match='libegl1 or libosmesa6'):
        choose_renderer()


def test_a_film_is_made_or_what_is_missing_is_said(run):
    """In a process of its own, as MuJoCo decides how to draw when it is imported."""
    environment = os.environ | {'PYTHONPATH': str(REPOSITORY), 'PYTHONWARNINGS': 'ignore'}
    done = subprocess.run(
        [sys.executable, '-m', 'metods_garage.evaluate', str(run), '--goals', '1', '--render',
         '--split', 'test'],
        env=environment, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    films = [path for path in run.iterdir() if path.suffix in ('.mp4', '.gif')]
    assert 'Traceback' not in done.stderr, done.stderr
    if done.returncode == 0:
        assert len(films) == 1
        assert films[0].stat().st_size > 1000
    else:
        assert 'MUJOCO_GL' in done.stderr or 'can not draw' in done.stderr
