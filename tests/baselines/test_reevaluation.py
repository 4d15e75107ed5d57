"""Runs of baselines are evaluated again where the baselines' own modules are not at hand."""

import csv
import subprocess
import sys

from tests.baselines.conftest import ROOT

import pytest


@pytest.mark.parametrize(
    ('method', 'benchmark', 'budget'),
    [('pearl', 'ml1-reach-v3', 80), ('pearl', 'cheetah-dir', 320), ('maml', 'cheetah-dir', 320)],
)
def test_an_evaluation_of_a_baseline_is_repeated(method, benchmark, budget, tmp_path):
    run = tmp_path / 'run'
    words = ['--benchmark', benchmark, '--protocol', 'smoke', '--total-steps', str(budget)]
    words += ['--evaluate-every', '1000', '--run-dir', str(run)]
    train = [sys.executable, ROOT / 'baselines' / f'{method}.py', *words]
    subprocess.run(train, check=True, cwd=tmp_path, timeout=300)

    again = [sys.executable, '-m', 'metods_garage.evaluate', str(run)]
    subprocess.run(again, check=True, cwd=tmp_path, timeout=300)

    assert _rows(run / 're-evaluation-both-final.csv') == [
        row for row in _rows(run / 'evaluation.csv') if row['kind'] == 'final'
    ]


def _rows(path):
    with open(path, newline='') as file:
        return list(csv.DictReader(file))
