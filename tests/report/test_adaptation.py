"""First and later episodes of a trial are compared goal by goal."""

import dataclasses
import subprocess
import sys

from metods_garage.report.adaptation import adaptation_gain, adaptation_table
from metods_garage.report.runs import read_run

import pytest


def learning(gain):
    """Goals differ by far more than a trial gains, which is `gain` on average, twice for 'pull'."""

    def scores(split, task, goal, episode):
        gained = (episode > 0) * gain * (1 + goal % 2) * (2 if task == 'pull' else 1)
        return 1000.0 * goal + gained, float(episode > 0 and goal % 2)

    return scores


def run_of(make_run, gain, **choices):
    folder = make_run(evaluations=[('final', 1000, learning(gain))], goals=20, **choices)
    return read_run(folder)


def with_rows(run, rows):
    return dataclasses.replace(run, evaluations=(dataclasses.replace(run.last, rows=tuple(rows)),))


def test_the_interval_is_of_the_gains_not_of_the_goals(make_run):
    run = run_of(make_run, 10.0)
    found = adaptation_gain(run.final, split='train')
    assert found.mean == pytest.approx(15.0)
    assert 12.0 < found.low < 15.0 < found.high < 18.0  # goals alone would spread it by thousands
    # classes count the same: 'push' gains 15, 'pull' 30
    assert adaptation_gain(run.final, split='test').mean == pytest.approx(22.5)
    assert adaptation_gain(run.final, 'success', split='train').mean == pytest.approx(0.5)


def test_the_table_has_each_seed_and_all_of_them(make_run):
    runs = [run_of(make_run, gain, seed=seed) for seed, gain in ((1, 10.0), (2, 30.0))]
    table = adaptation_table(runs)
    cells = [line.split() for line in table.splitlines() if ' training ' in line]
    assert [row[3] for row in cells] == ['1', '2', 'all']
    assert [float(row[4]) for row in cells] == [9500.0] * 3
    assert [float(row[5]) for row in cells] == [9515.0, 9545.0, 9530.0]
    assert [float(row[6]) for row in cells] == [15.0, 45.0, 30.0]
    assert '50.0 [' in adaptation_table(runs, 'success')


def test_trials_of_one_episode_are_refused(make_run):
    run = run_of(make_run, 10.0)
    one = type(run.final)('final', 1000, tuple(r for r in run.final.rows if r.episode == 0))
    with pytest.raises(ValueError, match='evaluation of training tasks has trials of one episode'):
        adaptation_gain(one, split='train')
    with pytest.raises(ValueError, match='no run has a return of trials of several episodes'):
        adaptation_table([])


def test_runs_with_trials_of_one_episode_are_left_out(make_run):
    several = run_of(make_run, 10.0)
    maml = run_of(make_run, 10.0, method='maml')
    one = with_rows(maml, [row for row in maml.last.rows if row.episode == 0])
    assert adaptation_table([one, several]) == adaptation_table([several])
    with pytest.raises(ValueError, match='no run has a return'):
        adaptation_table([one])


def test_a_goal_that_lacks_an_episode_is_named(make_run):
    run = run_of(make_run, 10.0)
    rows = [row for row in run.last.rows if row.goal != 3 or row.episode > 0]
    with pytest.raises(ValueError, match=r"is not whole: \[\('reach', 3\)\] of its training"):
        adaptation_table([with_rows(run, rows)])


def test_seeds_that_met_other_goals_are_refused(make_run):
    one, two = (run_of(make_run, 10.0, seed=seed) for seed in (1, 2))
    other = with_rows(two, [row for row in two.last.rows if row.goal != 3])
    with pytest.raises(
        ValueError, match=r"tasks of the seeds of metods do not .*\[\('reach', 3\)\]"
    ):
        adaptation_table([one, other])


def test_the_command_prints_the_table(make_run, tmp_path):
    run = run_of(make_run, 10.0)
    words = [sys.executable, '-m', 'metods_garage.report', 'adaptation', str(tmp_path / 'runs')]
    done = subprocess.run(
        [*words, '--measure', 'success'], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == adaptation_table([run], 'success')
