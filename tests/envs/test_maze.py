"""Mazes are random spanning trees; their target is found by walking onto it."""

from metods_garage.envs import MazeEnv, MazeVectorEnv
from metods_garage.envs.maze import lattice_maze

import numpy as np
import pytest

SIZES = (6, 8, 10, 12, 14)
UP, DOWN, LEFT, RIGHT = range(4)
# A corridor from (1, 1) to (1, 3) with the target at its right end.
WALLS = np.ones((5, 5), dtype=bool)
WALLS[1, 1:4] = False
CORRIDOR = {'walls': WALLS, 'target': (1, 3)}


def reachable(walls):
    """Number of free cells that can be reached from the first one."""
    found, wave = set(), {tuple(np.argwhere(~walls)[0].tolist())}
    while wave:
        found |= wave
        near = {(r + i, c + j) for r, c in wave for i, j in ((0, 1), (1, 0), (0, -1), (-1, 0))}
        wave = {cell for cell in near - found if not walls[cell]}
    return len(found)


@pytest.mark.parametrize('size', SIZES)
def test_a_maze_is_a_tree_on_a_lattice_with_a_border(size):
    seed = 6
    print(f'seed {seed}')
    generator = np.random.default_rng(seed)
    different = set()
    for _ in range(50):
        walls = lattice_maze(size, generator)
        assert walls.shape == (size - 1, size - 1)
        assert walls[[0, -1]].all()
        assert walls[:, [0, -1]].all()
        assert not walls[1::2, 1::2].any()
        assert walls[::2, ::2].all()
        n_cells = ((size - 2) // 2) ** 2
        assert np.count_nonzero(~walls) == 2 * n_cells - 1  # a tree has one door less than cells
        assert reachable(walls) == 2 * n_cells - 1
        # D's wall on cells without a wall among their neighbours would change nothing
        inner = np.lib.stride_tricks.sliding_window_view(walls, (3, 3))
        assert inner.any(axis=(2, 3)).all()
        different.add(walls.tobytes())
    assert len(different) > (3 if size == 6 else 30)


def corridor(column, **arguments):
    """The corridor with the agent at a column of it."""
    env = MazeEnv(size=6, task=CORRIDOR, **arguments)
    seed = 0
    while True:
        seen = env.reset(seed=seed)[0]
        if tuple(env._batch.position[0]) == (1, column):
            return env, seen
        seed += 1


def test_moves_bumps_and_hits():
    env, seen = corridor(column=1)
    np.testing.assert_array_equal(seen.reshape(3, 3), WALLS[0:3, 0:3])
    for bump in (UP, LEFT, DOWN):
        again, reward, *_ = env.step(bump)
        np.testing.assert_array_equal(again, seen)
        assert reward == 0
    seen, reward, _, _, info = env.step(RIGHT)
    np.testing.assert_array_equal(seen.reshape(3, 3), WALLS[0:3, 1:4])
    assert (reward, info['success']) == (0, False)
    seen, reward, terminated, truncated, info = env.step(RIGHT)
    assert (reward, terminated, truncated, info['success']) == (10, False, False, True)
    assert tuple(env._batch.position[0]) in {(1, 1), (1, 2)}  # elsewhere, and on a free cell
    env.step(LEFT)
    assert tuple(env._batch.position[0]) == (1, 1)


def test_up_and_down_move_along_columns():
    walls = WALLS.T.copy()
    env = MazeEnv(size=6, task={'walls': walls, 'target': (3, 1)})
    env.reset(seed=0)
    env.step(UP), env.step(UP)
    assert tuple(env._batch.position[0]) == (1, 1)
    env.step(DOWN)
    assert tuple(env._batch.position[0]) == (2, 1)
    assert env.step(DOWN)[1] == 10


def test_starts_and_restarts_are_uniform_over_the_other_free_cells():
    n = 3000
    env = MazeVectorEnv(n, size=6)
    task = env.draw_task(np.random.default_rng(0))
    env.set_tasks([task] * n)
    env.reset(seed=9)
    print('seed 9')
    free = [tuple(cell) for cell in np.argwhere(~task['walls']).tolist()]
    starts = [tuple(cell) for cell in env.position.tolist()]
    assert set(starts) == set(free) - {task['target']}
    counts = np.array([starts.count(cell) for cell in set(starts)])
    assert np.abs(counts - n / 6).max() < 5 * np.sqrt(n / 6)
    hit = np.zeros(n, dtype=bool)
    restarts = []
    for actions in np.random.default_rng(1).integers(4, size=(30, n)):
        hit = env.step(actions)[1] > 0
        restarts += [tuple(cell) for cell in env.position[hit].tolist()]
    counts = np.array([restarts.count(cell) for cell in set(restarts)])
    assert len(counts) == 6
    assert np.abs(counts - len(restarts) / 6).max() < 5 * np.sqrt(len(restarts) / 6)


def test_it_is_cut_after_its_steps():
    env = MazeEnv(size=6, max_steps=4)
    env.reset(seed=0)
    assert [env.step(0)[2:4] for _ in range(4)] == [(False, False)] * 3 + [(False, True)]


def test_what_does_not_fit_is_refused():
    for size in (4, 7):
        with pytest.raises(ValueError, match=f'size={size}'):
            MazeEnv(size=size)
    open_border, closed = WALLS.copy(), np.ones((5, 5), dtype=bool)
    open_border[0, 1] = False
    for task, what in [
        ({'walls': np.ones((7, 7), dtype=bool), 'target': (1, 1)}, 'shape'),
        ({'walls': open_border, 'target': (1, 1)}, 'border'),
        ({'walls': closed, 'target': (1, 1)}, '0 free cells'),
        ({'walls': WALLS, 'target': (2, 2)}, 'target'),
        ({'walls': WALLS, 'target': (-1, 1)}, 'target'),
    ]:
        with pytest.raises(ValueError, match=what):
            MazeEnv(size=6, task=task)


def test_the_picture_shows_walls_target_and_agent():
    env, _ = corridor(column=1, render_mode='rgb_array')
    image = env.render()[8::16, 8::16]
    assert image.shape == (5, 5, 3)
    np.testing.assert_array_equal(image[1, 1], (255, 0, 0))
    np.testing.assert_array_equal(image[1, 3], (0, 160, 0))
    np.testing.assert_array_equal(image[4, 4], (0, 0, 0))  # a wall out of sight
    assert (image[0, 0] > 0).all()  # one within sight
