"""Whatever rows trials run in, they are what every environment through all its wrappers gives."""

from metods_garage.envs import EpisodeHorizon, MetaRLObservation, TaskUpdate, make_benchmark
from metods_garage.samplers import TrialUpdate, TrialWorker
from metods_garage.samplers.lean_rows import DirectRows
from metods_garage.samplers.trial_rows import SlotRows
from metods_garage.samplers.vector_rows import VectorRows

import gymnasium
import numpy as np
import pytest
from garage import StepType, Wrapper
from garage.envs import GymEnv


class Uneven(gymnasium.Env):
    """Matrices of numbers, and episodes of 1 to 9 steps that end in every way there is."""

    def __init__(self, discrete=False):
        low = np.full((2, 3), -np.inf)
        self.observation_space = gymnasium.spaces.Box(low, -low, dtype=np.float64)
        self.action_space = gymnasium.spaces.Box(-9, 9, (2,), np.float32)
        if discrete:
            self.action_space = gymnasium.spaces.Discrete(3)

    def set_task(self, task):
        self.task = task

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.left = int(self.np_random.integers(1, 10))
        return self.np_random.normal(size=(2, 3)) + self.task, {}

    def step(self, action):
        self.left -= 1
        terminated = self.left == 0 and self.task % 2 == 0
        observation = self.np_random.normal(size=(2, 3)) + np.sum(action)
        info = {'success': np.bool_(terminated)} if self.task else {}
        return observation, np.float64(observation.sum()), terminated, self.left == 0, info


class UnevenArms(Uneven):
    """The same with three discrete actions."""

    def __init__(self):
        super().__init__(discrete=True)


class Drawing:
    """Draws its actions from the trials' generators, and remembers the last observation."""

    def __init__(self, env_spec):
        self.env_spec = env_spec

    def reset(self, mask):
        self.seen = np.zeros(len(mask))

    def get_actions(self, observations, generators):
        space = self.env_spec.action_space
        self.seen = np.tanh(self.seen + observations.sum(1))
        if hasattr(space, 'n'):
            actions = np.array([g.integers(space.n) for g in generators])
        else:
            noise = [g.standard_normal(space.flat_dim) for g in generators]
            actions = (self.seen[:, np.newaxis] + noise).astype(np.float32)
        return actions, {'value': self.seen.copy()}


def uneven_tasks(env_type, n_tasks, wrapper):
    return [
        TaskUpdate(env_type, float(i), task_name='uneven', horizon=8, wrapper=wrapper)
        for i in range(n_tasks)
    ]


def observing(env, _):
    return MetaRLObservation(env)


def without_done(env, _):
    return MetaRLObservation(env, include_done=False)


def cut(env, _):
    return MetaRLObservation(EpisodeHorizon(env, 6))


def collect(tasks, lean, **options):
    """Two meta-batches of one worker, the second with the tasks in turned order."""
    options = {'max_episode_length': 600, 'episodes_per_trial': 3} | options
    worker = TrialWorker(seed=1, worker_number=0, lean=lean, **options)
    worker.update_agent(Drawing(tasks[0]().spec))
    batches, kinds = [], []
    start = worker._start
    worker._start = lambda updates: kinds.append(start(updates)) or kinds[-1]
    for turn in (tasks, tasks[::-1]):
        worker.update_env([TrialUpdate(task, i, 10 + i) for i, task in enumerate(turn)])
        batches.append(worker.rollout())
    worker.shutdown()
    return batches, {type(rows) for rows in kinds}


def assert_equal(one, other):
    for name in (
        'observations',
        'last_observations',
        'actions',
        'rewards',
        'lengths',
        'step_types',
    ):
        found, expected = getattr(one, name), getattr(other, name)
        assert found.dtype == expected.dtype, name
        np.testing.assert_array_equal(found, expected, err_msg=name)
    for name in ('env_infos', 'agent_infos', 'episode_infos_by_episode'):
        found, expected = getattr(one, name), getattr(other, name)
        assert set(found) == set(expected)
        for key in found:
            np.testing.assert_array_equal(found[key], expected[key], err_msg=key)


@pytest.mark.parametrize('env_type', [Uneven, UnevenArms])
@pytest.mark.parametrize('wrapper', [observing, without_done, cut])
@pytest.mark.parametrize('max_episode_length', [600, 3])
@pytest.mark.parametrize('n_tasks', [1, 5])
def test_steps_past_known_wrappers_change_nothing(env_type, wrapper, max_episode_length, n_tasks):
    tasks = uneven_tasks(env_type, n_tasks, wrapper)
    options = {'max_episode_length': max_episode_length}
    found, kinds = collect(tasks, True, **options)
    expected, plain = collect(tasks, False, **options)
    assert (kinds, plain) == ({DirectRows}, {SlotRows})
    for one, other in zip(found, expected, strict=True):
        assert_equal(one, other)
    if n_tasks > 1 and max_episode_length == 600:
        ends = {step_type for batch in found for step_type in batch.step_types}
        assert ends == set(StepType)
        assert len(set(found[0].lengths.tolist())) > 2


@pytest.mark.parametrize('name', ['bandit-2', 'bandit-10-5', 'restless', 'harlow', 'maze-6'])
@pytest.mark.parametrize('wrapper', [observing, cut])
@pytest.mark.parametrize('n_tasks', [1, 6])
def test_a_vector_environment_gives_the_trials_of_single_ones(name, wrapper, n_tasks):
    tasks = make_benchmark(name).train_sampler(wrapper, seed=4).sample(n_tasks)
    found, kinds = collect(tasks, True)
    expected, plain = collect(tasks, False)
    assert (kinds, plain) == ({VectorRows}, {SlotRows})
    for one, other in zip(found, expected, strict=True):
        assert_equal(one, other)


def test_classes_of_meta_world_side_by_side_change_nothing():
    updates = make_benchmark('ml1-reach-v3').updates('train', cut)['reach-v3'][:2]
    updates += make_benchmark('ml1-push-v3').updates('train', cut)['push-v3'][:1]
    found, kinds = collect(updates, True)
    expected, plain = collect(updates, False)
    assert (kinds, plain) == ({DirectRows}, {SlotRows})
    for one, other in zip(found, expected, strict=True):
        assert_equal(one, other)
        assert one.env_infos['success'].shape == one.rewards.shape


class Noticed(Wrapper):
    """Any other wrapper: it may do what it likes at each step."""


class NoticedObservation(MetaRLObservation):
    """A subclass may do so as well."""


@pytest.mark.parametrize(
    'wrapper',
    [
        lambda env, _: Noticed(MetaRLObservation(env)),
        lambda env, _: MetaRLObservation(Noticed(env)),
        lambda env, _: NoticedObservation(env),
    ],
)
def test_wrappers_that_are_not_known_are_stepped(wrapper):
    for tasks in (
        uneven_tasks(Uneven, 2, wrapper),
        make_benchmark('bandit-2').train_sampler(wrapper, seed=4).sample(2),
    ):
        assert collect(tasks, True)[1] == {SlotRows}


def test_infos_that_wrappers_add_are_not_lost():
    tasks = uneven_tasks(Uneven, 2, observing)
    found, kinds = collect(tasks, True, info_keys=('GymEnv.TimeLimitTerminated',))
    assert kinds == {SlotRows}
    assert found[0].env_infos['GymEnv.TimeLimitTerminated'].any()


def test_adjustments_that_were_switched_off_are_not_assumed(monkeypatch):
    monkeypatch.setattr(GymEnv, 'step', GymEnv.step.__wrapped__)
    assert collect(uneven_tasks(Uneven, 2, observing), True)[1] == {SlotRows}


def test_an_observation_of_another_shape_is_refused(monkeypatch):
    of_step = Uneven.step

    def step(self, action):
        observation, *rest = of_step(self, action)
        return (observation[:, :1], *rest)

    monkeypatch.setattr(Uneven, 'step', step)
    with pytest.raises(RuntimeError, match=r'uneven gave an observation of shape \(2, 1\)'):
        collect(uneven_tasks(Uneven, 2, observing), True)


@pytest.mark.parametrize('at', ['reset', 'step'])
def test_nan_is_refused_where_it_stands(monkeypatch, at):
    calls = []
    method = getattr(Uneven, at)

    def of_nan(self, *args, **kwargs):
        observation, *rest = method(self, *args, **kwargs)
        if self.task == 1:
            calls.append(at)
        # the first reset is through the wrappers
        return (observation * (np.nan if len(calls) > 1 else 1), *rest)

    monkeypatch.setattr(Uneven, at, of_nan)
    messages = []
    for lean in (True, False):
        calls.clear()
        with pytest.raises(FloatingPointError, match='uneven gave a') as error:
            collect(uneven_tasks(Uneven, 2, observing), lean)
        messages.append(str(error.value))
    assert messages[0] == messages[1]
