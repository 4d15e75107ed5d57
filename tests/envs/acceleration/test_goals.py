"""Goals that are drawn without physics are Meta-World's own, to the last byte."""

from metods_garage.envs.acceleration import draw_goals

import metaworld
import numpy as np
import pytest


def assert_same_tasks(found, expected):
    assert type(found) is type(expected)
    for split in ('train', 'test'):
        tasks = getattr(expected, f'{split}_tasks')
        assert getattr(found, f'{split}_tasks') == tasks
        assert getattr(found, f'{split}_classes') == getattr(expected, f'{split}_classes')
        assert len(tasks) >= 50


@pytest.mark.parametrize('name', ['push-v3', 'basketball-v3'])
def test_ml1(name):
    expected = metaworld.ML1(name, seed=7)
    assert_same_tasks(draw_goals(metaworld.ML1, name, seed=7), expected)
    other = draw_goals(metaworld.ML1, name, seed=8)
    assert other.train_tasks != expected.train_tasks


def test_numpys_global_generator_is_left_as_it_was():
    before = np.random.get_state()[1].copy()  # noqa: NPY002 - Meta-World draws from it
    draw_goals(metaworld.ML1, 'reach-v3', seed=1)
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002


@pytest.mark.exhaustive
@pytest.mark.parametrize('benchmark', [metaworld.ML10, metaworld.ML45])
def test_benchmarks_of_several_classes(benchmark):
    assert_same_tasks(draw_goals(benchmark, seed=0), benchmark(seed=0))


@pytest.mark.exhaustive
@pytest.mark.parametrize('name', metaworld.ML1.ENV_NAMES)
def test_every_ml1(name):
    assert_same_tasks(draw_goals(metaworld.ML1, name, seed=0), metaworld.ML1(name, seed=0))
