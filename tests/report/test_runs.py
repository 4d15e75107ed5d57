from metods_garage.report import find_runs, read_run

import pytest


def flat(split, task, goal, episode):
    return 1.0, 0


def test_every_run_folder_below_is_found_and_nothing_else(make_run, tmp_path):
    first = make_run('metods', 1, [('final', 1000, flat)])
    second = make_run('maml', 2, [('final', 1000, flat)])
    (tmp_path / 'runs' / 'report').mkdir()
    (tmp_path / 'runs' / 'report' / 'evaluation.csv').write_text('not a run')

    assert find_runs(tmp_path) == sorted([first, second])
    assert find_runs(first) == [first]


def test_no_run_below_names_the_path_and_what_a_run_is(tmp_path):
    with pytest.raises(ValueError, match=f'no run found below .*{tmp_path.name}.*config.json'):
        find_runs(tmp_path)


def test_rows_are_grouped_by_evaluation_in_order_of_training_steps(make_run):
    run = read_run(
        make_run(evaluations=[('interim', 0, flat), ('interim', 600, flat), ('final', 600, flat)])
    )

    found = [(one.kind, one.training_steps, len(one.rows)) for one in run.evaluations]
    assert found == [('interim', 0, 18), ('interim', 600, 18), ('final', 600, 18)]
    assert run.finished
    assert run.final.kind == 'final'


def test_training_steps_come_from_the_ledger(make_run):
    ledger = {'training_steps': 1200, 'evaluation_steps': 9, 'budget': 1000, 'overshoot': 200}
    run = read_run(make_run(evaluations=[('interim', 600, flat)], ledger=ledger))

    assert (run.training_steps, run.overshoot, run.finished) == (1200, 200, False)


def test_run_without_rows_is_unfinished(make_run):
    folder = make_run()

    assert read_run(folder).last is None
    (folder / 'evaluation.csv').write_text('')
    assert read_run(folder).evaluations == ()


@pytest.mark.parametrize(
    ('damage', 'complaint'),
    [
        (lambda line: line.replace('reach', 'reach,1'), 'values too many'),
        (lambda line: line[: len(line) // 2], 'ends before the column'),
        (lambda line: line.replace(',1.0,', ',nan,'), 'return is nan'),
        (lambda line: line.replace(',1.0,', ',much,'), "return is 'much'"),
        (lambda line: line.replace('train', 'trian'), "split is 'trian'"),
        (lambda line: line.replace('final', 'finale'), "kind is 'finale'"),
        (lambda line: line.replace(',1000,', ',1e3,'), "training_steps is '1e3'"),
        (lambda line: line.replace(',0,500', ',2,500'), "success is '2'"),
    ],
)
def test_damaged_row_names_file_and_line(make_run, damage, complaint):
    folder = make_run(evaluations=[('final', 1000, flat)])
    path = folder / 'evaluation.csv'
    lines = path.read_text().splitlines()
    lines[4] = damage(lines[4])
    path.write_text('\n'.join(lines))

    with pytest.raises(ValueError, match=f'evaluation.csv, line 5: .*{complaint}'):
        read_run(folder)


def test_row_that_stands_twice_is_refused(make_run):
    folder = make_run(evaluations=[('final', 1000, flat)])
    path = folder / 'evaluation.csv'
    lines = path.read_text().splitlines()
    path.write_text('\n'.join([*lines, lines[4]]))

    with pytest.raises(ValueError, match="train task 'reach', goal 1, episode 0 twice"):
        read_run(folder)


@pytest.mark.parametrize('text', ['{"benchmark": ', '[1]', '{"benchmark": "ml10"}'])
def test_damaged_config_names_its_file(make_run, text):
    folder = make_run(evaluations=[('final', 1000, flat)])
    (folder / 'config.json').write_text(text)

    with pytest.raises(ValueError, match='config.json'):
        read_run(folder)
