import dataclasses

from metods_garage.experiment import configuration as module

import pytest


def test_equal_configurations_have_equal_digests(configuration):
    assert configuration.digest == dataclasses.replace(configuration).digest


@pytest.mark.parametrize(
    'change', [{'seed': 4}, {'method': 'maml'}, {'settings': {'neurons': 7}}, {'execution': {}}]
)
def test_any_difference_changes_the_digest(configuration, change):
    assert configuration.digest != dataclasses.replace(configuration, **change).digest


def test_what_only_describes_the_moment_is_no_difference(configuration):
    recorded = configuration.as_dict() | {'git_commit': 'abc', 'command': 'python x'}
    assert configuration.differences(recorded) == []


def test_a_missing_setting_is_a_difference(configuration):
    recorded = configuration.as_dict() | {'settings': {}}
    assert configuration.differences(recorded) == ['settings.neurons: None there, 6 asked for']


def test_the_command_to_go_on_is_the_command_with_resume(monkeypatch):
    monkeypatch.setattr('sys.argv', ['launchers/a b.py', '--overwrite', '--seed', '2'])
    assert module.command() == "python 'launchers/a b.py' --overwrite --seed 2"
    assert module.command('--resume') == "python 'launchers/a b.py' --seed 2 --resume"
