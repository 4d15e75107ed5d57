from metods_garage.experiment.progress_csv import ProgressCsv

import dowel


def _record(output, **numbers):
    tabular = dowel.TabularInput()
    for key, value in numbers.items():
        tabular.record(key, value)
    output.record(tabular)


def test_columns_are_in_order_whenever_they_came(tmp_path):
    path = tmp_path / 'progress.csv'
    output = ProgressCsv(path)
    _record(output, b=1, c=2)
    _record(output, a=0, b=1, c=2)
    assert path.read_text() == 'a,b,c\n,1,2\n0,1,2\n'


def test_rows_that_are_taken_back_take_their_columns_along(tmp_path):
    path = tmp_path / 'progress.csv'
    output = ProgressCsv(path)
    _record(output, b=1)
    _record(output, a=0, b=2)
    output = ProgressCsv(path, keep_rows=1)
    assert path.read_text() == 'b\n1\n'
    _record(output, b=3)
    assert path.read_text() == 'b\n1\n3\n'


def test_a_row_cut_short_by_a_kill_does_no_harm(tmp_path):
    path = tmp_path / 'progress.csv'
    _record(ProgressCsv(path), a=1, b=2)
    with open(path, 'a') as file:
        file.write('3')
    assert ProgressCsv(path, keep_rows=1).n_rows == 1
    assert path.read_text() == 'a,b\n1,2\n'
