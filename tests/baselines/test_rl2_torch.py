"""rl2_torch is MetODS with another cell."""

import sys

import rl2_torch

from tests.baselines.conftest import ROOT


def defaults(options):
    return {option.name: option.default for option in options}


def test_what_both_can_set_has_the_same_default(monkeypatch):
    monkeypatch.setattr(sys, 'path', [*sys.path, str(ROOT / 'launchers')])
    import click
    import metods_recipe

    metods = defaults(click.command()(metods_recipe.metods_options(lambda **_: None)).params)
    ours = defaults(rl2_torch.rl2_torch.params)

    shared = metods.keys() & ours.keys() - {'meta_batch'}
    assert shared >= {'algo', 'learning_rate', 'entropy', 'value', 'discount', 'gae_lambda'}
    assert {name: ours[name] for name in shared} == {name: metods[name] for name in shared}
    assert metods['meta_batch'] == rl2_torch.META_BATCH


def test_algorithms_are_the_same(monkeypatch):
    monkeypatch.setattr(sys, 'path', [*sys.path, str(ROOT / 'launchers')])
    import metods_recipe

    assert rl2_torch.ALGORITHMS == metods_recipe.ALGORITHMS
