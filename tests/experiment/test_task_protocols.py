"""Every paper task has its protocols."""

import dataclasses

from metods_garage.envs import BENCHMARKS
from metods_garage.experiment import PROTOCOLS, TASK_PROTOCOLS, task_family
from metods_garage.experiment.launch import find_protocol

import click
import pytest


def test_every_benchmark_has_paper_quick_and_smoke():
    for name in BENCHMARKS:
        for protocol in ('paper', 'quick', 'smoke'):
            assert find_protocol(protocol, benchmark_name=name).name == protocol


@pytest.mark.parametrize(
    ('benchmark', 'family'),
    [
        ('harlow', 'harlow'),
        ('maze-12', 'maze'),
        ('bandit-100-5', 'bandit'),
        ('restless', 'bandit'),
        ('bandit-2', 'meta-world'),  # two known arms, no task of the papers
        ('cheetah-dir', 'direction'),
        ('ant-dir', 'direction'),
        ('ml1-push-v3', 'meta-world'),
    ],
)
def test_families(benchmark, family):
    assert task_family(benchmark) == family
    assert (
        find_protocol('paper', benchmark_name=benchmark)
        == TASK_PROTOCOLS.get(family, PROTOCOLS)['paper']
    )


@pytest.mark.parametrize('family', list(TASK_PROTOCOLS))
def test_a_trial_is_one_episode_on_a_task_that_training_never_met(family):
    for protocol in TASK_PROTOCOLS[family].values():
        assert (protocol.episodes_per_trial, protocol.exploration_episodes) == (1, 0)
        assert protocol.test_episodes == 1
        assert protocol.splits == ('test',)


@pytest.mark.parametrize('family', list(TASK_PROTOCOLS))
def test_paper_has_ten_million_steps_whole_episodes_and_every_goal(family):
    paper = TASK_PROTOCOLS[family]['paper']
    assert paper.total_training_steps == 10_000_000
    assert paper.horizon is None
    assert paper.final_goals is None


def test_a_changed_budget_has_a_name_of_its_own():
    changed = find_protocol('quick', 500, benchmark_name='harlow')
    expected = dataclasses.replace(
        TASK_PROTOCOLS['harlow']['quick'], name='quick-500-steps', total_training_steps=500
    )
    assert changed == expected


def test_a_protocol_of_another_benchmark_is_refused_with_the_choices():
    with pytest.raises(click.UsageError, match="'pilot': choose from paper, quick, smoke"):
        find_protocol('pilot', benchmark_name='harlow')
