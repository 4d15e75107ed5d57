"""The launchers of the papers' tasks, each a smoke run in this process."""

import csv
import json
import sys

from metods_garage.experiment import find_recipe
from tests.launchers.conftest import REPOSITORY

import pytest
from click.testing import CliRunner

sys.path.insert(0, str(REPOSITORY / 'launchers'))

FAST = ('--protocol', 'smoke', '--workers', '1', '--neurons', '6')
LAUNCHERS = {
    'harlow': ('harlow_metods',),
    'maze-6': ('maze_metods', '--size', '6'),
    'bandit-10-5': ('bandit_metods',),
    'restless': ('bandit_metods', '--benchmark', 'restless'),
    'cheetah-dir': ('cheetah_dir_metods', '--meta-batch', '4', '--total-steps', '80'),
    'ant-dir': ('ant_dir_metods', '--meta-batch', '4', '--total-steps', '80'),
}


@pytest.fixture
def train(tmp_path):
    """Runs a launcher and returns its result, its final rows and its configuration."""

    def run(launcher, *words):
        folder = tmp_path / 'run'
        command = getattr(__import__(launcher), launcher)
        words = [*FAST, '--run-dir', str(folder), *words]
        result = CliRunner().invoke(command, words)
        if result.exit_code:
            return result, None, None
        with open(folder / 'evaluation.csv', newline='') as file:
            rows = [row for row in csv.DictReader(file) if row['kind'] == 'final']
        return result, rows, json.loads((folder / 'config.json').read_text())

    return run


@pytest.mark.parametrize('benchmark', list(LAUNCHERS))
def test_one_command_trains_and_evaluates_each_task(train, benchmark):
    result, rows, config = train(*LAUNCHERS[benchmark])
    assert result.exit_code == 0, result.output + repr(result.exception)
    assert config['benchmark'] == benchmark
    goals = 4 if benchmark.endswith('dir') else 8
    assert [(row['split'], row['phase'], row['episode']) for row in rows] == [
        ('test', 'test', '0')
    ] * goals
    assert config['settings']['entropy'] == find_recipe(benchmark)['entropy']


ABLATIONS = {
    'S': ('--inner-steps', '1'),
    'no alpha': ('--scalar-alpha',),
    'linear write': ('--write', 'linear'),
    'mlp write': ('--write', 'mlp'),
    'masked reward': ('--mask-reward',),
    'arXiv rule': ('--rule', 'arxiv'),
    'zero W_0': ('--w0', 'zero'),
    'sampled W_0': ('--w0', 'sampled'),
}


@pytest.mark.parametrize('ablation', list(ABLATIONS))
def test_every_ablation_of_the_papers_trains(train, ablation):
    words = ABLATIONS[ablation]
    result, rows, config = train('bandit_metods', *words)
    assert result.exit_code == 0, result.output + repr(result.exception)
    name = words[0].removeprefix('--').replace('-', '_')
    value = words[1] if len(words) > 1 else True
    assert str(config['settings'][name]) == str(value)


def test_the_papers_recipe_is_one_option(train):
    result, _, config = train('harlow_metods', '--recipe', 'paper', '--entropy', '0.5')
    assert result.exit_code == 0, result.output + repr(result.exception)
    assert config['settings']['learning_rate'] == 5e-4
    assert config['settings']['entropy'] == 0.5  # what is given comes first


def test_training_may_be_cut_earlier_than_evaluation(train):
    result, rows, config = train(
        'maze_metods', '--training-horizon', '5', '--total-steps', '160', '--meta-batch', '4'
    )
    assert result.exit_code == 0, result.output + repr(result.exception)
    assert {row['length'] for row in rows} == {'20'}
    ledger = json.loads((result_folder(result) / 'ledger.json').read_text())
    assert ledger['training_steps'] / ledger['training_episodes'] == 5


def result_folder(result):
    from pathlib import Path

    (line,) = [line for line in result.output.splitlines() if line.endswith('evaluation.csv')]
    return Path(line.strip()).parent


@pytest.mark.parametrize(
    ('words', 'beta_rate'), [(['--scalar-alpha'], 0.02), (['--rule', 'arxiv'], 1.0)]
)
def test_what_can_not_be_spread_is_not_where_the_recipe_spreads_it(train, words, beta_rate):
    result, _, config = train('ml1_metods', '--task', 'reach-v3', *words)
    assert result.exit_code == 0, result.output + repr(result.exception)
    assert find_recipe('ml1-reach-v3')['alpha_spread'] > 0.0
    settings = config['settings']
    assert (settings['alpha_spread'], settings['beta_rate']) == (0.0, beta_rate)


def test_one_plasticity_is_not_spread(train):
    result, _, _ = train('bandit_metods', '--scalar-alpha', '--alpha-spread', '2')
    assert result.exit_code == 2
    assert '--alpha-spread is 2.0, but with --scalar-alpha all synapses share' in result.output


def test_variants_that_the_arxiv_rule_lacks_are_refused(train):
    result, _, _ = train('harlow_metods', '--rule', 'arxiv', '--write', 'mlp')
    assert result.exit_code == 2
    assert '--write is not possible with --rule arxiv' in result.output
