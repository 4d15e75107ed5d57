"""The table of benchmarks, and Meta-World's under it."""

from metods_garage.envs import (
    BENCHMARKS,
    EpisodeHorizon,
    MetaRLObservation,
    make_benchmark,
)

import metaworld
import numpy as np
import pytest
from garage.envs import MetaWorldSetTaskEnv
from garage.experiment import TaskSampler
from garage.sampler import LocalSampler
from garage.torch.policies import GaussianMLPPolicy
from metaworld.env_dict import ML10_V3


def wrapper(env, _):
    return MetaRLObservation(EpisodeHorizon(env, 5))


def test_the_table_has_every_task_of_ml1():
    assert {f'ml1-{name}' for name in metaworld.ML1.ENV_NAMES} < set(BENCHMARKS)
    assert {'ml10', 'ml45', 'bandit-2', 'harlow', 'restless'} < set(BENCHMARKS)
    assert {'cheetah-dir', 'ant-dir', 'maze-6', 'maze-14'} < set(BENCHMARKS)
    assert {'bandit-10-5', 'bandit-100-50', 'bandit-500-5'} < set(BENCHMARKS)


@pytest.mark.parametrize(
    ('name', 'hint'),
    [
        ('ml1-pusch-v3', 'ml1-push-v3'),
        ('ml1-push-v2', 'ml1-push-v3'),
        ('ML10', 'ml10'),
        ('bandit-3', 'bandit-2'),
    ],
)
def test_an_unknown_name_is_answered_with_the_nearest_ones(name, hint):
    with pytest.raises(ValueError, match=f"unknown benchmark '{name}'. Did you mean .*{hint}"):
        make_benchmark(name)
    with pytest.raises(ValueError, match='There are ant-dir, bandit-2, .* and ml1-<task>'):
        make_benchmark('atari')


def test_a_benchmark_is_made_once_and_draws_its_goals_late(monkeypatch):
    assert make_benchmark('ml45') is make_benchmark('ml45')
    assert 'goals' not in make_benchmark('ml45').__dict__


def test_an_unknown_split_is_refused():
    with pytest.raises(ValueError, match="split='valid'"):
        make_benchmark('bandit-2').evaluation_tasks('valid')


def test_evaluation_visits_every_goal_once_and_test_goals_are_held_out():
    benchmark = make_benchmark('ml1-reach-v3')
    lists = {split: benchmark.evaluation_tasks(split, wrapper) for split in ('train', 'test')}
    for split, tasks in lists.items():
        assert [(t.split, t.task, t.goal) for t in tasks] == [
            (split, 'reach-v3', goal) for goal in range(50)
        ]
    assert len({t.seed for tasks in lists.values() for t in tasks}) == 100
    goals = {t.env_update._task.data for tasks in lists.values() for t in tasks}
    assert len(goals) == 100
    again = benchmark.evaluation_tasks('test')
    assert [t.seed for t in again] == [t.seed for t in lists['test']]


def test_the_goal_is_hidden_and_the_observation_finite():
    env = make_benchmark('ml1-reach-v3').example_env(wrapper)
    env.begin_trial()
    observation = env.reset()[0]
    assert observation.shape == env.spec.observation_space.shape == (39 + 4 + 2,)
    np.testing.assert_array_equal(observation[36:39], 0)
    for _ in range(5):
        step = env.step(np.ones(4, np.float32))
        assert np.isfinite(step.observation).all()
    assert step.env_info['task_name'] == 'reach-v3'
    assert 'success' in step.env_info
    env.close()


def test_a_meta_batch_of_ml10_has_every_class_once_and_keeps_its_environments():
    benchmark = make_benchmark('ml10')
    sampler = benchmark.train_sampler(wrapper, seed=3)
    assert isinstance(sampler, TaskSampler)
    assert sampler.n_tasks == 500
    envs = [None] * 10
    for i in range(2):
        updates = sampler.sample(10)
        assert [u.task_name for u in updates] == list(ML10_V3['train'])
        updated = [update(env) for update, env in zip(updates, envs, strict=True)]
        if i:
            assert all(new is old for new, old in zip(updated, envs, strict=True))
        envs = updated
    for env in envs:
        assert np.isfinite(env.reset()[0]).all()
        env.close()
    tasks = benchmark.evaluation_tasks('test')
    assert len(tasks) == 250
    assert {t.task for t in tasks} == set(ML10_V3['test'])


def test_bundled_set_task_environments_see_the_same_goals():
    benchmark = make_benchmark('ml1-reach-v3')
    env = MetaWorldSetTaskEnv(benchmark.goals, 'test')
    ours = {t.env_update._task.data for t in benchmark.evaluation_tasks('test')}
    assert {task['inner'].data for task in env.sample_tasks(50)} == ours
    env.close()


def test_bundled_algorithms_can_sample_from_its_updates():
    sampler = make_benchmark('ml1-reach-v3').train_sampler(lambda env, _: EpisodeHorizon(env, 5))
    first, second = sampler.sample(2)
    policy = GaussianMLPPolicy((env := first()).spec, hidden_sizes=(8,))
    workers = LocalSampler(policy, env, max_episode_length=5, n_workers=1)
    goals = []
    for update in (first, second):
        episodes = workers.obtain_samples(0, 10, policy.get_param_values(), env_update=update)
        assert episodes.lengths.tolist() == [5, 5]
        assert set(episodes.env_infos['task_name']) == {'reach-v3'}
        goals.append(workers._workers[0].env.unwrapped._target_pos)
    assert not np.array_equal(*goals)
    workers.shutdown_worker()
