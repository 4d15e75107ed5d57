"""Strategies meet the instances that trained agents meet."""

import csv

from metods_garage.envs import make_benchmark
from metods_garage.envs.strategies import Strategy
from metods_garage.experiment import MetaAlgorithmEvaluator
from metods_garage.experiment.launch import find_protocol
from metods_garage.report import read_run

import numpy as np
import pytest
import random_policy
import strategies

WORDS = ('--protocol', 'smoke', '--workers', '1')


class First(Strategy):
    """Takes the first action, always."""

    def begin(self, env, generator):
        self._actions = np.zeros(env.num_envs, dtype=int)

    def actions(self):
        return self._actions


class FirstPolicy(random_policy.UniformPolicy):
    """The same as a garage policy."""

    def get_action(self, observation):
        return 0, {}


@pytest.mark.parametrize('name', ['bandit-10-5', 'restless', 'harlow', 'maze-6'])
def test_equal_actions_give_equal_rows(name):
    benchmark, protocol = make_benchmark(name), find_protocol('smoke', benchmark_name=name)
    policy = FirstPolicy(benchmark.example_env().spec)
    agents = MetaAlgorithmEvaluator(benchmark, protocol)
    tasks = agents.chosen_tasks('final')
    theirs = agents.evaluate(random_policy.RandomMetaRL(policy), tasks)

    strategy = strategies.StrategyEvaluator(benchmark, protocol)
    ours = strategy.evaluate(strategies.Written(First), strategy.chosen_tasks('final'))

    assert ours == theirs
    assert len({row['return'] for row in ours.rows}) > 1 or name != 'bandit-10-5'


@pytest.mark.parametrize(
    ('benchmark', 'strategy'),
    [('harlow', 'oracle'), ('maze-6', 'oracle')]
    + [('bandit-10-5', name) for name in strategies.STRATEGIES['bandit']],
)
def test_every_strategy_leaves_a_run(launch, tmp_path, benchmark, strategy):
    words = ('--benchmark', benchmark, '--strategy', strategy, '--run-dir', tmp_path / 'run')
    result = launch('strategies', *words, *WORDS)
    assert result.exit_code == 0, result.output + repr(result.exception)
    run = read_run(tmp_path / 'run')
    assert run.method == strategy
    assert run.finished
    assert run.training_steps == 0
    with open(tmp_path / 'run' / 'evaluation.csv', newline='') as file:
        assert len(list(csv.DictReader(file))) == 8


def test_a_strategy_that_nobody_wrote_is_refused(launch, tmp_path):
    for benchmark, strategy, told in (
        ('maze-6', 'gittins', 'it has oracle'),
        ('cheetah-dir', 'oracle', 'nobody wrote one down'),
    ):
        words = ('--benchmark', benchmark, '--strategy', strategy, '--run-dir', tmp_path / 'run')
        result = launch('strategies', *words)
        assert result.exit_code == 2
        assert told in result.output
        assert not (tmp_path / 'run').exists()
