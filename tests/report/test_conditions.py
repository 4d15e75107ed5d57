"""The table of test conditions is made of the rows and nothing else."""

import re

from metods_garage.report.conditions import conditions_table, gains_table, resistance

import numpy as np
import pytest


def rows(condition, returns, *, success='', episodes=1, task='dir'):
    return [
        {'condition': condition, 'split': 'test', 'task': task, 'goal': goal, 'phase': 'test',
         'episode': episode, 'return': value, 'success': success}
        for goal, value in enumerate(returns)
        for episode in range(episodes)
    ]  # fmt: skip


def line(table, start):
    (found,) = [line for line in table.splitlines() if line.startswith(start + ' ')]
    return found


def test_resistance_is_the_ratio_of_the_means_over_tasks():
    table = conditions_table(
        rows('as-trained', [100.0, 300.0])
        + rows('silent-0', [50.0, 100.0])
        + rows('silent-1', [150.0, 100.0])
        + rows('masked-reward', [0.0, 0.0]),
        'as-trained',
        ['silent-0', 'silent-1'],
    )
    assert '200.0 [' in line(table, 'as-trained')
    assert '100.0 [' in line(table, 'mean over actuators')
    assert '50.0 %' in line(table, 'resistance')  # mean 100 of impaired over mean 200 of healthy


def test_episodes_of_a_trial_have_lines_of_their_own():
    table = conditions_table(rows('switched-2', [1.0, 3.0], episodes=2), 'as-trained')
    assert '2.00 [' in line(table, 'switched-2, episode 1')
    assert line(table, 'switched-2').split()[2] == '2'  # tasks, not episodes


def test_success_is_shown_in_percent():
    table = conditions_table(rows('maze-6', [1.0, 2.0], success=1), 'as-trained')
    assert '100.0 [' in line(table, 'maze-6')


def _gain(later):
    """The gain and its interval where later episodes have these returns: one list per class."""
    found = []
    for number, returns in enumerate(later):
        name = f'class-{number}'
        found += rows('as-trained', np.zeros(len(returns)), task=name)
        found += [row | {'episode': 1} for row in rows('as-trained', returns, task=name)]
    told = line(gains_table(found, 'as-trained', []), 'as-trained')
    return tuple(map(float, re.search(r'(\S+) \[(\S+), (\S+)\]', told).groups()))


def test_what_later_episodes_gain_is_over_classes_where_there_are_several():
    mean, low, high = _gain([[0.0] * 50, [0.0] * 50, [300.0] * 50])
    assert mean == pytest.approx(100)
    assert low < 0 < 200 < high  # one class of three
    one_class = _gain([[0.0] * 100 + [300.0] * 50])
    assert one_class[0] == pytest.approx(100)
    assert 70 < one_class[1] < one_class[2] < 130
    # a class counts as much as another, however many goals it has
    assert _gain([[0.0], [30.0] * 3])[0] == pytest.approx(15)


def test_tasks_are_drawn_together_so_equal_parts_have_no_spread():
    healthy = np.array([10.0, 200.0, 30.0])
    found = resistance(healthy, 0.5 * healthy)
    assert found == pytest.approx((0.5, 0.5, 0.5))


def test_no_resistance_where_the_healthy_robot_does_not_run():
    assert resistance(np.array([-1.0, 2.0, 1.0]), np.ones(3)) is None


def test_the_interval_covers_the_true_ratio():
    seed = 11
    print(f'seed: {seed}')
    rng = np.random.default_rng(seed)
    covered = 0
    for _ in range(200):
        healthy = rng.normal(100, 30, size=80)
        impaired = 0.7 * healthy + rng.normal(0, 20, size=80)
        found = resistance(healthy, impaired, resamples=400)
        covered += found.low <= 0.7 <= found.high
    assert 180 <= covered <= 199  # 95 % of 200, within chance
