import subprocess

from metods_garage.compat import all_adjustments

import pytest


@pytest.mark.parametrize('adjusted', [False, True])
def test_a_relative_log_folder_is_relative_to_where_the_experiment_is_started(
    as_released, adjusted, tmp_path, monkeypatch
):
    experiment = as_released('garage.experiment.experiment')
    if adjusted:
        all_adjustments()['launcher-archive'].apply_to(experiment)
    repository, elsewhere = tmp_path / 'repository', tmp_path / 'elsewhere'
    for folder in (repository, elsewhere / 'log'):
        folder.mkdir(parents=True)
    subprocess.run(['git', 'init', '-q'], cwd=repository, check=True)
    (repository / 'launcher.py').write_text('')
    monkeypatch.chdir(elsewhere)

    def archive():
        experiment.make_launcher_archive(git_root_path=str(repository).encode(), log_dir='log')

    if adjusted:
        archive()
        assert (elsewhere / 'log' / 'launch_archive.tar.xz').stat().st_size > 0
    else:
        with pytest.raises(subprocess.CalledProcessError):
            archive()
