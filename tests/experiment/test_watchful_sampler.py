"""Workers that fail or vanish end the sampling with an error, where garage would wait for ever."""

import contextlib
import os
import pickle
import queue
import signal
import time

from metods_garage.experiment import watchful_sampler
from metods_garage.experiment.watchful_sampler import WatchfulSampler, WorkerFailed
from metods_garage.samplers import TrialUpdate, TrialWorker

import cloudpickle
import numpy as np
import pytest
from garage import Wrapper
from garage.envs import PointEnv
from garage.sampler import DefaultWorker
from garage.torch.policies import GaussianMLPPolicy

pytestmark = pytest.mark.filterwarnings('ignore::UserWarning')


class BrokenEnv(Wrapper):
    """Fails in the way it is told at its third step."""

    def __init__(self, env, failure):
        super().__init__(env)
        self._failure, self._left = failure, 3

    def step(self, action):
        self._left -= 1
        if self._left == 0:
            self._failure()
        return super().step(action)


def _diverge():
    raise FloatingPointError('reach-v3 gave an observation that is not finite')


def _break():
    raise KeyError('a mistake in the environment')


def _vanish():
    os.kill(os.getpid(), signal.SIGKILL)


def _hang():
    time.sleep(1000)


@pytest.fixture
def start():
    samplers = []

    def make(failure):
        env = BrokenEnv(PointEnv(max_episode_length=5), failure)
        policy = GaussianMLPPolicy(env.spec, hidden_sizes=(4,))
        samplers.append(
            WatchfulSampler(
                policy, env, max_episode_length=5, n_workers=2, seed=1, worker_class=DefaultWorker
            )
        )
        return samplers[-1], policy.get_param_values()

    yield make
    for sampler in samplers:
        for worker in sampler._workers:
            worker.kill()
            worker.join()


@pytest.mark.parametrize(
    ('failure', 'error', 'message'),
    [
        (_diverge, FloatingPointError, 'reach-v3 gave an observation that is not finite'),
        (_break, WorkerFailed, 'KeyError: .a mistake in the environment'),
        (_vanish, WorkerFailed, 'ended with status -9'),
        (_hang, WorkerFailed, 'no worker process has computed anything for 1 seconds'),
    ],
)
@pytest.mark.parametrize('exact', [True, False])
def test_a_failure_of_a_worker_is_an_error_here(start, monkeypatch, failure, error, message, exact):
    monkeypatch.setattr(watchful_sampler, '_LOOKS', 4)
    monkeypatch.setattr(watchful_sampler, '_PATIENCE', 0.25)
    sampler, parameters = start(failure)
    obtain = sampler.obtain_exact_episodes if exact else sampler.obtain_samples
    numbers = (1,) if exact else (0, 10)
    with pytest.raises(error, match=message):
        obtain(*numbers, parameters)
    assert not any(worker.is_alive() for worker in sampler._workers), 'none is left behind'
    assert sampler.total_env_steps == 0


def test_a_worker_that_is_killed_from_outside_is_missed_whatever_the_others_do(start):
    sampler, parameters = start(lambda: None)
    sampler.obtain_exact_episodes(1, parameters)
    os.kill(sampler._workers[1].pid, signal.SIGKILL)
    with pytest.raises(WorkerFailed, match='worker process 1 ended with status -9'):
        sampler.obtain_exact_episodes(1, parameters)
    assert not sampler._workers[0].is_alive()
    sampler.shutdown_worker()


@pytest.mark.parametrize('with_a_message', [False, True])
def test_a_stopped_worker_is_not_waited_for(start, monkeypatch, with_a_message):
    monkeypatch.setattr(watchful_sampler, '_LOOKS', 4)
    monkeypatch.setattr(watchful_sampler, '_PATIENCE', 0.25)
    sampler, parameters = start(lambda: None)
    sampler.obtain_exact_episodes(1, parameters)
    time.sleep(0.5)  # until it has read what it was told
    os.kill(sampler._workers[0].pid, signal.SIGSTOP)
    if with_a_message:  # so that it can't even be told to start
        with contextlib.suppress(queue.Full):
            sampler._to_worker[0].put_nowait(('stop', ()))
    with pytest.raises(WorkerFailed, match='no worker process has computed anything'):
        sampler.obtain_exact_episodes(1, parameters)
    assert not sampler._workers[0].is_alive()


def test_workers_that_are_well_are_garages(start):
    sampler, parameters = start(lambda: None)
    episodes = sampler.obtain_exact_episodes(2, parameters)
    assert len(episodes.lengths) == 4
    copy = cloudpickle.loads(cloudpickle.dumps(sampler))
    np.testing.assert_array_equal(copy.obtain_exact_episodes(1, parameters).lengths, [5, 5])
    copy.shutdown_worker()
    sampler.shutdown_worker()


def test_what_was_sent_is_not_sent_again_and_what_was_not_is():
    worker = TrialWorker(seed=1, max_episode_length=5, worker_number=0)
    env = PointEnv(max_episode_length=5)
    reporting = watchful_sampler._ReportingWorker(worker)
    reporting.update_agent(GaussianMLPPolicy(env.spec, hidden_sizes=(4,)))
    for seed in (1, 2):
        reporting.update_env([TrialUpdate(env, 0, seed)])
        reporting.rollout()  # which garage drops where its queue is full
        sent = pickle.dumps(reporting.rollout())
        assert pickle.loads(sent).lengths.tolist() == [5]
        for _ in range(2):
            assert isinstance(reporting.rollout(), watchful_sampler._Repetition)


def test_a_repetition_is_what_was_received_before(start):
    sampler, parameters = start(lambda: None)
    episodes = sampler.obtain_exact_episodes(1, parameters)
    received = sampler._to_sampler._received
    assert set(received) == {0, 1}
    for number, kept in received.items():
        message = ('episode', (watchful_sampler._Repetition(), 3, number))
        tag, (repeated, version, worker) = sampler._to_sampler._checked(message)
        assert (tag, version, worker) == ('episode', 3, number)
        assert repeated is kept
    assert len(episodes.lengths) == 2
    sampler.shutdown_worker()
