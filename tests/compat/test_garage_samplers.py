"""garage's samplers and workers, and environment updates on their way to them."""

import contextlib
import os
import queue
import signal
import threading
import time

import numpy as np
import pytest
import ray
from garage.envs import GymEnv, TaskNameWrapper, normalize
from garage.envs.mujoco import HalfCheetahDirEnv, HalfCheetahVelEnv
from garage.experiment.task_sampler import ConstructEnvsSampler, EnvPoolSampler, SetTaskSampler
from garage.sampler import (
    DefaultWorker,
    FragmentWorker,
    LocalSampler,
    MultiprocessingSampler,
    RaySampler,
    VecWorker,
)
from garage.torch.policies import DeterministicMLPPolicy

SAMPLERS = {
    'local': LocalSampler,
    'multiprocessing': MultiprocessingSampler,
    'ray': RaySampler,
}
WORKERS = {
    'default': (DefaultWorker, {}),
    'vec': (VecWorker, {'n_envs': 2}),
    'fragment': (FragmentWorker, {'n_envs': 2, 'timesteps_per_call': 3}),
}
IN_THIS_MACHINE = ('local', 'multiprocessing')
LENGTH = 6


@pytest.fixture(scope='module', autouse=True)
def ray_of_the_user():
    """Ray started as a user would, before any sampler and without a word about metods_garage."""
    ray.init(num_cpus=2, log_to_driver=False, include_dashboard=False)
    yield
    ray.shutdown()


def make_env():
    return GymEnv('Pendulum-v1', max_episode_length=LENGTH)


def make_sampler(kind, env, worker='default', n_workers=2):
    worker_class, worker_args = WORKERS[worker]
    policy = DeterministicMLPPolicy(env.spec, hidden_sizes=(4,))
    sampler = SAMPLERS[kind](
        policy,
        env,
        max_episode_length=LENGTH,
        n_workers=n_workers,
        worker_class=worker_class,
        worker_args=worker_args,
        seed=0,
    )
    return sampler, policy


def shut_down(sampler):
    if isinstance(sampler, RaySampler):  # its shutdown_worker ends Ray as a whole
        for worker in sampler._all_workers.values():
            ray.kill(worker)
    else:
        sampler.shutdown_worker()


# a Ray worker takes seconds to start, and does the same with every worker class
@pytest.mark.parametrize(
    ('kind', 'worker'),
    [(kind, worker) for kind in IN_THIS_MACHINE for worker in WORKERS] + [('ray', 'vec')],
)
def test_samplers_run_workers(kind, worker):
    sampler, policy = make_sampler(kind, make_env(), worker, n_workers=1)
    episodes = sampler.obtain_samples(0, 3 * LENGTH, policy.get_param_values())
    assert sum(episodes.lengths) >= 3 * LENGTH
    assert np.isfinite(episodes.rewards).all()
    shut_down(sampler)


@pytest.mark.parametrize('kind', SAMPLERS)
def test_updates_with_local_functions_reach_every_worker(kind):
    factor = 2  # in a closure, which the standard pickler refuses

    def wrapper(env, task):
        env = GymEnv(env, max_episode_length=LENGTH)
        return TaskNameWrapper(env, task_name=f'{factor * task["direction"]:+.0f}')

    tasks = SetTaskSampler(HalfCheetahDirEnv, wrapper=wrapper)
    tasks._env.sample_tasks = lambda n: [{'direction': (-1.0) ** i} for i in range(n)]
    updates = tasks.sample(2)
    sampler, policy = make_sampler(kind, updates[0]())
    for order in (updates, updates[::-1]):
        episodes = sampler.obtain_exact_episodes(2, policy.get_param_values(), env_update=order)
        directions = [update._task['direction'] for update in order for _ in range(2 * LENGTH)]
        np.testing.assert_array_equal(episodes.env_infos['task_dir'].ravel(), directions)
        # made with the first task; the environment is then moved from task to task
        assert set(episodes.env_infos['task_name']) == {'+2'}
    shut_down(sampler)


@pytest.mark.parametrize('kind', IN_THIS_MACHINE)
def test_new_environments_reach_every_worker(kind):
    constructors = [lambda gain=gain: normalize(make_env(), scale_reward=gain) for gain in (0, 1)]
    sampler, policy = make_sampler(kind, constructors[0]())
    updates = sorted(
        ConstructEnvsSampler(constructors).sample(2), key=lambda u: u._env_constructor.__defaults__
    )
    episodes = sampler.obtain_exact_episodes(1, policy.get_param_values(), env_update=updates)
    assert (episodes.rewards[:LENGTH] == 0).all()
    assert (episodes.rewards[LENGTH:] < 0).all()
    shut_down(sampler)


@pytest.mark.parametrize('kind', IN_THIS_MACHINE)
@pytest.mark.filterwarnings('ignore:ExistingEnvUpdate')
def test_a_pool_of_environments_grows_and_reaches_every_worker(kind):
    pool = EnvPoolSampler([make_env()])
    pool.grow_pool(2)
    assert pool.n_tasks == 2
    sampler, policy = make_sampler(kind, make_env())
    episodes = sampler.obtain_exact_episodes(
        1, policy.get_param_values(), env_update=pool.sample(2)
    )
    assert list(episodes.lengths) == [LENGTH, LENGTH]
    shut_down(sampler)


def test_an_update_that_nothing_can_pickle_is_an_error_and_no_deadlock():
    env = make_env()
    env.lock = threading.Lock()
    sampler, policy = make_sampler('multiprocessing', make_env(), n_workers=1)
    with pytest.raises(TypeError, match='lock'):
        sampler.obtain_exact_episodes(1, policy.get_param_values(), env_update=env)
    shut_down(sampler)


@pytest.mark.parametrize('late', [(0, 1), (1,)])
def test_workers_that_are_late_to_read_their_last_message_are_waited_for(late):
    sampler, policy = make_sampler('multiprocessing', make_env())
    episodes = []

    def obtain():
        episodes.append(sampler.obtain_exact_episodes(2, policy.get_param_values()))

    sampler.obtain_exact_episodes(1, policy.get_param_values())
    time.sleep(0.5)  # until the workers have read everything
    stopped = [sampler._workers[i] for i in late]
    try:
        for i in late:
            os.kill(sampler._workers[i].pid, signal.SIGSTOP)
            with contextlib.suppress(queue.Full):  # what the end of a call may leave behind
                sampler._to_worker[i].put_nowait(('stop', ()))
        calling = threading.Thread(target=obtain, daemon=True)
        calling.start()
        time.sleep(0.5)  # until garage waits for episodes, with those workers left out
        for worker in stopped:
            os.kill(worker.pid, signal.SIGCONT)
        calling.join(timeout=60)
        assert not calling.is_alive(), 'the sampler waits for workers that it did not start'
        assert list(episodes[0].lengths) == [LENGTH] * 4
        shut_down(sampler)
    finally:
        for worker in sampler._workers:
            worker.kill()


def test_set_task_sampler_draws_tasks_of_the_cheetahs():
    for cls, key in ((HalfCheetahDirEnv, 'direction'), (HalfCheetahVelEnv, 'velocity')):
        sampler = SetTaskSampler(cls, wrapper=lambda env, _: GymEnv(env, max_episode_length=LENGTH))
        first, second = sampler.sample(2)
        env = first()
        assert second(env) is env  # the same environment, moved to another task
        assert env._env._task[key] == second._task[key]
