"""Baselines run in this process, each TensorFlow run in a graph of its own."""

import contextlib
import pathlib
import sys

from metods_garage.envs import EpisodeHorizon, make_benchmark
from metods_garage.experiment.launch import find_protocol

import click.testing
import pytest

ROOT = pathlib.Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / 'baselines'))

PROTOCOL = find_protocol('smoke', 240, 120)
PROTOCOL_WORDS = ('--protocol', 'smoke', '--total-steps', 240, '--evaluate-every', 120)
METHODS = ('elman', 'maml', 'pearl', 'random_policy', 'rl2', 'rl2_torch')
TRIALS = ('elman', 'rl2_torch')  # train on whole trials, with settings of the recipe


@pytest.fixture(scope='session')
def launch():
    """A function that runs a baseline's command line and returns click's result."""

    def run(method, *words):
        command = getattr(__import__(method), method)
        own = ('--workers', '1', '--meta-batch', '2') if method in TRIALS else ()
        with _own_graph(method):
            return click.testing.CliRunner().invoke(command, [*own, *map(str, words)])

    return run


@pytest.fixture(scope='session')
def smoke(launch):
    """The same for a short smoke protocol on ML1 reach, in a given folder."""

    def run(method, folder, *words):
        fixed = ('--benchmark', 'ml1-reach-v3', *PROTOCOL_WORDS, '--run-dir', folder)
        return launch(method, *fixed, *words)

    return run


@pytest.fixture(scope='session')
def steps_taken():
    """For each method, the steps that environments took in its run of `finished`."""
    return {}


@pytest.fixture(scope='session')
def finished(smoke, steps_taken, tmp_path_factory):
    """A function that gives the folder of a method's smoke run, which is made once."""
    folders = {}

    def folder_of(method):
        if method not in folders:
            folder = tmp_path_factory.mktemp('runs') / method
            # in one process, where steps are counted
            here = ('--workers', 1) if method in ('maml', 'pearl') else ()
            with _counted_steps(method) as steps:
                result = smoke(method, folder, *here)
            assert result.exit_code == 0, result.output + repr(result.exception)
            folders[method], steps_taken[method] = folder, len(steps)
        return folders[method]

    return folder_of


@contextlib.contextmanager
def _counted_steps(method):
    # TrialWorker steps environments past their wrappers, garage's workers through them.
    inner = type(make_benchmark('ml1-reach-v3').example_env().unwrapped)
    env_type = inner if method in TRIALS else EpisodeHorizon
    steps, step = [], env_type.step

    def counted(env, action):
        steps.append(1)
        return step(env, action)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(env_type, 'step', counted)
        yield steps


@contextlib.contextmanager
def _own_graph(method):
    if method != 'rl2':
        yield
        return
    import tensorflow as tf

    with tf.Graph().as_default():
        yield
