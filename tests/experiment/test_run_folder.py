import dataclasses
import json

from metods_garage.experiment import RunFolder, RunFolderError
from metods_garage.experiment.run_folder import default_run_dir

import dowel
import pytest


def test_where_a_run_goes():
    assert str(default_run_dir('runs', 'ml10', 'maml', 7)) == 'runs/ml10/maml/seed_7'


def test_a_new_folder_says_what_made_it(tmp_path, configuration):
    with RunFolder(tmp_path / 'a' / 'b', configuration) as run:
        config = json.loads((run.path / 'config.json').read_text())
    assert config['benchmark'] == 'bandit-2'
    assert config['method'] == 'metods_a2c'
    assert config['seed'] == 3
    assert config['protocol'] == configuration.protocol.as_dict()
    assert config['settings'] == {'neurons': 6}
    assert {'python', 'garage', 'torch'} <= config['versions'].keys()
    assert {'git_commit', 'command'} <= config.keys()


def test_a_folder_with_a_run_names_the_ways_out(tmp_path, configuration):
    with RunFolder(tmp_path, configuration):
        pass
    with (
        pytest.raises(RunFolderError, match='--resume .*--overwrite .*--run-dir'),
        RunFolder(tmp_path, configuration),
    ):
        pass


def test_resuming_nothing_is_an_error(tmp_path, configuration):
    with (
        pytest.raises(RunFolderError, match='no run to resume'),
        RunFolder(tmp_path, configuration, resume=True),
    ):
        pass


def test_resuming_with_other_settings_names_the_difference(tmp_path, configuration):
    with RunFolder(tmp_path, configuration):
        pass
    other = dataclasses.replace(configuration, settings={'neurons': 7})
    with (
        pytest.raises(RunFolderError, match='settings.neurons: 6 there, 7 asked for'),
        RunFolder(tmp_path, other, resume=True),
    ):
        pass


def test_overwriting_removes_the_run_and_nothing_else(tmp_path, configuration):
    with RunFolder(tmp_path, configuration) as run:
        run.write_snapshot({'a': 1})
    (tmp_path / 'notes.txt').write_text('mine')
    (tmp_path / 'report').mkdir()
    (tmp_path / 'report' / 'table.txt').write_text('of the run before')
    (tmp_path / 're-evaluation-test-push-v3-goal-0.mp4').write_bytes(b'film')
    with RunFolder(tmp_path, configuration, overwrite=True) as run:
        assert not run.snapshot_path.exists()
        assert not (tmp_path / 'report').exists()
        assert not list(tmp_path.glob('re-evaluation-*'))
    assert (tmp_path / 'notes.txt').read_text() == 'mine'


def test_resume_and_overwrite_exclude_each_other(tmp_path, configuration):
    with pytest.raises(RunFolderError, match='exclude'):
        RunFolder(tmp_path, configuration, resume=True, overwrite=True)


def test_a_second_process_is_kept_out(tmp_path, configuration):
    pytest.importorskip('fcntl')
    with (
        RunFolder(tmp_path, configuration),
        pytest.raises(RunFolderError, match='another process'),
        RunFolder(tmp_path, configuration, resume=True),
    ):
        pass
    with RunFolder(tmp_path, configuration, resume=True):
        pass  # the lock ends with the run


def test_a_damaged_config_is_named(tmp_path, configuration):
    with RunFolder(tmp_path, configuration):
        pass
    (tmp_path / 'config.json').write_text('{"benchmark": ')
    with (
        pytest.raises(RunFolderError, match=r'config\.json is damaged'),
        RunFolder(tmp_path, configuration, resume=True),
    ):
        pass


def test_a_folder_that_can_not_be_made_is_named(tmp_path, configuration):
    (tmp_path / 'file').write_text('')
    with (
        pytest.raises(RunFolderError, match='can not make'),
        RunFolder(tmp_path / 'file' / 'run', configuration),
    ):
        pass


def test_dowel_logs_into_the_folder_and_nowhere_afterwards(tmp_path, configuration):
    with RunFolder(tmp_path, configuration):
        dowel.logger.log('a line')
        dowel.tabular.record('Number', 1.5)
        dowel.tabular.record('TotalEnvSteps', 10)
        dowel.logger.log(dowel.tabular)
        dowel.logger.dump_all(0)
    assert 'a line' in (tmp_path / 'console.log').read_text()
    assert (tmp_path / 'progress.csv').read_text() == 'Number,TotalEnvSteps\n1.5,10\n'
    assert list(tmp_path.glob('events.out.tfevents.*'))
    assert not dowel.logger._outputs
