"""The settings are those of garage's own example launchers."""

import ast
import importlib.util
import pathlib

from tests.baselines.conftest import ROOT  # noqa: F401 - makes the baselines importable

import pytest

EXAMPLES = pathlib.Path(importlib.util.find_spec('garage').origin).parent / 'examples'


def calls(path):
    """Every call of an example: the called name, and the keyword arguments that are literals."""
    found = []
    for node in ast.walk(ast.parse((EXAMPLES / path).read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            found.append((node.func.id, {kw.arg: literal(kw.value) for kw in node.keywords}))
    return found


def literal(node):
    try:
        return ast.literal_eval(node)
    except ValueError:
        if isinstance(node, ast.Call) and ast.unparse(node.func) == 'dict':
            return {kw.arg: literal(kw.value) for kw in node.keywords}
        return ast.unparse(node)


def arguments(path, name):
    (found,) = [keywords for called, keywords in calls(path) if called == name]
    return found


def defaults(path):
    """Defaults of the example's options and of its function's parameters."""
    tree = ast.parse((EXAMPLES / path).read_text())
    (function,) = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    found = {}
    names = [argument.arg for argument in function.args.args]
    for name, value in zip(reversed(names), reversed(function.args.defaults), strict=False):
        found[name] = literal(value)
    for decorator in function.decorator_list:
        if isinstance(decorator, ast.Call) and decorator.args:
            (default,) = [kw.value for kw in decorator.keywords if kw.arg == 'default']
            found[literal(decorator.args[0]).removeprefix('--')] = literal(default)
    return found


@pytest.mark.parametrize('example', ['ml1_push', 'ml10', 'ml45'])
def test_maml(example):
    import maml

    path = f'torch/maml_trpo_metaworld_{example}.py'
    theirs = arguments(path, 'MAMLTRPO')

    assert {key: theirs[key] for key in maml.EXAMPLE} == maml.EXAMPLE
    batch = maml.META_BATCH.get(example, maml.META_BATCH_ELSEWHERE)
    assert defaults(path)['meta_batch_size'] == batch


@pytest.mark.parametrize('example', ['ml1_push', 'ml10', 'ml45'])
def test_pearl(example):
    import dataclasses

    from metods_garage.experiment import PROTOCOLS

    import pearl

    theirs = defaults(f'torch/pearl_metaworld_{example}.py')
    sizes = pearl.choose_sizes(example, PROTOCOLS['paper'], 500)
    ours = pearl.EXAMPLE | dataclasses.asdict(sizes)

    assert {key: theirs[key] for key in ours} == ours
    assert theirs['latent_size'] == pearl.LATENT_SIZE
    assert theirs['encoder_hidden_size'] == pearl.ENCODER_SIZES[0]
    assert theirs['net_size'] == pearl.NETWORK_SIZES[0]


@pytest.mark.parametrize('example', ['ml1_push', 'ml10'])
def test_rl2(example):
    import rl2

    path = f'tf/rl2_ppo_metaworld_{example}.py'
    theirs = arguments(path, 'RL2PPO')

    assert {key: theirs[key] for key in rl2.EXAMPLE} == rl2.EXAMPLE
    assert defaults(path)['meta_batch_size'] == rl2.META_BATCH_ELSEWHERE


def test_rl2_on_ml45_differs_in_the_passes_over_the_data_alone():
    import rl2

    theirs = arguments('tf/rl2_ppo_metaworld_ml45.py', 'RL2PPO')

    differing = {key for key, value in rl2.EXAMPLE.items() if theirs[key] != value}
    assert differing == {'optimizer_args'}
    assert defaults('tf/rl2_ppo_metaworld_ml45.py')['meta_batch_size'] == rl2.META_BATCH['ml45']
