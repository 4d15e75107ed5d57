"""Fixation, two objects, a choice, and back: the Harlow task as the papers describe it."""

from metods_garage.envs import HarlowEnv, HarlowVectorEnv
from metods_garage.envs.harlow import N_CELLS

import numpy as np
import pytest

LEFT, RIGHT = 0, 1
TASK = {'good': 0.3, 'bad': 0.7}


def walk(env, action, n_steps):
    """Outcomes of taking an action several times."""
    return [env.step(action) for _ in range(n_steps)]


def to_the_mark(env, seen):
    """Walk to the visible fixation mark; the last outcome."""
    offset = int(np.flatnonzero(seen == 1)[0]) - 4
    return walk(env, RIGHT if offset > 0 else LEFT, abs(offset))[-1]


def start(env, seed=0):
    return env.reset(seed=seed)[0]


def test_an_episode_step_by_step():
    env = HarlowEnv(n_object_trials=2, task=TASK)
    seen = start(env)
    assert sorted(seen.tolist()) == [0] * 8 + [1]
    seen, reward, *_ = to_the_mark(env, seen)
    assert reward == pytest.approx(0.2)
    np.testing.assert_allclose(np.sort(seen[[1, 7]]), (0.3, 0.7), rtol=1e-6)  # 3 cells either side
    assert not seen[[0, 2, 3, 4, 5, 6, 8]].any()
    good_side = RIGHT if seen[7] < 0.5 else LEFT
    *way, (seen, reward, terminated, _, info) = walk(env, good_side, 3)
    assert [outcome[1] for outcome in way] == [0, 0]
    assert (reward, terminated, info['success']) == (1, False, False)
    back = 1 if good_side == RIGHT else 7
    expected = np.zeros(9)
    expected[back] = 1  # the mark, 3 cells back the way
    np.testing.assert_array_equal(seen, expected)
    seen, reward, *_ = to_the_mark(env, seen)
    assert reward == pytest.approx(0.2)
    bad_side = RIGHT if seen[7] > 0.5 else LEFT
    seen, reward, terminated, truncated, info = walk(env, bad_side, 3)[-1]
    assert (reward, terminated, truncated, info['success']) == (-1, True, False, False)


@pytest.mark.parametrize(('first', 'second', 'success'), [(0, 1, 1), (1, 1, 1), (1, 0, 0)])
def test_success_is_to_choose_rightly_after_the_first_choice(first, second, success):
    env = HarlowEnv(n_object_trials=2, task=TASK)
    seen = start(env, seed=3)
    for right in (first, second):
        seen, *_ = to_the_mark(env, seen)
        good_is_right = seen[7] < 0.5
        side = RIGHT if good_is_right == bool(right) else LEFT
        seen, reward, terminated, _, info = walk(env, side, 3)[-1]
        assert reward == (1 if right else -1)
    assert terminated
    assert info['success'] == success


def test_the_cells_are_a_ring():
    env = HarlowEnv(task=TASK)
    to_the_mark(env, start(env))
    walk(env, RIGHT, 3)
    *way, (_, reward, *_) = walk(env, RIGHT, N_CELLS - 3)  # the mark is 3 cells to the left
    assert [outcome[1] for outcome in way] == [0] * (N_CELLS - 4)
    assert reward == pytest.approx(0.2)


def test_it_is_cut_at_its_longest():
    env = HarlowEnv(max_steps=7)
    start(env)
    flags = [env.step(i % 2)[2:4] for i in range(7)]
    assert flags == [(False, False)] * 6 + [(False, True)]


def test_sides_distances_and_values_are_drawn_evenly():
    seed, n = 8, 4000
    print(f'seed {seed}')
    env = HarlowVectorEnv(n)
    seen, _ = env.reset(seed=seed)
    offsets = np.argmax(seen == 1, axis=1) - 4
    counts = np.array([np.count_nonzero(offsets == k) for k in (-3, -2, -1, 1, 2, 3)])
    assert counts.sum() == n
    assert np.abs(counts - n / 6).max() < 5 * np.sqrt(n / 6)
    sides = env._sides
    assert abs(sides.mean()) < 5 / np.sqrt(sides.size)
    values = np.array([list(env.draw_task(np.random.default_rng(i)).values()) for i in range(500)])
    assert (values[:, 0] != values[:, 1]).all()
    assert abs(values.mean() - 0.5) < 5 * np.sqrt(1 / 12 / values.size)


def test_the_smaller_field_leaves_out_the_agents_own_cell_which_is_always_empty():
    wide, narrow = HarlowVectorEnv(20, field=9), HarlowVectorEnv(20, field=8)
    actions = np.random.default_rng(0).integers(2, size=(60, 20))
    wide.reset(seed=1), narrow.reset(seed=1)
    for action in actions:
        full, small = wide.step(action)[0], narrow.step(action)[0]
        assert not full[:, 4].any()
        np.testing.assert_array_equal(np.delete(full, 4, axis=1), small)


def test_values_have_the_range_that_is_asked_for():
    env = HarlowVectorEnv(200, value_range=(0.0, 100.0))
    env.reset(seed=0)
    assert 90 < env._values.max() <= 100
    assert env.single_observation_space.high[0] == 100


def test_what_does_not_fit_is_refused():
    for wrong in ({'field': 7}, {'value_range': (1, 1)}, {'n_object_trials': 0}, {'max_steps': 0}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            HarlowEnv(**wrong)
    for task in ({'good': 0.5, 'bad': 0.5}, {'good': 0.5, 'bad': 3.0}):
        with pytest.raises(ValueError, match='two different values'):
            HarlowEnv(task=task)


def test_the_picture_shows_agent_mark_and_field():
    env = HarlowEnv(render_mode='rgb_array')
    seen = start(env)
    image = env.render()
    assert image.shape == (2 * 16, N_CELLS * 16, 3)
    assert image.dtype == np.uint8
    at_mark = 8 + int(np.flatnonzero(seen == 1)[0]) - 4
    np.testing.assert_array_equal(image[8, at_mark * 16 + 8], (0, 255, 0))
    np.testing.assert_array_equal(image[24, 8 * 16 + 8], (255, 0, 0))
    assert HarlowEnv().render() is None
