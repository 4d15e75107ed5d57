import dataclasses
import sys

from metods_garage.experiment import configuration as module

import pytest


def test_equal_configurations_have_equal_digests(configuration):
    assert configuration.digest == dataclasses.replace(configuration).digest


@pytest.mark.parametrize(
    'change', [{'seed': 4}, {'method': 'maml'}, {'settings': {'neurons': 7}}, {'execution': {}}]
)
def test_any_difference_changes_the_digest(configuration, change):
    assert configuration.digest != dataclasses.replace(configuration, **change).digest


def test_a_run_goes_on_with_other_workers(configuration):
    four, two = (
        dataclasses.replace(
            configuration, execution={'device': 'cpu', 'sampler': sampler, 'workers': workers}
        )
        for sampler, workers in (('multiprocessing', 4), ('local', 1))
    )
    assert four.digest == two.digest
    assert four.differences(two.as_dict()) == []


def test_a_run_does_not_go_on_with_another_device(configuration):
    other = dataclasses.replace(configuration, execution={'device': 'cuda'})
    assert configuration.differences(other.as_dict()) == [
        "execution.device: 'cuda' there, 'cpu' asked for"
    ]


def test_a_run_goes_on_with_the_environments_that_it_began_with(configuration):
    on, off = (
        dataclasses.replace(configuration, execution={'device': 'cpu', 'accelerate': accelerate})
        for accelerate in (True, False)
    )
    assert on.differences(off.as_dict()) == ['execution.accelerate: False there, True asked for']


def test_what_only_describes_the_moment_is_no_difference(configuration):
    recorded = configuration.as_dict() | {'git_commit': 'abc', 'command': 'python x'}
    assert configuration.differences(recorded) == []


def test_a_missing_setting_is_a_difference(configuration):
    recorded = configuration.as_dict() | {'settings': {}}
    assert configuration.differences(recorded) == ['settings.neurons: nothing there, 6 asked for']


def test_a_setting_that_the_run_is_older_than_comes_with_the_commit_that_resumes_it(configuration):
    recorded = configuration.as_dict() | {'settings': {}, 'git_commit': 'abc'}
    assert configuration.differences(recorded) == [
        'settings.neurons: nothing there, 6 asked for (if it is newer than that run, commit abc '
        'resumes it)'
    ]


def test_a_setting_that_is_off_differs_from_none_recorded(configuration):
    wanted = dataclasses.replace(configuration, settings={'neurons': 6, 'gradient_steps': None})
    said = ['settings.gradient_steps: nothing there, None asked for']
    assert wanted.differences(configuration.as_dict()) == said


def test_the_command_to_go_on_is_the_command_with_resume(monkeypatch):
    monkeypatch.setattr(module, 'interpreter', lambda: 'python')
    monkeypatch.setattr('sys.argv', ['launchers/a b.py', '--overwrite', '--seed', '2'])
    assert module.command() == "python 'launchers/a b.py' --overwrite --seed 2"
    assert module.command('--resume') == "python 'launchers/a b.py' --seed 2 --resume"


def test_the_command_names_the_python_that_runs(monkeypatch, tmp_path):
    folder = tmp_path / '.venv' / 'bin'
    folder.mkdir(parents=True)
    for name in ('python', 'python3'):
        (folder / name).symlink_to(sys.executable)
    monkeypatch.setattr('sys.executable', str(folder / 'python3'))

    monkeypatch.setenv('PATH', str(folder))  # the environment is active
    assert module.interpreter() == 'python'
    monkeypatch.setenv('PATH', str(tmp_path))  # it is not
    assert module.interpreter() == str(folder / 'python3')
    monkeypatch.chdir(tmp_path)
    assert module.interpreter() == '.venv/bin/python3'
