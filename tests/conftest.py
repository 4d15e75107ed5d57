"""Fixtures that several rooms' tests share."""

import os

os.environ.setdefault('OMP_NUM_THREADS', '1')
os.environ.setdefault('TF_CPP_MIN_LOG_LEVEL', '3')

from metods_garage.envs import make_benchmark

import pytest
import torch

torch.set_num_threads(1)


@pytest.fixture(scope='session')
def ml10():
    """Meta-World's ML10, the object that `make_benchmark` keeps: drawing goals takes seconds."""
    return make_benchmark('ml10').goals


@pytest.fixture(scope='session')
def ml1_reach():
    """Meta-World's ML1 on reach."""
    return make_benchmark('ml1-reach-v3').goals


@pytest.fixture
def own_tf_graph():
    """A TensorFlow graph of the test's own: what is built in the global one, later tests find."""
    tf = pytest.importorskip('tensorflow')
    with tf.Graph().as_default():
        yield
