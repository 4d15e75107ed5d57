from metods_garage.experiment import EVALUATION_COLUMNS
from metods_garage.experiment.evaluation_csv import EvaluationCsv

import pytest


def _row(**changes):
    return dict.fromkeys(EVALUATION_COLUMNS, 0) | changes


def test_rows_are_appended_below_the_header(tmp_path):
    file = EvaluationCsv(tmp_path / 'evaluation.csv')
    file.append([_row(goal=1)])
    file.append([_row(goal=2, success='')])
    lines = (tmp_path / 'evaluation.csv').read_text().splitlines()
    assert lines[0] == ','.join(EVALUATION_COLUMNS)
    assert [line.split(',')[8] for line in lines[1:]] == ['1', '2']


def test_rows_after_a_snapshot_are_cut(tmp_path):
    file = EvaluationCsv(tmp_path / 'evaluation.csv')
    file.append([_row()])
    size, before = file.n_bytes, (tmp_path / 'evaluation.csv').read_bytes()
    file.append([_row()])
    EvaluationCsv(tmp_path / 'evaluation.csv', keep_bytes=size)
    assert (tmp_path / 'evaluation.csv').read_bytes() == before


def test_a_file_that_lost_rows_is_refused(tmp_path):
    file = EvaluationCsv(tmp_path / 'evaluation.csv')
    with pytest.raises(ValueError, match='rows of it were lost'):
        EvaluationCsv(tmp_path / 'evaluation.csv', keep_bytes=file.n_bytes + 1)


def test_the_reports_columns_are_these():
    from metods_garage.report.rows import COLUMNS

    assert tuple(COLUMNS) == EVALUATION_COLUMNS
