"""The built wheel, in an empty environment without TensorFlow, away from the checkout."""

import csv
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
WITHOUT_GARAGE = 'pip install --no-deps garage==2021.3.0'


def run(*command: str | Path, cwd: Path, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder of its own, nothing of the checkout on its path."""
    environment = {k: v for k, v in os.environ.items() if k not in ('PYTHONPATH', 'VIRTUAL_ENV')}
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=environment, capture_output=True, text=True
    )
    if check:
        assert done.returncode == 0, f'{command}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}'
    return done


@pytest.fixture(scope='module')
def empty_environment(tmp_path_factory):
    """A fresh virtual environment that holds the wheel and what it requires, not yet garage."""
    home = tmp_path_factory.mktemp('wheel')
    run(sys.executable, '-m', 'build', '--wheel', '--outdir', home / 'dist', ROOT, cwd=home)
    venv.create(home / 'venv', with_pip=True)
    pip = [home / 'venv/bin/pip', 'install', '-q', '-c', ROOT / 'constraints.txt']
    run(*pip, 'torch==2.13.0', cwd=home)
    run(*pip, next((home / 'dist').glob('*.whl')), cwd=home)
    return home


@pytest.mark.timeout(900)
def test_the_wheel_imports_and_trains_away_from_the_checkout(empty_environment):
    home = empty_environment
    python = home / 'venv/bin/python'

    refused = run(python, '-c', 'import metods_garage', cwd=home, check=False)
    assert refused.returncode == 1
    assert WITHOUT_GARAGE in refused.stderr

    run(home / 'venv/bin/pip', 'install', '-q', '--no-deps', 'garage==2021.3.0', cwd=home)
    named = run(
        python,
        '-c',
        'import metods_garage, garage, importlib.util\n'
        'assert importlib.util.find_spec("tensorflow") is None\n'
        'print(metods_garage.__file__)\n'
        'from garage.tf.algos import RL2PPO',
        cwd=home,
        check=False,
    )
    assert str(home / 'venv') in named.stdout
    assert 'metods_garage[rl2]' in named.stderr

    shutil.copytree(ROOT / 'launchers', home / 'launchers')
    run(python, 'launchers/ml1_metods.py', '--task', 'reach-v3', '--protocol', 'smoke', cwd=home)
    run_folder = home / 'runs/ml1-reach-v3/metods_ppo/seed_1'
    with (run_folder / 'evaluation.csv').open() as file:
        rows = list(csv.DictReader(file))
    assert {row['kind'] for row in rows} == {'interim', 'final'}


def test_the_derivation_is_beside_the_kernel(empty_environment):
    kernel = next(empty_environment.glob('venv/lib/*/site-packages')) / (
        'metods_garage/plasticity/kernel'
    )
    assert {'backward.py', 'derivation.md'} <= {path.name for path in kernel.iterdir()}
