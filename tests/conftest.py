"""Fixtures that several rooms' tests share."""

import os

os.environ.setdefault('OMP_NUM_THREADS', '1')
os.environ.setdefault('TF_CPP_MIN_LOG_LEVEL', '3')

import metods_garage  # noqa: F401 - activates compat before garage, gym or akro is imported

import pytest
import torch

torch.set_num_threads(1)


@pytest.fixture(scope='session')
def ml10():
    """Meta-World's ML10; takes about 13 s to construct, so it is made once per session."""
    import metaworld

    return metaworld.ML10(seed=0)


@pytest.fixture(scope='session')
def ml1_reach():
    """Meta-World's ML1 on reach."""
    import metaworld

    return metaworld.ML1('reach-v3', seed=0)
