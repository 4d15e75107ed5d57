"""Baselines run in this process, each TensorFlow run in a graph of its own."""

import contextlib
import pathlib
import sys

import metods_garage  # noqa: F401 - before garage

import click.testing
import pytest

ROOT = pathlib.Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / 'baselines'))

METHODS = ('maml', 'pearl', 'random_policy', 'rl2', 'rl2_torch')


@pytest.fixture(scope='session')
def launch():
    """A function that runs a baseline's command line and returns click's result."""

    def run(method, *words):
        command = getattr(__import__(method), method)
        workers = ('--workers', '1') if method == 'rl2_torch' else ()
        with _own_graph(method):
            return click.testing.CliRunner().invoke(command, [*map(str, words), *workers])

    return run


@pytest.fixture(scope='session')
def smoke(launch):
    """The same for the smoke protocol on ML1 reach, in a given folder."""

    def run(method, folder, *words):
        fixed = ('--benchmark', 'ml1-reach-v3', '--protocol', 'smoke', '--run-dir', folder)
        return launch(method, *fixed, *words)

    return run


@pytest.fixture(scope='session')
def finished(smoke, tmp_path_factory):
    """A function that gives the folder of a method's smoke run, which is made once."""
    folders = {}

    def folder_of(method):
        if method not in folders:
            folder = tmp_path_factory.mktemp('runs') / method
            result = smoke(method, folder)
            assert result.exit_code == 0, result.output + repr(result.exception)
            folders[method] = folder
        return folders[method]

    return folder_of


@contextlib.contextmanager
def _own_graph(method):
    if method != 'rl2':
        yield
        return
    import tensorflow as tf

    with tf.Graph().as_default():
        yield
