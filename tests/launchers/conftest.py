"""Launchers run as a user runs them: a process of their own, in a folder of the user's."""

import os
import pathlib
import subprocess
import sys

import pytest

REPOSITORY = pathlib.Path(__file__).parents[2]


@pytest.fixture(scope='session')
def launch():
    """Starts a launcher and returns its process, whose output is text."""

    def start(script, *options, cwd):
        environment = os.environ | {
            'OMP_NUM_THREADS': '1',
            'PYTHONPATH': str(REPOSITORY),
            'PYTHONWARNINGS': 'ignore',
        }
        return subprocess.Popen(
            [sys.executable, str(REPOSITORY / script), *options],
            cwd=cwd,
            env=environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    return start


@pytest.fixture(scope='session')
def run_launcher(launch):
    """Runs a launcher to its end and returns exit status, stdout and stderr."""

    def run(script, *options, cwd):
        process = launch(script, *options, cwd=cwd)
        out, error = process.communicate(timeout=500)
        return process.returncode, out, error

    return run
