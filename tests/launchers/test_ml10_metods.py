"""`launchers/ml10_metods.py` as a user meets it."""

import csv

LAUNCHER = 'launchers/ml10_metods.py'


def test_a_run_trains_on_all_ten_classes_and_is_evaluated_on_all_fifteen(tmp_path, run_launcher):
    status, out, error = run_launcher(
        LAUNCHER, '--protocol', 'smoke', '--total-steps', '400', '--workers', '1',
        '--neurons', '6', '--inner-steps', '2', '--algo', 'ppo', cwd=tmp_path,
    )  # fmt: skip
    assert status == 0, error
    folder = tmp_path / 'runs' / 'ml10' / 'metods_ppo' / 'seed_1'
    with open(folder / 'evaluation.csv', newline='') as file:
        rows = [row for row in csv.DictReader(file) if row['kind'] == 'final']
    assert len({row['task'] for row in rows if row['split'] == 'train'}) == 10
    assert len({row['task'] for row in rows if row['split'] == 'test'}) == 5
    assert len(rows) == 15 * 2 * 2  # classes x goals x episodes
    assert '--protocol paper' in out  # how to take the full 10 M steps


def test_bad_input_is_one_line_and_no_folder(tmp_path, run_launcher):
    status, _, error = run_launcher(
        LAUNCHER, '--protocol', 'smoke', '--total-steps', '399', cwd=tmp_path
    )
    assert status == 2
    assert 'budget of 399 training steps is smaller than one iteration of 400' in error
    assert 'Traceback' not in error
    assert not (tmp_path / 'runs').exists()
