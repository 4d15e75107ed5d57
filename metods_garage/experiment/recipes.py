"""What a method is trained with where its user says nothing, by task: data, like the protocols."""

from collections.abc import Mapping
from typing import Any

from metods_garage.experiment.task_protocols import task_family

import click

# What is trained through trials of thousands of steps. With `SHORT_TRIALS` the weights forget
# within twenty of them (results/ml1-reach/README.md).
_META_WORLD = {
    'algo': 'ppo',
    'learning_rate': 1e-3,
    'entropy': 1e-3,
    'value': 0.4,
    'meta_batch': 10,
    'epochs': 4,
    'minibatches': 5,
    'discount': 0.99,
    'gae_lambda': 0.95,
    'anneal': False,
    'gradient_steps': None,
    'init_std': 0.5,
    'learn_std': True,
    'training_horizon': None,
    'normalize_observations': True,
    'scale_rewards': True,
    'neurons': 100,
    'inner_steps': 4,
    'normalize': 'cap',
    'cap': 0.4,
    'alpha_scale': 1e-3,
    'alpha_spread': 3.0,
    'alpha_rate': 0.05,
    'beta_rate': 0.02,
}

# What trials of at most a few hundred steps are trained with.
SHORT_TRIALS = {'alpha_spread': 0.0, 'beta_rate': 1.0}

# D, Table 5. S is N's. Nothing is said of the optimizer, the start of alpha, kappa and beta, or a
# scale of observations and rewards.
_PAPER = (
    _META_WORLD
    | SHORT_TRIALS
    | {
        'algo': 'a2c',
        'minibatches': 2,
        'init_std': 1.0,
        'learning_rate': 5e-4,
        'value': 0.4,
        'meta_batch': 20,
        'discount': 0.9,
        'normalize_observations': False,
        'scale_rewards': False,
        'normalize': 'none',
        'alpha_scale': 0.01,
        'alpha_rate': 1.0,
    }
)
_PAPER_HARLOW = _PAPER | {'neurons': 20, 'gae_lambda': 1.0, 'entropy': 3e-2}
_PAPER_MAZE = _PAPER | {'neurons': 200, 'gae_lambda': 1.0, 'value': 0.1, 'entropy': 3e-2}
_PAPER_BANDIT = _PAPER | {'neurons': 100, 'gae_lambda': 0.3, 'entropy': 1e-2}
_PAPER_DIRECTION = _PAPER | {
    'neurons': 100,
    'learning_rate': 1e-4,
    'meta_batch': 50,
    'discount': 0.95,
    'gae_lambda': 0.95,
    'entropy': 1e-2,
    'init_std': 0.1,
    'learn_std': False,
}

_LEARNS = {'learning_rate': 2e-3, 'meta_batch': 32}
_CAPPED = {'normalize': 'cap', 'cap': 1.0}
# Through 100 steps, a cap of 1 and an alpha of 0.01 have gradients whose norm is 20 to 80; and the
# loss of values that are sums of many rewards must not fill a gradient that is clipped
# (results/bandit-100-5/README.md).
_HUNDRED_STEPS = _LEARNS | {
    'algo': 'ppo',
    'value': 0.02,
    'discount': 0.95,
    'gae_lambda': 0.95,
    'anneal': True,
    'normalize': 'cap',
    'cap': 0.4,
    'alpha_scale': 1e-3,
}

# Few rewards to add up, and few steps for a gradient: more trials per iteration, smaller steps, and
# neither steps nor entropy factor fall (results/bandit-10-5/README.md).
_TEN_PULLS = (
    _PAPER_BANDIT
    | _CAPPED
    | {
        'algo': 'ppo',
        'learning_rate': 1e-3,
        'meta_batch': 128,
        'discount': 0.99,
        'gae_lambda': 0.9,
        'neurons': 50,
    }
)

#: Settings by recipe and benchmark, or family of tasks. 'default' is what was seen to learn in an
#: hour of one core; 'paper' is what D states, which takes many times as long.
RECIPES: dict[str, dict[str, Mapping[str, Any]]] = {
    'default': {
        'meta-world': _META_WORLD,
        # A2C's one update per iteration is too little for some seeds in 2 M steps, and weights
        # without a cap can overflow in the long episodes of evaluation (results/harlow/README.md)
        'harlow': _PAPER_HARLOW | _LEARNS | _CAPPED | {'algo': 'ppo', 'training_horizon': 80},
        # what was tried: results/maze-8/README.md
        'maze': _PAPER_MAZE
        | _HUNDRED_STEPS
        | {
            'neurons': 64,
            'learning_rate': 1e-3,
            'discount': 0.9,
            'entropy': 1e-2,
            'alpha_rate': 0.05,
        },
        'bandit': _PAPER_BANDIT
        | _HUNDRED_STEPS
        | {
            'neurons': 50,
            'meta_batch': 128,
            'minibatches': 4,
            'entropy': 0.05,
            'discount': 0.99,
            'gae_lambda': 0.9,
        },
        **{f'bandit-10-{n_arms}': _TEN_PULLS for n_arms in (5, 10, 50)},
        # as results/cheetah-dir was trained; what else was tried is told there
        'direction': _META_WORLD
        | SHORT_TRIALS
        | {
            'meta_batch': 20,
            'discount': 0.95,
            'neurons': 64,
            'learning_rate': 5e-4,
            'minibatches': 4,
            'anneal': True,
        },
    },
    'paper': {
        'harlow': _PAPER_HARLOW,
        'maze': _PAPER_MAZE,
        'bandit': _PAPER_BANDIT,
        'direction': _PAPER_DIRECTION,
    },
}


def find_recipe(benchmark_name: str, name: str = 'default') -> Mapping[str, Any]:
    """The settings of a recipe on a benchmark: its own, or else those of its family.

    Args:
        benchmark_name: Name of the benchmark.
        name: A key of `RECIPES`.

    Returns:
        Settings by name.

    Raises:
        click.UsageError: If the papers state no settings for this benchmark.

    """
    recipes, family = RECIPES[name], task_family(benchmark_name)
    if benchmark_name in recipes:
        return recipes[benchmark_name]
    if family not in recipes:
        raise click.UsageError(
            f'there is no recipe {name!r} for {benchmark_name}: the papers do not state with what '
            f'they trained on it; leave --recipe out'
        )
    return recipes[family]


def filled(
    settings: Mapping[str, Any], benchmark_name: str, name: str = 'default'
) -> dict[str, Any]:
    """Settings, with those that were left open taken from a recipe.

    Args:
        settings: Settings by name, None where they were left open.
        benchmark_name: Name of the benchmark.
        name: A key of `RECIPES`.

    Returns:
        The same settings, and those of how a policy is built that are no options. A recipe's
        minibatches are no more than the trials that they are made of.

    Raises:
        click.UsageError: If there is no such recipe for this benchmark, or more minibatches were
            asked for than there are trials.

    """
    recipe = find_recipe(benchmark_name, name)
    chosen: dict[str, Any] = {
        key: recipe.get(key) if value is None else value for key, value in settings.items()
    }
    if 'minibatches' in settings and chosen['minibatches'] > chosen['meta_batch']:
        if settings['minibatches'] is not None:
            raise click.UsageError(
                f'--minibatches is {chosen["minibatches"]}, but a minibatch holds whole trials, of '
                f'which there are {chosen["meta_batch"]}: ask for as many at most, or raise '
                f'--meta-batch'
            )
        chosen['minibatches'] = chosen['meta_batch']
    return {key: recipe[key] for key in _NO_OPTIONS} | chosen


_NO_OPTIONS = ('normalize_observations', 'scale_rewards')
