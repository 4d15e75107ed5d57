"""What every benchmark of the table has to keep, and gets tested for by being in it."""

import collections
import copy
import pickle

from metods_garage.envs import BENCHMARKS, EpisodeHorizon, MetaRLObservation, make_benchmark
from metods_garage.envs.meta_world import MetaWorldBenchmark

import akro
import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

# Meta-World's ones are one class, and each of them takes seconds to draw goals for.
NAMES = [
    'ml1-reach-v3',
    *(
        name
        for name, make in BENCHMARKS.items()
        if getattr(make, 'func', make) is not MetaWorldBenchmark
    ),
]
SPLITS = ('train', 'test')
STEPS = 20


def wrapper(env, _):
    return MetaRLObservation(EpisodeHorizon(env, min(STEPS, env.spec.max_episode_length)))


@pytest.fixture(params=NAMES, scope='module')
def benchmark(request):
    return make_benchmark(request.param)


def episode(env, seed):
    """Rewards and observations of random actions, all from one seed."""
    env.seed(seed)
    actions = np.random.default_rng(seed)
    seen, rewards = [env.reset()[0]], []
    space = env.action_space
    for _ in range(STEPS):
        if isinstance(space, akro.Discrete):
            action = int(actions.integers(space.n))
        else:
            action = actions.uniform(space.low, space.high).astype(np.float32)
        step = env.step(action)
        seen.append(step.observation)
        rewards.append(step.reward)
        if step.last:
            break
    return np.stack(seen), np.array(rewards)


def test_its_environment_is_one_of_gymnasium(benchmark):
    env = benchmark.example_env()
    raw = env.unwrapped
    assert isinstance(raw, gymnasium.Env)
    if not isinstance(benchmark, MetaWorldBenchmark):  # whose reset() takes no notice of a seed
        check_env(raw, skip_render_check=True)
    env.close()


def test_observations_are_finite_and_of_the_shape_that_the_specification_says(benchmark):
    env = benchmark.example_env(wrapper)
    env.begin_trial()
    observations, rewards = episode(env, 3)
    space = env.spec.observation_space
    assert observations.shape[1:] == space.shape
    assert observations.dtype == space.dtype
    assert np.isfinite(observations).all()
    assert np.isfinite(rewards).all()
    assert benchmark.horizon >= 1
    env.close()


def test_equal_seeds_give_equal_rewards(benchmark):
    update = benchmark.updates('train', wrapper)
    update = next(iter(update.values()))[0]
    envs = [update(), update()]
    for env in envs[:1]:
        episode(env, 99)  # a used environment and a new one
    (seen, rewards), (seen_too, rewards_too) = (episode(env, 5) for env in envs)
    np.testing.assert_array_equal(rewards, rewards_too)
    np.testing.assert_array_equal(seen, seen_too)
    for env in envs:
        env.close()


@pytest.mark.parametrize('copied', [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_environments_and_updates_survive_being_copied(benchmark, copied):
    update = benchmark.evaluation_tasks('train', wrapper)[-1].env_update
    env = update()
    expected = episode(env, 7)
    for other in (copied(update)(), copied(env)):
        for one, two in zip(expected, episode(other, 7), strict=True):
            np.testing.assert_array_equal(one, two)
        other.close()
    env.close()


@pytest.mark.parametrize('split', SPLITS)
def test_the_updates_of_every_split_work_and_keep_an_environment_of_their_task(benchmark, split):
    for name, goals in benchmark.updates(split, wrapper).items():
        env = goals[0]()
        assert goals[-1](env) is env
        env.reset()
        assert env.step(env.action_space.sample()).env_info['task_name'] == name
        env.close()


@pytest.mark.parametrize('split', SPLITS)
def test_evaluation_covers_each_goal_of_each_task_once(benchmark, split):
    tasks = benchmark.evaluation_tasks(split)
    expected = {name: len(goals) for name, goals in benchmark.updates(split).items()}
    visits = collections.Counter((task.task, task.goal) for task in tasks)
    assert set(visits.values()) == {1}
    assert set(visits) == {(name, goal) for name, n in expected.items() for goal in range(n)}
    assert {task.split for task in tasks} == {split}
    assert len({task.seed for task in tasks}) == len(tasks)


def test_a_misspelt_split_is_refused(benchmark):
    for ask in (benchmark.updates, benchmark.evaluation_tasks):
        with pytest.raises(ValueError, match="split='trian'"):
            ask('trian')
