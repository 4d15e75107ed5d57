"""Meta-World's benchmarks, accelerated and as they are installed."""

from metods_garage.envs import accelerate, make_benchmark

import metaworld
import numpy as np
import pytest
from metaworld.env_dict import ALL_V3_ENVIRONMENTS

NAME = 'ml1-reach-v3'


@pytest.fixture(params=['train', 'test'])
def split(request):
    return request.param


def env_types(benchmark, split):
    return {name: {u._env_type for u in us} for name, us in benchmark.updates(split).items()}


def test_environments_are_accelerated_unless_they_shall_not_be(split):
    accelerated = make_benchmark(NAME)
    installed = make_benchmark(NAME, accelerated=False)
    upstream = ALL_V3_ENVIRONMENTS['reach-v3']
    assert env_types(accelerated, split) == {'reach-v3': {accelerate(upstream)}}
    assert env_types(installed, split) == {'reach-v3': {upstream}}
    assert make_benchmark(NAME, accelerated=True) is accelerated
    assert make_benchmark(NAME, accelerated=False) is installed is not accelerated


def test_goals_are_the_same_objects_of_metaworld():
    accelerated = make_benchmark(NAME).goals
    installed = make_benchmark(NAME, accelerated=False).goals
    assert type(accelerated) is type(installed) is metaworld.ML1
    assert accelerated.train_tasks == installed.train_tasks
    assert accelerated.test_tasks == installed.test_tasks
    assert accelerated.train_classes == installed.train_classes


def test_episodes_are_the_same(split):
    envs = [
        make_benchmark(NAME, accelerated=accelerated).evaluation_tasks(split)[7].env_update()
        for accelerated in (True, False)
    ]
    rng = np.random.default_rng(0)
    for _ in range(2):
        first, second = (env.reset()[0] for env in envs)
        np.testing.assert_array_equal(first, second)
        for _ in range(20):
            action = rng.uniform(-1, 1, 4).astype(np.float32)
            ours, theirs = (env.step(action) for env in envs)
            np.testing.assert_array_equal(ours.observation, theirs.observation)
            assert (ours.reward, ours.env_info) == (theirs.reward, theirs.env_info)
    for env in envs:
        env.close()


def test_there_is_nothing_to_accelerate_in_other_benchmarks():
    assert make_benchmark('bandit-2', accelerated=False) is make_benchmark('bandit-2')
