"""Runs that met the same tasks are compared task by task."""

import re
import subprocess
import sys

from metods_garage.report.paired import paired_difference, paired_table
from metods_garage.report.runs import read_run

import pytest


def by_goal(more):
    """Returns that depend on the goal far more than on the method, which adds `more`."""
    return lambda split, task, goal, episode: (100.0 + 50.0 * (goal % 2) + more * (goal % 3), '')


def run_of(make_run, method, more, **choices):
    folder = make_run(
        method, benchmark='bandit-10-5', evaluations=[('final', 0, by_goal(more))],
        tasks={'test': ['bandit-10-5']}, goals=choices.pop('goals', 60), **choices,
    )  # fmt: skip
    return read_run(folder)


def test_the_interval_is_of_the_differences_not_of_the_returns(make_run):
    reference, run = run_of(make_run, 'gittins', 0.0), run_of(make_run, 'metods', -3.0)
    found = paired_difference(run.final, reference.final)
    assert found.mean == pytest.approx(-3.0)  # goal % 3 has the mean 1
    assert -4.0 < found.low < -3.0 < found.high < -2.0  # goals alone would spread it by 12
    assert paired_difference(run.final, run.final) == pytest.approx((0.0, 0.0, 0.0))


def test_the_table_gives_percent_of_the_reference_and_all_seeds_together(make_run):
    reference = run_of(make_run, 'gittins', 0.0)
    runs = [run_of(make_run, 'metods', more, seed=seed) for seed, more in ((1, -1.0), (2, -3.0))]
    table = paired_table([reference, *runs], reference).splitlines()
    (both,) = [line for line in table if line.split()[:2] == ['metods', 'all']]
    assert '-1.60 % [' in both  # a mean of -2 of the reference's 125
    assert '123.00' in both
    assert len([line for line in table if line.startswith('gittins')]) == 1


def test_a_split_that_nobody_was_evaluated_on_is_refused(make_run):
    run = run_of(make_run, 'metods', 0.0)
    with pytest.raises(ValueError, match='neither evaluation has a return of training tasks'):
        paired_difference(run.final, run.final, split='train')


def test_splits_are_compared_each_for_itself(make_run):
    def run(method, extra):
        def scores(split, task, goal, episode):
            return 100.0 + extra[split], float(split == 'train' and extra[split] > 0)

        return read_run(make_run(method, evaluations=[('final', 0, scores)]))

    reference = run('random_policy', {'train': 0.0, 'test': 0.0})
    other = run('metods', {'train': 50.0, 'test': -10.0})
    lines = paired_table([reference, other], reference).splitlines()
    assert [line.split()[:4] for line in lines if line.startswith('metods')] == [
        ['metods', '1', '2', 'training'],
        ['metods', '1', '4', 'test'],
    ]
    assert [line.split()[4:6] for line in lines if line.startswith('metods')] == [
        ['150.00', '50.0'],
        ['90.00', '-10.0'],
    ]
    assert paired_difference(other.final, reference.final, split='train').mean == 50.0
    # of a reference that never succeeds there is no share
    success = paired_table([other], reference, 'success').splitlines()
    (training,) = [line for line in success if line.startswith('metods') and 'training' in line]
    assert training.endswith('  100.0 [100.0, 100.0]  -')


def test_a_run_of_other_settings_than_the_reference_is_told_from_it(make_run):
    reference = run_of(make_run, 'metods', 0.0, settings={'cap': 1.0})
    other = run_of(make_run, 'metods', 1.0, settings={'cap': 0.4}, root='other')
    title, _, _, _, first, second = paired_table([reference, other], reference).splitlines()
    assert title.endswith('paired differences to metods [cap=1.0]')
    assert first.startswith('metods [cap=1.0]')
    assert second.startswith('metods [cap=0.4]')


def test_other_tasks_are_refused(make_run):
    reference, run = run_of(make_run, 'gittins', 0.0), run_of(make_run, 'metods', 0.0, goals=59)
    with pytest.raises(ValueError, match=r"can not be paired.*'bandit-10-5', 59"):
        paired_table([run], reference)


def test_seeds_are_compared_with_the_reference_of_the_same_seed(make_run):
    references = [
        run_of(make_run, 'rl2', more, seed=seed) for seed, more in ((1, 0.0), (2, 4.0), (3, -4.0))
    ]
    runs = [
        run_of(make_run, 'metods', more, seed=seed)
        for seed, more in ((1, 2.0), (2, 7.0), (3, -3.0), (4, 9.0))
    ]
    table = paired_table([*references, *runs], references)
    rows = {tuple(line.split()[:2]): line.split()[4:6] for line in table.splitlines()}
    assert rows['metods', '1'] == ['127.00', '2.00']
    assert rows['metods', '2'] == ['132.00', '3.00']
    assert rows['metods', '3'] == ['122.00', '1.00']
    assert rows['rl2', 'all'] == ['125.00', '-']
    assert rows['metods', 'all'] == ['127.00', '2.00']
    assert ('metods', '4') not in rows
    assert table.splitlines()[-1].endswith('seed_4 is left out: the reference has no seed 4')


def test_the_interval_over_seeds_is_of_the_spread_of_both_methods(make_run):
    runs = [run_of(make_run, 'metods', 2.0, seed=seed) for seed in (1, 2, 3)]
    steady = [run_of(make_run, 'steady', 0.0, seed=seed) for seed in (1, 2, 3)]
    shaky = [
        run_of(make_run, 'shaky', more, seed=seed) for seed, more in ((1, -9.0), (2, 0.0), (3, 9.0))
    ]

    def width(references):
        (found,) = [
            line
            for line in paired_table([*references, *runs], references).splitlines()
            if line.split()[:2] == ['metods', 'all']
        ]
        low, high = re.search(r'\[([-\d.]+), ([-\d.]+)\]', found).groups()
        return float(high) - float(low)

    assert width(shaky) > 10 > width(steady)


def test_a_reference_of_two_methods_is_refused(make_run):
    one, other = run_of(make_run, 'rl2', 0.0), run_of(make_run, 'maml', 0.0, seed=2)
    run = run_of(make_run, 'metods', 0.0)
    with pytest.raises(ValueError, match='seeds of one method, and these are maml, rl2: choose'):
        paired_table([run], [one, other])


def test_other_episodes_than_the_test_episodes_may_be_compared(make_run):
    def run(method, by_episode):
        scores = lambda split, task, goal, episode: (by_episode[episode], '')  # noqa: E731
        return read_run(make_run(method, evaluations=[('final', 0, scores)], goals=3))

    reference, other = run('rl2', (10.0, 20.0, 30.0)), run('metods', (16.0, 22.0, 34.0))

    def difference(**words):
        lines = paired_table([reference, other], reference, **words).splitlines()
        (found,) = [line for line in lines if line.split()[:4] == ['metods', '1', '6', 'test']]
        return lines[0], found.split()[5]

    assert difference() == ('ml10: paired differences to rl2', '4.00')
    title = 'ml10: paired differences to rl2, later episodes of a trial'
    assert difference(episodes='later') == (title, '3.00')
    assert difference(episodes='all')[1] == '4.00'


def test_an_unfinished_run_is_left_out_by_name_and_is_no_reference(make_run):
    reference, run = run_of(make_run, 'rl2', 0.0), run_of(make_run, 'metods', 1.0)
    begun = read_run(make_run('pearl', benchmark='bandit-10-5'))
    table = paired_table([reference, run, begun], reference)
    assert table.splitlines()[-1] == f'{begun.folder} is left out: it is not finished'
    assert '\nmetods ' in table
    with pytest.raises(ValueError, match='has no final evaluation: resume the run'):
        paired_table([run], begun)


def test_the_command_prints_the_table(make_run, tmp_path):
    reference, run = run_of(make_run, 'gittins', 0.0), run_of(make_run, 'metods', -3.0)
    words = [sys.executable, '-m', 'metods_garage.report', 'paired']
    done = subprocess.run(
        [*words, str(reference.folder), str(tmp_path / 'runs')],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == paired_table([reference, run], reference)
