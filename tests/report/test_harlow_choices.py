"""Right choices are recovered from returns."""

import subprocess
import sys

from metods_garage.envs.harlow import HarlowVectorEnv
from metods_garage.report.harlow_choices import choices_table, count_choices, right_later_choices
from metods_garage.report.rows import EvaluationRow
from metods_garage.report.runs import read_run

import numpy as np
import pytest

N_EPISODES, MAX_STEPS = 4000, 60


@pytest.fixture(scope='module')
def played():
    """Return, length, right and wrong choices, and the right ones after the first, of episodes.

    Actions are random, and so slow that many an episode is cut, at any number of choices.
    """
    seed = 5
    print(f'seed: {seed}')
    generator = np.random.default_rng(seed)
    env = HarlowVectorEnv(N_EPISODES, max_steps=MAX_STEPS)
    env.reset(seed=seed)
    total, length = np.zeros(N_EPISODES), np.zeros(N_EPISODES, dtype=int)
    right, wrong, later = (np.zeros(N_EPISODES, dtype=int) for _ in range(3))
    live = np.ones(N_EPISODES, dtype=bool)
    while live.any():
        _, rewards, terminated, truncated, _ = env.step(generator.integers(2, size=N_EPISODES))
        rewards = np.where(live, rewards, 0)
        later += (rewards > 0.5) & (right + wrong > 0)
        right, wrong = right + (rewards > 0.5), wrong + (rewards < -0.5)
        total, length = total + rewards, length + live
        live &= ~(terminated | truncated)
    return total, length, right, wrong, later


def test_every_return_has_its_right_and_wrong_choices(played):
    total, length, right, wrong, _ = played
    assert set(right + wrong) == {0, 1, 2, 3, 4, 5}
    found = [count_choices(*one, horizon=MAX_STEPS) for one in zip(total, length, strict=True)]
    one_solution = (length < MAX_STEPS) | (np.round(total, 6) != 0) | (right + wrong == 0)
    assert one_solution.mean() > 0.99
    expected = np.stack([right, wrong], axis=1)
    np.testing.assert_array_equal(np.array(found)[one_solution], expected[one_solution])


def row(total, length):
    return EvaluationRow(0, 'final', 'test', 'harlow', 0, 0, 'test', total, 0.0, length)


def test_the_estimate_of_later_choices_is_unbiased(played):
    total, length, _, _, later = played
    rows = [row(*one) for one in zip(total, length, strict=True)]
    error = right_later_choices(rows, horizon=MAX_STEPS) - later / 4
    assert abs(error.mean()) < 3 * error.std() / N_EPISODES**0.5
    assert error.std() > 0  # one episode alone does not say which of its choices were right


def test_returns_that_can_not_be_are_refused():
    with pytest.raises(ValueError, match='0.7'):
        count_choices(0.7, 30)
    with pytest.raises(ValueError, match='of 30 steps'):
        count_choices(0.4, 30)  # two marks and a right and a wrong choice: not the end


def test_the_command_prints_the_table(make_run, tmp_path):
    def solved(split, task, goal, episode):
        return (6.0 if goal < 5 else 4.0), 1

    folder = make_run(
        benchmark='harlow', evaluations=[('final', 1000, solved)], tasks={'test': ['harlow']},
        goals=10,
    )  # fmt: skip
    table = choices_table([read_run(folder)])
    assert table.splitlines()[-1].count('100.0 [') == 2  # half of the first choices was right
    done = subprocess.run(
        [sys.executable, '-m', 'metods_garage.report', 'choices', str(tmp_path / 'runs')],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == table
