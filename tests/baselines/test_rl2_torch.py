"""rl2_torch and elman are MetODS with another cell."""

import json
import sys

from tests.baselines.conftest import ROOT

import click.testing
import pytest


@pytest.fixture(scope='module')
def settings(launch, tmp_path_factory):
    """What the launcher of MetODS and the two baselines trained with on the same task."""
    folder = tmp_path_factory.mktemp('runs')
    words = ('--protocol', 'smoke', '--workers', '1', '--run-dir')
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, 'path', [*sys.path, str(ROOT / 'launchers')])
        from harlow_metods import harlow_metods

        options = [*words, str(folder / 'metods')]
        result = click.testing.CliRunner().invoke(harlow_metods, options)
    assert result.exit_code == 0, result.output + repr(result.exception)
    for method in ('rl2_torch', 'elman'):
        result = launch(
            method, '--benchmark', 'harlow', '--meta-batch', '32', *words, folder / method
        )
        assert result.exit_code == 0, result.output + repr(result.exception)
    return {
        path.name: json.loads((path / 'config.json').read_text())['settings']
        for path in folder.iterdir()
    }


@pytest.mark.parametrize('method', ['rl2_torch', 'elman'])
def test_what_both_can_set_has_the_same_default(settings, method):
    metods, ours = settings['metods'], settings[method]
    shared = metods.keys() & ours.keys()
    assert shared >= {'algo', 'learning_rate', 'entropy', 'value', 'discount', 'training_horizon'}
    assert {name: ours[name] for name in shared} == {name: metods[name] for name in shared}
    assert ours.keys() - shared == {'hidden_size'}
