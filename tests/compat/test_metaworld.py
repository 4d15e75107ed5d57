"""Meta-World 3 through garage's task samplers, and copies of its environments."""

import copy
import pickle

import cloudpickle
import metaworld
import numpy as np
import pytest
from garage import StepType
from garage.envs import GymEnv, MetaWorldSetTaskEnv, TaskNameWrapper
from garage.experiment.task_sampler import EnvPoolSampler, MetaWorldTaskSampler, SetTaskSampler
from garage.sampler import DefaultWorker

COPIES = {
    'pickle': lambda env: pickle.loads(pickle.dumps(env)),
    'cloudpickle': lambda env: cloudpickle.loads(cloudpickle.dumps(env)),
    'deepcopy': copy.deepcopy,
}
ML10_NAMES = [
    *('reach-v3', 'push-v3', 'pick-place-v3', 'door-open-v3', 'drawer-close-v3'),
    *('button-press-topdown-v3', 'peg-insert-side-v3', 'window-open-v3', 'sweep-v3'),
    *('basketball-v3', 'drawer-open-v3', 'door-close-v3', 'shelf-place-v3', 'sweep-into-v3'),
    'lever-pull-v3',
]


def on_a_task(ml10, name):
    """An environment of ML10 on its first task, reset."""
    classes = {**ml10.train_classes, **ml10.test_classes}
    tasks = [*ml10.train_tasks, *ml10.test_tasks]
    env = classes[name]()
    env.set_task(next(task for task in tasks if task.env_name == name))
    env.reset()
    return env


def assert_same(ours, theirs):
    """Observation, reward, ends and info of one step, to the last bit."""
    np.testing.assert_array_equal(ours[0], theirs[0])
    assert ours[1:4] == theirs[1:4]
    assert ours[4].keys() == theirs[4].keys()
    for key, value in theirs[4].items():
        np.testing.assert_array_equal(ours[4][key], value)


def assert_moves_alike(env, twin, actions):
    for action in actions:
        assert_same(twin.step(action), env.step(action))


def test_ml10_has_the_environments_of_these_tests(ml10):
    assert sorted({**ml10.train_classes, **ml10.test_classes}) == sorted(ML10_NAMES)


@pytest.mark.parametrize('name', ML10_NAMES)
def test_copies_move_exactly_like_the_original(ml10, name):
    rng = np.random.default_rng(0)
    env = on_a_task(ml10, name)
    for n_steps_before in (0, 15):  # just reset, and in the middle of an episode
        for _ in range(n_steps_before):
            env.step(rng.uniform(-1, 1, 4))
        original = pickle.dumps(env)
        assert len(original) < 12_000
        twin, twin_of_twin = pickle.loads(original), copy.deepcopy(pickle.loads(original))
        assert twin.action_space == env.action_space
        assert twin.observation_space == env.observation_space
        actions = rng.uniform(-1, 1, (12, 4))
        assert_moves_alike(env, twin, actions)
        assert_moves_alike(pickle.loads(original), twin_of_twin, actions)
    np.testing.assert_array_equal(twin.reset()[0], env.reset()[0])
    assert_moves_alike(env, twin, rng.uniform(-1, 1, (5, 4)))


@pytest.mark.parametrize('copied', COPIES)
def test_copies_of_wrapped_environments_go_on_where_the_original_is(ml10, copied):
    env = on_a_task(ml10, 'sweep-into-v3')
    env = TaskNameWrapper(GymEnv(env, max_episode_length=env.max_path_length), task_name='sweep')
    env.reset()
    actions = np.random.default_rng(1).uniform(-1, 1, (10, 4))
    for action in actions[:5]:
        env.step(action)
    twin = COPIES[copied](env)
    for action in actions[5:]:
        ours, theirs = twin.step(action), env.step(action)
        np.testing.assert_array_equal(ours.observation, theirs.observation)
        assert (ours.reward, ours.step_type) == (theirs.reward, StepType.MID)
        assert ours.env_info == theirs.env_info
    np.testing.assert_array_equal(twin.reset()[0], env.reset()[0])


def test_a_copy_is_independent_of_its_original(ml10):
    env = on_a_task(ml10, 'door-open-v3')
    twin, reference = copy.deepcopy(env), copy.deepcopy(env)
    other = next(t for t in reversed(ml10.train_tasks) if t.env_name == 'door-open-v3')
    env.set_task(other)
    env.reset()
    for action in np.random.default_rng(2).uniform(-1, 1, (5, 4)):
        env.step(action)
        assert_same(twin.step(action), reference.step(action))


def test_an_episode_times_out_after_500_steps(ml1_reach):
    env = MetaWorldTaskSampler(ml1_reach, 'train').sample(1)[0]()
    assert env.spec.max_episode_length == 500
    assert env.spec.observation_space.flat_dim == 39
    env.reset()
    for _ in range(499):
        assert not env.step(np.zeros(4)).last
    env_step = env.step(np.zeros(4))
    assert env_step.step_type == StepType.TIMEOUT
    assert env_step.env_info['TimeLimit.truncated'] is True
    assert env_step.env_info['task_name'] == 'reach-v3'
    assert 'success' in env_step.env_info
    env.reset()  # Meta-World refuses a step without it
    assert env.step(np.zeros(4)).step_type == StepType.FIRST


def test_seeding_reaches_metaworlds_own_generator(ml10):
    draws = []
    for _ in range(2):
        env = GymEnv(on_a_task(ml10, 'reach-v3'), max_episode_length=500)
        env.seed(5)
        env.reset()
        draws.append(env.unwrapped.np_random.uniform())
    assert draws[0] == draws[1]


def test_the_task_sampler_moves_an_environment_within_its_class(ml10):
    sampler = MetaWorldTaskSampler(ml10, 'train')
    updates = sampler.sample(20)
    assert sampler.n_tasks == 500
    assert [update._task.env_name for update in updates[:4]] == ['reach-v3'] * 2 + ['push-v3'] * 2
    env = updates[0]()
    assert updates[1](env) is env
    assert env.unwrapped._last_rand_vec is not None
    with pytest.warns(UserWarning, match='closing an environment'):
        other = updates[2](env)
    assert other is not env
    env, other = updates[0](), updates[1]()
    assert not np.array_equal(env.unwrapped._last_rand_vec, other.unwrapped._last_rand_vec)


def test_the_set_task_environment_visits_the_test_classes(ml10):
    env = MetaWorldSetTaskEnv(ml10, 'test')
    assert env.num_tasks == 250
    names = []
    for task in env.sample_tasks(5):
        env.set_task(task)
        env.reset()
        names.append(env.step(np.zeros(4)).env_info['task_name'])
    assert sorted(names) == sorted(ml10.test_classes)


def test_set_task_sampler_takes_the_set_task_environment(ml1_reach):
    sampler = SetTaskSampler(MetaWorldSetTaskEnv, env=MetaWorldSetTaskEnv(ml1_reach, 'test'))
    first, second = sampler.sample(2)
    env = first()
    assert second(env) is env
    env.reset()
    assert env.step(np.ones(4)).env_info['task_name'] == 'reach-v3'


def test_a_pool_grows_by_environments_that_are_originals(ml1_reach):
    pool = EnvPoolSampler([MetaWorldTaskSampler(ml1_reach, 'train').sample(1)[0]()])
    pool.grow_pool(2)
    first, second = (update() for update in pool.sample(2))
    np.testing.assert_array_equal(first.reset()[0], second.reset()[0])
    for action in np.random.default_rng(3).uniform(-1, 1, (5, 4)):
        np.testing.assert_array_equal(
            first.step(action).observation, second.step(action).observation
        )


@pytest.mark.parametrize('name', ['reach-v1', 'reach-v2', 'reach-v3'])
def test_old_task_names_mean_version_3(monkeypatch, name):
    monkeypatch.setattr(metaworld, '_N_GOALS', 1)
    for benchmark in (metaworld.ML1(name, seed=1), metaworld.MT1(name, seed=1)):
        assert list(benchmark.train_classes) == ['reach-v3']


def test_an_unknown_task_is_metaworlds_error():
    with pytest.raises(ValueError, match='reech-v3'):
        metaworld.ML1('reech-v2')


def test_a_worker_takes_updates_of_metaworld(ml1_reach):
    from garage.torch.policies import DeterministicMLPPolicy

    updates = MetaWorldTaskSampler(ml1_reach, 'train').sample(2)
    worker = DefaultWorker(seed=0, max_episode_length=4, worker_number=0)
    worker.update_env(updates[0])
    worker.update_agent(DeterministicMLPPolicy(worker.env.spec, hidden_sizes=(4,)))
    goals = []
    for update in updates:
        worker.update_env(update)
        assert worker.rollout().lengths == [4]
        goals.append(worker.env.unwrapped._target_pos)
    assert not np.array_equal(*goals)
