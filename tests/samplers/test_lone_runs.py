"""Trials that run one after another are those that run in lockstep, to the last bit."""

from metods_garage.envs import EpisodeHorizon, MetaRLObservation, TaskUpdate
from metods_garage.policies import CategoricalMetODSPolicy, GaussianGRUPolicy, GaussianMetODSPolicy
from metods_garage.samplers import TrialUpdate, TrialWorker
from metods_garage.samplers.lone_runs import LoneRuns

import gymnasium
import numpy as np
import pytest
import torch
from garage import StepType

N_TRIALS = 6


class Walk(gymnasium.Env):
    """A drawn walk of matrices, of `least` to 90 steps, that ends in every way there is."""

    least = 1

    def __init__(self):
        low = np.full((2, 3), -np.inf)
        self.observation_space = gymnasium.spaces.Box(low, -low, dtype=np.float64)
        self.action_space = gymnasium.spaces.Box(-9, 9, (2,), np.float32)

    def set_task(self, task):
        self.task = task

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.left = int(self.np_random.integers(self.least, 91))
        self.at = self.np_random.normal(size=(2, 3)) + self.task
        return self.at, {}

    def step(self, action):
        self.left -= 1
        terminated = self.left == 0 and self.task % 2 == 0
        self.at = 0.9 * self.at + self.np_random.normal(size=(2, 3)) + np.sum(action)
        info = {'success': np.bool_(terminated)} if self.task else {}
        return self.at, np.float64(self.at.sum()), terminated, self.left == 0, info


class LongWalk(Walk):
    """Always 90 steps."""

    least = 90


class Steps(Walk):
    """A walk with discrete actions."""

    def __init__(self):
        super().__init__()
        self.action_space = gymnasium.spaces.Discrete(3)

    def step(self, action):
        return super().step(np.array([action], float))


def observing(env, _):
    return MetaRLObservation(env)


def without_done(env, _):
    return MetaRLObservation(env, include_done=False)


def cut(env, _):
    return MetaRLObservation(EpisodeHorizon(env, 70))


def tasks_of(env_type=Walk, wrapper=observing):
    return [
        TaskUpdate(env_type, float(i), task_name='walk', horizon=80, wrapper=wrapper)
        for i in range(N_TRIALS)
    ]


def policy_for(task, kind=GaussianMetODSPolicy, **options):
    torch.manual_seed(2)
    size = {'hidden_size': 9} if kind is GaussianGRUPolicy else {'n_neurons': 9}
    return kind(task().spec, **size, **options)


def collect(tasks, policy, *, alone, monkeypatch, **options):
    """Two meta-batches of one worker; checks that trials ran alone, or that none did."""
    runs = []
    episodes = LoneRuns.episodes
    with monkeypatch.context() as patch:
        patch.setattr(LoneRuns, 'episodes', lambda self: runs.append(1) or episodes(self))
        options = {'max_episode_length': 600, 'episodes_per_trial': 3, 'lean': alone} | options
        worker = TrialWorker(seed=1, worker_number=0, **options)
        worker.update_agent(policy)
        batches = []
        for turn in (tasks, tasks[::-1]):
            worker.update_env([TrialUpdate(task, i, 10 + i) for i, task in enumerate(turn)])
            batches.append(worker.rollout())
        worker.shutdown()
    assert len(runs) == (2 if alone else 0)
    return batches


def assert_equal(one, other):
    names = ('observations', 'last_observations', 'actions', 'rewards', 'lengths', 'step_types')
    for name in names:
        found, expected = getattr(one, name), getattr(other, name)
        assert found.dtype == expected.dtype, name
        np.testing.assert_array_equal(found, expected, err_msg=name)
    for name in ('env_infos', 'agent_infos', 'episode_infos_by_episode'):
        found, expected = getattr(one, name), getattr(other, name)
        assert set(found) == set(expected)
        for key in found:
            assert found[key].dtype == expected[key].dtype, key
            np.testing.assert_array_equal(found[key], expected[key], err_msg=key)


@pytest.mark.parametrize(
    ('wrapper', 'options', 'worker_options'),
    [
        (observing, {}, {}),
        (without_done, {'normalize_observations': True, 'shared_trunk': True}, {}),
        (cut, {'w0': 'sampled', 'write': 'linear'}, {}),
        (observing, {'linear_embedding': True}, {'max_episode_length': 3}),
        (cut, {'kind': GaussianGRUPolicy, 'normalize_observations': True}, {}),
        (observing, {}, {'deterministic': True, 'episodes_per_trial': 1}),
    ],
)
def test_trials_alone_are_those_in_lockstep(monkeypatch, wrapper, options, worker_options):
    tasks = tasks_of(wrapper=wrapper)
    found, expected = (
        collect(
            tasks,
            policy_for(tasks[0], **options),
            alone=alone,
            monkeypatch=monkeypatch,
            **worker_options,
        )
        for alone in (True, False)
    )
    for one, other in zip(found, expected, strict=True):
        assert_equal(one, other)
    if not worker_options:
        assert {step_type for batch in found for step_type in batch.step_types} == set(StepType)
        assert found[0].lengths.sum() > 512  # more rows than there were at first


@pytest.mark.parametrize('lean', [True, False])
def test_a_trial_is_the_same_to_the_last_bit_alone_and_beside_others(lean):
    tasks = tasks_of()
    updates = [TrialUpdate(task, i, 10 + i) for i, task in enumerate(tasks)]
    worker = TrialWorker(seed=1, max_episode_length=70, worker_number=0, lean=lean)
    worker.update_agent(policy_for(tasks[0]))
    worker.update_env(updates)
    together = worker.rollout().split()
    for update, expected in zip(updates, together, strict=True):
        worker.update_env([update])
        assert_equal(worker.rollout(), expected)
    worker.shutdown()


def test_the_policys_memory_is_then_that_of_the_trials_ends(monkeypatch):
    tasks = tasks_of(LongWalk, cut)
    policies = [policy_for(tasks[0]) for _ in range(2)]
    for policy, alone in zip(policies, (True, False), strict=True):
        collect(tasks, policy, alone=alone, monkeypatch=monkeypatch, episodes_per_trial=1)
    one, other = (policy.clone_state() for policy in policies)
    assert len(one) == N_TRIALS
    assert torch.equal(one, other)


def test_other_policies_go_on_in_lockstep(monkeypatch):
    tasks = tasks_of()
    for options in ({'write': 'mlp'}, {'backend': 'checkpointed'}):
        policy = policy_for(tasks[0], **options)
        monkeypatch.setattr(LoneRuns, '__init__', None)
        worker = TrialWorker(seed=1, max_episode_length=5, worker_number=0)
        worker.update_agent(policy)
        worker.update_env([TrialUpdate(task, i, i) for i, task in enumerate(tasks)])
        assert worker.rollout().lengths.tolist() == [5] * N_TRIALS
        worker.shutdown()
    discrete = policy_for(tasks_of(Steps)[0], CategoricalMetODSPolicy)
    discrete.reset([True])
    assert discrete.lone_trials([np.random.default_rng(0)]) is None


@pytest.mark.parametrize(
    ('at', 'what'), [('reset', 'observation'), ('step', 'observation'), ('step', 'reward')]
)
def test_nan_is_refused_where_it_stands(monkeypatch, at, what):
    calls = []
    method = getattr(Walk, at)

    def of_nan(self, *args, **kwargs):
        observation, *rest = method(self, *args, **kwargs)
        calls.append(1)
        # the first reset is through the wrappers
        bad = self.task == 1 and self.np_random.random() < 0.02 and len(calls) > N_TRIALS
        if bad and what == 'observation':
            observation = observation * np.inf
        elif bad:
            rest[0] = np.nan
        return (observation, *rest)

    monkeypatch.setattr(Walk, at, of_nan)
    tasks = tasks_of(LongWalk) if at == 'step' else tasks_of()
    messages = []
    for alone in (True, False):
        calls.clear()
        worker = TrialWorker(
            seed=1, max_episode_length=600, worker_number=0, episodes_per_trial=99, lean=alone
        )
        worker.update_agent(policy_for(tasks[0]))
        worker.update_env([TrialUpdate(task, i, 10 + i) for i, task in enumerate(tasks)])
        with pytest.raises(FloatingPointError, match=f'walk gave a.* {what}') as error:
            worker.rollout()
        messages.append(str(error.value))
    assert messages[0] == messages[1]


@pytest.mark.parametrize(('name', 'what'), [('value_head', 'value'), ('policy_head', 'action')])
def test_a_diverged_policy_is_named_before_the_environment_sees_its_action(monkeypatch, name, what):
    tasks = tasks_of()
    steps = []
    step = Walk.step
    monkeypatch.setattr(Walk, 'step', lambda self, a: steps.append(a) or step(self, a))
    messages = []
    for alone in (True, False):
        policy = policy_for(tasks[0])
        with torch.no_grad():
            getattr(policy.actor_critic, name).network[-1].bias[0] = np.nan
        with pytest.raises(FloatingPointError, match=f'gave a {what}.*in trial 0') as error:
            collect(tasks, policy, alone=alone, monkeypatch=monkeypatch)
        messages.append(str(error.value))
    assert messages[0] == messages[1]
    assert not steps


def test_a_deviation_without_density_is_refused(monkeypatch):
    tasks = tasks_of()
    policy = policy_for(tasks[0])
    with torch.no_grad():
        policy.actor_critic.policy_head.log_std[0] = -np.inf
    with pytest.raises(FloatingPointError, match='gave a log_prob'):
        collect(tasks, policy, alone=True, monkeypatch=monkeypatch)
