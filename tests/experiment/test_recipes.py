"""Recipes are the papers' numbers, or fill what the user leaves open."""

import json
import pathlib

from metods_garage.experiment import RECIPES, TASK_PROTOCOLS, find_recipe
from metods_garage.experiment.recipes import filled
from metods_garage.report.comparisons import BEFORE_THEY_WERE_SETTINGS

import click
import pytest

RESULTS = pathlib.Path(__file__).parents[2] / 'results'

# D, Table 5: size, learning rate, meta-batch, discount, lambda, value factor, entropy factor
TABLE_5 = {
    'harlow': (20, 5e-4, 20, 0.9, 1.0, 0.4, 3e-2),
    'maze-8': (200, 5e-4, 20, 0.9, 1.0, 0.1, 3e-2),
    'bandit-10-5': (100, 5e-4, 20, 0.9, 0.3, 0.4, 1e-2),
    'cheetah-dir': (100, 1e-4, 50, 0.95, 0.95, 0.4, 1e-2),
}


@pytest.mark.parametrize('benchmark', list(TABLE_5))
def test_the_paper_recipe_is_table_5(benchmark):
    recipe = find_recipe(benchmark, 'paper')
    names = ('neurons', 'learning_rate', 'meta_batch', 'discount', 'gae_lambda', 'value', 'entropy')
    assert tuple(recipe[name] for name in names) == TABLE_5[benchmark]
    assert recipe['algo'] == 'a2c'
    assert recipe['training_horizon'] is None


def test_robots_have_the_papers_fixed_deviation():
    recipe = find_recipe('ant-dir', 'paper')
    assert (recipe['init_std'], recipe['learn_std']) == (0.1, False)


def test_every_recipe_has_the_same_settings():
    names = {frozenset(recipe) for kind in RECIPES.values() for recipe in kind.values()}
    assert len(names) == 1
    assert set(RECIPES['default']) >= {*TASK_PROTOCOLS, 'meta-world'}


@pytest.mark.parametrize(
    ('benchmark', 'run'),
    [
        ('harlow', 'harlow/runs/metods'),
        ('bandit-10-5', 'bandit-10-5/runs/metods'),
        ('bandit-100-5', 'bandit-100-5/runs/metods'),
        ('maze-8', 'maze-8/runs/metods'),
        ('cheetah-dir', 'cheetah-dir/runs/metods'),
        ('ml1-reach-v3', 'ml1-reach/metods_ppo_alpha_spread_3'),
    ],
)
def test_the_default_recipe_is_what_the_results_were_trained_with(benchmark, run):
    config = RESULTS / run / 'seed_1' / 'config.json'
    settings = BEFORE_THEY_WERE_SETTINGS | json.loads(config.read_text())['settings']
    recipe = find_recipe(benchmark)
    assert {key: settings[key] for key in recipe.keys() & settings.keys()} == {
        key: recipe[key] for key in recipe.keys() & settings.keys()
    }


def test_a_benchmark_has_its_own_recipe_or_that_of_its_family():
    assert find_recipe('bandit-10-10')['meta_batch'] == 128
    assert find_recipe('bandit-100-10') == RECIPES['default']['bandit']
    assert find_recipe('bandit-10-10', 'paper') == RECIPES['paper']['bandit']


def test_what_is_given_stays_and_what_is_open_is_filled():
    settings = filled({'neurons': 7, 'entropy': None, 'write': 'mlp'}, 'harlow')
    assert settings['neurons'] == 7
    assert settings['entropy'] == RECIPES['default']['harlow']['entropy']
    assert settings['write'] == 'mlp'
    assert settings['scale_rewards'] is False


def test_a_recipe_that_no_paper_states_is_refused():
    with pytest.raises(click.UsageError, match='do not state with what they trained on it'):
        find_recipe('ml10', 'paper')


def test_a_recipe_has_no_more_minibatches_than_trials():
    few = {'meta_batch': 3, 'minibatches': None}
    assert filled(few, 'ml10')['minibatches'] == 3
    assert filled(few | {'meta_batch': 7}, 'ml10')['minibatches'] == 5
    with pytest.raises(click.UsageError, match='--minibatches is 4, but .* there are 3'):
        filled(few | {'minibatches': 4}, 'ml10')
