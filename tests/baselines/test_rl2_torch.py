"""rl2_torch is MetODS with another cell."""

import sys

from tests.baselines.conftest import ROOT

import rl2_torch


def defaults(command):
    return {option.name: option.default for option in command.params}


def test_what_both_can_set_has_the_same_default(monkeypatch):
    monkeypatch.setattr(sys, 'path', [*sys.path, str(ROOT / 'launchers')])
    import ml1_metods

    metods, ours = defaults(ml1_metods.ml1_metods), defaults(rl2_torch.rl2_torch)

    shared = metods.keys() & ours.keys()
    assert shared >= {'algo', 'learning_rate', 'entropy', 'value', 'discount', 'meta_batch'}
    assert {name: ours[name] for name in shared} == {name: metods[name] for name in shared}
