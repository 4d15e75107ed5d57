"""A run's last snapshot is opened, or refused with the reason."""

import json

from metods_garage.experiment.snapshot import write_snapshot
from metods_garage.experiment.trained_run import open_trained_run, read_configuration

import click
import pytest

CONFIG = {'benchmark': 'harlow', 'protocol': {'name': 'smoke'}, 'method': 'rl2', 'seed': 1}


def test_a_config_that_is_not_a_runs_is_refused_by_name(tmp_path):
    (tmp_path / 'config.json').write_text(json.dumps(CONFIG))
    assert read_configuration(tmp_path) == CONFIG
    (tmp_path / 'config.json').write_text('{"seed": 1, "method": "rl2"}')
    with pytest.raises(click.ClickException, match='config.json lacks benchmark, protocol'):
        read_configuration(tmp_path)


def test_tensorflow_is_not_started_for_who_does_not_welcome_it(tmp_path):
    (tmp_path / 'config.json').write_text(json.dumps(CONFIG))
    content = {'evaluator': None, 'session': True}
    write_snapshot(tmp_path / 'evaluator.bin', content, configuration='')
    with pytest.raises(click.ClickException, match='a run of a TensorFlow algorithm'):
        with open_trained_run(tmp_path, tensorflow=False):
            pass
