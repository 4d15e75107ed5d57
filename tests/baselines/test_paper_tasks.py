"""Bundled baselines on the papers' tasks, whose trials are single episodes."""

import json

from metods_garage.envs import make_benchmark
from metods_garage.experiment import MetaAlgorithmEvaluator
from metods_garage.experiment.launch import find_protocol
from metods_garage.report import read_run

import numpy as np
import pytest
import random_policy
from bundled import OneRolloutEach
from garage.sampler import DefaultWorker
from parts_of_episodes import PartEvaluator, PartWorker


@pytest.mark.parametrize(
    ('method', 'benchmark', 'iteration'),
    [
        ('maml', 'harlow', 120),  # 2 tasks x 60 steps, in two parts
        ('maml', 'cheetah-dir', 40),
        ('pearl', 'ant-dir', 80),
        ('random_policy', 'cheetah-dir', 0),
        ('rl2', 'harlow', 120),
    ],
)
def test_a_baseline_trains_and_is_evaluated(launch, tmp_path, method, benchmark, iteration):
    words = ['--benchmark', benchmark, '--protocol', 'smoke', '--workers', '1']
    if iteration:
        words += ['--total-steps', 2 * iteration]
    if method in ('maml', 'rl2'):
        words += ['--meta-batch', '2']
    result = launch(method, *words, '--run-dir', tmp_path / 'run')
    assert result.exit_code == 0, result.output + repr(result.exception)
    run = read_run(tmp_path / 'run')
    assert run.finished
    protocol = find_protocol('smoke', benchmark_name=benchmark)
    assert [(row.phase, row.episode) for row in run.final.rows] == [
        ('test', 0)
    ] * protocol.final_goals
    if method in ('maml', 'pearl'):
        assert run.settings['adapt_at'] == protocol.horizon // 2
    assert 2 * iteration <= run.training_steps <= 4 * iteration


def test_maml_adapts_after_half_an_episode_or_where_it_is_told(launch, tmp_path):
    words = ('--benchmark', 'bandit-10-5', '--protocol', 'smoke', '--total-steps', '20')
    for name, more, step in (('half', (), 5), ('told', ('--adapt-at', '3'), 3)):
        folder = tmp_path / name
        result = launch('maml', *words, '--meta-batch', '2', *more, '--run-dir', folder)
        assert result.exit_code == 0, result.output + repr(result.exception)
        settings = json.loads((folder / 'config.json').read_text())['settings']
        assert settings['adapt_at'] == step


@pytest.mark.parametrize(
    ('benchmark', 'step', 'told'),
    [
        ('bandit-10-5', 10, 'an episode has 10 steps'),
        ('ml1-reach-v3', 10, 'for trials of one episode'),
    ],
)
def test_a_step_that_does_not_fit_is_refused(launch, tmp_path, benchmark, step, told):
    words = ('--benchmark', benchmark, '--protocol', 'smoke', '--adapt-at', step)
    result = launch('maml', *words, '--run-dir', tmp_path / 'run')
    assert result.exit_code == 2
    assert told in result.output
    assert not (tmp_path / 'run').exists()


class First(random_policy.UniformPolicy):
    """Takes the first action, always."""

    def get_action(self, observation):
        return 0, {}


class ToFirst(random_policy.RandomMetaRL):
    """Adapts random actions to the first one, and keeps what it was given to adapt to."""

    seen = ()

    def adapt_policy(self, exploration_policy, exploration_episodes):
        self.seen = (*self.seen, exploration_episodes)
        return First(exploration_policy.env_spec)


@pytest.mark.parametrize('name', ['bandit-10-5', 'harlow', 'maze-6', 'ant-dir'])
def test_an_episode_in_parts_is_the_episode(name):
    benchmark, protocol = make_benchmark(name), find_protocol('smoke', benchmark_name=name)
    algo = random_policy.RandomMetaRL(random_policy.UniformPolicy(benchmark.example_env().spec))
    whole = MetaAlgorithmEvaluator(benchmark, protocol)
    parts = PartEvaluator(benchmark, protocol, worker_class=PartWorker, worker_args={'adapt_at': 4})
    tasks = whole.chosen_tasks('final')
    assert parts.evaluate(algo, tasks) == whole.evaluate(algo, tasks)


def test_what_comes_after_the_step_is_adapted_to_what_came_before():
    benchmark = make_benchmark('bandit-10-5')
    protocol = find_protocol('smoke', benchmark_name='bandit-10-5')
    algo = ToFirst(random_policy.UniformPolicy(benchmark.example_env().spec))
    evaluator = PartEvaluator(
        benchmark, protocol, worker_class=PartWorker, worker_args={'adapt_at': 4}
    )
    tasks = evaluator.chosen_tasks('final')
    adapted = dict(evaluator._trials(algo, tasks))
    assert len(algo.seen) == len(tasks)
    for number, before in enumerate(algo.seen):
        episode = adapted[number]
        assert before.lengths.tolist() == [4]
        np.testing.assert_array_equal(episode.actions[:4], before.actions)
        assert not episode.actions[4:].any()
        assert episode.lengths.tolist() == [10]
    assert any(before.actions.any() for before in algo.seen)


def test_pearl_draws_z_anew_for_each_part():
    import pearl

    drawn = []

    class Agent(random_policy.UniformPolicy):
        def sample_from_belief(self):
            drawn.append(1)

        def update_context(self, timestep):
            pass

    env = make_benchmark('cheetah-dir').example_env()
    worker = pearl.PEARLPartWorker(
        adapt_at=3, seed=1, max_episode_length=8, worker_number=0, accum_context=True
    )
    worker.update_agent(Agent(env.spec))
    worker.update_env(env)
    assert [worker.rollout().lengths.tolist() for _ in range(4)] == [[3], [5], [3], [5]]
    assert len(drawn) == 4


def test_each_worker_gives_one_rollout_whatever_number_of_steps_is_asked_for():
    env = make_benchmark('bandit-10-5').example_env()
    sampler = OneRolloutEach(
        agents=random_policy.UniformPolicy(env.spec), envs=env, max_episode_length=10,
        n_workers=3, worker_class=DefaultWorker, seed=1,
    )  # fmt: skip
    assert sampler.obtain_samples(0, 10_000, None).lengths.tolist() == [10, 10, 10]
