"""Every (task, goal) equally often, nothing twice, nothing dropped, training undisturbed."""

import collections
import dataclasses
import multiprocessing
import os
import types

from metods_garage.algos import RecurrentA2C
from metods_garage.envs import MetaRLObservation, make_benchmark
from metods_garage.experiment import (
    PROTOCOLS,
    MetaAlgorithmEvaluator,
    RecurrentEvaluator,
    observing_trials,
    within_horizon,
)
from metods_garage.experiment.random_state import capture_random_state
from metods_garage.experiment.watchful_sampler import WorkerFailed
from metods_garage.policies import BorderPolicy, CategoricalMetODSPolicy, GaussianMetODSPolicy
from metods_garage.samplers import TrialWorker

import numpy as np
import pytest
from garage import StepType
from garage.np.algos import MetaRLAlgorithm
from garage.np.policies import Policy

pytestmark = pytest.mark.filterwarnings('ignore::UserWarning')


@pytest.fixture(scope='module')
def protocol():
    return dataclasses.replace(
        PROTOCOLS['smoke'], exploration_episodes=2, test_episodes=1, interim_goals=3, horizon=10
    )


@pytest.fixture(scope='module')
def bandit():
    return make_benchmark('bandit-2')


@pytest.fixture
def algo(bandit, protocol):
    spec = bandit.example_env(observing_trials(protocol)).spec
    policy = CategoricalMetODSPolicy(spec, n_neurons=6, n_inner_steps=2)
    return RecurrentA2C(policy, None, None, meta_batch_size=2)


def _visits(rows):
    return collections.Counter((row['split'], row['task'], row['goal']) for row in rows)


@pytest.mark.parametrize('kind', ['interim', 'final'])
def test_every_goal_is_visited_once_with_all_of_its_episodes(bandit, protocol, algo, kind):
    protocol = dataclasses.replace(protocol, final_goals=None)
    evaluator = RecurrentEvaluator(bandit, protocol, observing_trials(protocol), trials_at_once=7)
    outcome = evaluator.evaluate(algo, evaluator.chosen_tasks(kind))
    visits = _visits(outcome.rows)
    assert len(visits) == 2 * (3 if kind == 'interim' else 50)
    assert set(visits.values()) == {protocol.evaluation_episodes}
    for start in range(0, len(outcome.rows), 3):
        trial = outcome.rows[start : start + 3]
        assert [row['episode'] for row in trial] == [0, 1, 2]
        assert [row['phase'] for row in trial] == ['exploration', 'exploration', 'test']
    assert outcome.steps == sum(row['length'] for row in outcome.rows)
    evaluator.close()


def test_how_many_trials_run_at_once_changes_nothing(bandit, protocol, algo):
    outcomes = []
    for at_once in (1, 4, 50):
        evaluator = RecurrentEvaluator(
            bandit, protocol, observing_trials(protocol), trials_at_once=at_once
        )
        outcomes.append(evaluator.evaluate(algo, evaluator.chosen_tasks('interim')).rows)
    assert outcomes[0] == outcomes[1] == outcomes[2]


@pytest.mark.parametrize('n_trials', [2, 4, 6, 7, 8])
def test_no_trial_is_left_alone_in_what_a_worker_holds(bandit, protocol, algo, n_trials):
    # one alone could not have its memory exchanged for that of another
    evaluator = RecurrentEvaluator(bandit, protocol, observing_trials(protocol), trials_at_once=3)
    exchanging = types.SimpleNamespace(policy=BorderPolicy(algo.policy, 'exchanged', 10))
    tasks = [task for task in evaluator.tasks if task.split == 'test'][:n_trials]
    rows = evaluator.evaluate(exchanging, tasks).rows
    assert _visits(rows) == {('test', task.task, task.goal): 3 for task in tasks}
    evaluator.close()


def test_an_evaluation_repeats_itself_and_disturbs_no_generator(bandit, protocol, algo):
    evaluator = RecurrentEvaluator(bandit, protocol, observing_trials(protocol))
    before = capture_random_state()
    algo.policy.reset()
    memory = algo.policy.clone_state()
    first = evaluator.evaluate(algo, evaluator.chosen_tasks('interim'))
    assert evaluator.evaluate(algo, evaluator.chosen_tasks('interim')) == first
    after = capture_random_state()
    np.testing.assert_array_equal(before['numpy'][1], after['numpy'][1])
    assert before['torch'].equal(after['torch'])
    assert before['python'] == after['python']
    assert memory.equal(algo.policy.clone_state())


def test_mean_actions_need_no_dice(bandit, protocol, algo):
    protocol = dataclasses.replace(protocol, sampled_actions=False)
    evaluator = RecurrentEvaluator(bandit, protocol, observing_trials(protocol))
    tasks = evaluator.chosen_tasks('interim')
    actions = [
        np.asarray(trial.actions).tolist() for _, trial in sorted(evaluator._trials(algo, tasks))
    ]
    other = [dataclasses.replace(task, seed=task.seed + 1) for task in tasks]
    first = [action[0] for action in actions]
    assert first == [
        np.asarray(trial.actions).tolist()[0] for _, trial in sorted(evaluator._trials(algo, other))
    ]


@pytest.mark.parametrize('which', ['explore', 'test'])
def test_mean_actions_are_refused_where_a_worker_samples_them(bandit, protocol, which):
    protocol = dataclasses.replace(protocol, sampled_actions=False)
    told = {'worker_class': TrialWorker, 'worker_args': {'deterministic': True}}
    MetaAlgorithmEvaluator(bandit, protocol, **told)
    options = {} if which == 'explore' else {**told, 'test_worker_args': {}}
    with pytest.raises(ValueError, match='evaluates mean actions .* [a-zA-Z]*Worker samples them'):
        MetaAlgorithmEvaluator(bandit, protocol, **options)


def test_both_ways_of_evaluating_a_recurrent_policy_see_the_same_kind_of_trial(
    bandit, protocol, algo
):
    """One task at a time through garage's interface, or many at once: equal but for dice."""
    rows = []
    for evaluator in (
        RecurrentEvaluator(bandit, protocol, observing_trials(protocol)),
        MetaAlgorithmEvaluator(bandit, protocol, observing_trials(protocol)),
    ):
        rows.append(evaluator.evaluate(algo, evaluator.chosen_tasks('interim')).rows)
    fixed = ('split', 'task', 'goal', 'episode', 'phase', 'success', 'length')
    assert [[row[k] for k in fixed] for row in rows[0]] == [
        [row[k] for k in fixed] for row in rows[1]
    ]


class _Diary(Policy, MetaRLAlgorithm):
    """An algorithm and a policy that writes down what an evaluator does with it."""

    def __init__(self, action_space):
        self._action_space, self.diary = action_space, []

    def train(self, trainer):
        """Never called."""

    def get_exploration_policy(self):
        self.diary.append('explore')
        return self

    def adapt_policy(self, exploration_policy, exploration_episodes):
        self.diary.append(f'adapt to {len(exploration_episodes.lengths)}')
        return self

    @property
    def env_spec(self):
        """Unused."""

    def reset(self, do_resets=None):
        self.diary.append('reset')

    def get_action(self, observation):
        return np.full(self._action_space.shape, np.random.uniform()), {}  # noqa: NPY002

    def get_actions(self, observations):
        return np.stack([self.get_action(one)[0] for one in observations]), {}


def test_a_garage_algorithm_explores_adapts_and_is_tested_on_each_task(protocol):
    benchmark = make_benchmark('ml1-reach-v3')
    protocol = dataclasses.replace(protocol, interim_goals=1)
    evaluator = MetaAlgorithmEvaluator(benchmark, protocol, within_horizon(protocol))
    algo = _Diary(benchmark.example_env().action_space)
    outcome = evaluator.evaluate(algo, evaluator.chosen_tasks('interim'))
    one_task = ['explore', 'reset', 'reset', 'adapt to 2', 'reset']
    assert algo.diary == 2 * one_task
    assert {row['length'] for row in outcome.rows} == {10}
    assert {row['success'] for row in outcome.rows} <= {0, 1}
    assert outcome == evaluator.evaluate(algo, evaluator.chosen_tasks('interim'))


def test_a_trial_starts_from_its_own_seed_whatever_came_before(bandit, protocol):
    """The environment's own generator too: the rewards of a bandit come from it."""
    evaluator = MetaAlgorithmEvaluator(bandit, protocol, within_horizon(protocol))
    algo = _Pulling(bandit.example_env().action_space)
    tasks = evaluator.chosen_tasks('interim')
    outcome = evaluator.evaluate(algo, tasks)
    assert len({row['return'] for row in outcome.rows}) > 1
    assert outcome == evaluator.evaluate(algo, tasks)
    assert evaluator.evaluate(algo, tasks[-1:]).rows == outcome.rows[-3:]


class _Pulling(_Diary):
    """Pulls an arm at random."""

    def get_action(self, observation):
        return np.random.randint(2), {}  # noqa: NPY002

    def get_actions(self, observations):
        return np.random.randint(2, size=len(observations)), {}  # noqa: NPY002


@pytest.mark.parametrize('n_processes', [2, 99])
def test_tasks_that_processes_share_have_the_same_trials(bandit, protocol, n_processes):
    one = MetaAlgorithmEvaluator(bandit, protocol, within_horizon(protocol))
    more = MetaAlgorithmEvaluator(
        bandit, protocol, within_horizon(protocol), n_processes=n_processes
    )
    algo = _Pulling(bandit.example_env().action_space)
    tasks = one.chosen_tasks('interim')
    expected = one.evaluate(algo, tasks)
    algo.diary.clear()
    assert more.evaluate(algo, tasks) == expected
    assert not algo.diary, 'others did it'
    assert more.in_this_process().evaluate(algo, tasks) == expected
    assert algo.diary
    assert not multiprocessing.active_children()


@pytest.mark.parametrize(
    ('failure', 'message'),
    [(lambda: 1 // 0, 'ZeroDivisionError'), (lambda: os._exit(3), 'before it was done')],
)
def test_a_process_that_fails_ends_the_evaluation(bandit, protocol, failure, message):
    evaluator = MetaAlgorithmEvaluator(bandit, protocol, within_horizon(protocol), n_processes=2)
    algo = _Pulling(bandit.example_env().action_space)
    algo.get_exploration_policy = failure
    with pytest.raises(WorkerFailed, match=message):
        evaluator.evaluate(algo, evaluator.chosen_tasks('interim'))
    assert not multiprocessing.active_children()


def test_without_exploration_there_is_nothing_to_adapt_to(protocol):
    benchmark = make_benchmark('ml1-reach-v3')
    protocol = dataclasses.replace(protocol, interim_goals=1, exploration_episodes=0)
    evaluator = MetaAlgorithmEvaluator(benchmark, protocol, within_horizon(protocol))
    algo = _Diary(benchmark.example_env().action_space)
    rows = evaluator.evaluate(algo, evaluator.chosen_tasks('interim')).rows
    assert algo.diary == 2 * ['explore', 'reset']
    assert {row['phase'] for row in rows} == {'test'}


def test_success_at_any_step_is_success(protocol):
    """Scripted: the gripper goes to the goal of reach, arrives, and leaves again."""
    benchmark = make_benchmark('ml1-reach-v3')
    protocol = dataclasses.replace(
        protocol, interim_goals=1, exploration_episodes=0, horizon=150, splits=('train',)
    )
    evaluator = MetaAlgorithmEvaluator(benchmark, protocol, within_horizon(protocol))
    [task] = evaluator.chosen_tasks('interim')
    env = task.env_update()
    env.reset()
    algo = _There(env.unwrapped._target_pos)
    [row] = evaluator.evaluate(algo, [task]).rows
    assert row['success'] == 1
    [row] = evaluator.evaluate(_There(env.unwrapped._target_pos + 9), [task]).rows
    assert row['success'] == 0


class _There(_Diary):
    """Goes to a place, and away again after 100 steps."""

    def __init__(self, place):
        self.diary, self._place, self._steps = [], np.asarray(place), 0

    def get_action(self, observation):
        self._steps += 1
        way = self._place - observation[:3] if self._steps < 100 else np.ones(3)
        return np.append(np.clip(10 * way, -1, 1), 0.0), {}


def test_a_horizon_ends_an_episode_by_timeout_and_the_next_one_remembers(protocol):
    env = make_benchmark('ml1-reach-v3').example_env(observing_trials(protocol))
    assert isinstance(env, MetaRLObservation)
    env.reset()
    for _ in range(9):
        assert env.step(env.action_space.sample()).step_type != StepType.TIMEOUT
    assert env.step(env.action_space.sample()).step_type == StepType.TIMEOUT


def test_evaluation_runs_in_worker_processes_too(protocol):
    from garage.sampler import MultiprocessingSampler

    benchmark = make_benchmark('ml1-reach-v3')
    wrapper = observing_trials(protocol)
    policy = GaussianMetODSPolicy(benchmark.example_env(wrapper).spec, n_neurons=6)
    algo = RecurrentA2C(policy, None, None)
    rows = []
    for options in ({}, {'sampler_class': MultiprocessingSampler, 'n_workers': 2}):
        evaluator = RecurrentEvaluator(benchmark, protocol, wrapper, **options)
        rows.append(evaluator.evaluate(algo, evaluator.chosen_tasks('interim')).rows)
        evaluator.close()
    for one, two in zip(*rows, strict=True):
        assert one['return'] == pytest.approx(two['return'], rel=1e-3)
        assert {**one, 'return': 0} == {**two, 'return': 0}
