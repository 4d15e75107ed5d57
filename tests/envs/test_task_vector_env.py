"""Rows of a vector environment do what single environments do, each by itself."""

import copy
import pickle

from metods_garage.envs import BanditEnv, HarlowEnv, MazeEnv

import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from gymnasium.vector import AutoresetMode

# Every kind of environment that has a vector form, and its arguments; short, so that episodes end.
KINDS = {
    'harlow': (HarlowEnv, {'max_steps': 60}),
    'harlow-6': (
        HarlowEnv,
        {'n_object_trials': 6, 'value_range': (0.0, 100.0), 'field': 8, 'max_steps': 70},
    ),
    'maze-6': (MazeEnv, {'size': 6, 'max_steps': 30}),
    'maze-14': (MazeEnv, {'size': 14, 'max_steps': 30}),
    'bandit': (BanditEnv, {'n_arms': 3, 'n_pulls': 12}),
    'restless': (BanditEnv, {'n_arms': 3, 'n_pulls': 30, 'redraw_probability': 0.2}),
    'restless-each': (
        BanditEnv,
        {'n_arms': 3, 'n_pulls': 30, 'redraw_probability': 0.2, 'redraw_together': False},
    ),
}


@pytest.fixture(params=KINDS)
def kind(request):
    return request.param


def single(kind):
    env_type, arguments = KINDS[kind]
    return env_type(**arguments)


def vector(kind, num_envs):
    env_type, arguments = KINDS[kind]
    return env_type.vector_type(num_envs, **arguments)


def random_actions(env, steps, seed):
    shape = (steps, env.num_envs)
    return np.random.default_rng(seed).integers(env.single_action_space.n, size=shape)


def test_it_passes_gymnasiums_own_check(kind):
    env_type, arguments = KINDS[kind]
    check_env(env_type(**arguments, render_mode='rgb_array'), skip_render_check=True)


def test_rows_do_what_single_environments_do(kind):
    """Over several episodes of different length, with and without tasks that are set."""
    seed, n_rows, n_steps = 11, 5, 150
    print(f'seed {seed}')
    envs, rows = [single(kind) for _ in range(n_rows)], vector(kind, n_rows)
    generator = np.random.default_rng(seed)
    tasks = [envs[0].draw_task(generator) if row % 2 else None for row in range(n_rows)]
    seeds = generator.integers(2**31, size=n_rows).tolist()
    rows.set_tasks(tasks)
    seen, _ = rows.reset(seed=seeds)
    for row, env in enumerate(envs):
        env.set_task(tasks[row])
        np.testing.assert_array_equal(env.reset(seed=seeds[row])[0], seen[row])
    n_ended = 0
    for actions in random_actions(rows, n_steps, seed):
        seen, rewards, terminated, truncated, infos = rows.step(actions)
        for row, env in enumerate(envs):
            one = env.step(actions[row])
            np.testing.assert_array_equal(one[0], seen[row])
            assert one[1:4] == (rewards[row], terminated[row], truncated[row])
            assert one[4] == {key: column[row] for key, column in infos.items()}
        over = terminated | truncated
        n_ended += over.sum()
        if over.any():
            seen, _ = rows.reset(options={'reset_mask': over})
            for row in np.flatnonzero(over):
                np.testing.assert_array_equal(envs[row].reset()[0], seen[row])
    assert n_ended >= n_rows


def test_observations_keep_to_the_stated_bounds(kind):
    env = vector(kind, 8)
    seen, _ = env.reset(seed=3)
    assert seen.dtype == env.observation_space.dtype
    for actions in random_actions(env, 12, seed=3):
        assert env.observation_space.contains(seen)
        seen, _, terminated, truncated, _ = env.step(actions)
        if (over := terminated | truncated).any():
            seen, _ = env.reset(options={'reset_mask': over})


def test_a_row_that_is_over_waits_for_its_reset(kind):
    env = vector(kind, 2)
    env.reset(seed=1)
    for actions in random_actions(env, 300, seed=1):
        seen, _, terminated, truncated, _ = env.step(actions)
        over = terminated | truncated
        if over.any():
            break
    row = int(np.argmax(over))
    env.reset(options={'reset_mask': np.arange(2) != row})
    for actions in random_actions(env, 5, seed=2):
        later, rewards, terminated_later, truncated_later, _ = env.step(actions)
        np.testing.assert_array_equal(later[row], seen[row])
        assert rewards[row] == 0
        assert (terminated_later[row], truncated_later[row]) == (terminated[row], truncated[row])


def test_nothing_that_was_returned_is_written_into(kind):
    env = vector(kind, 3)
    kept = [env.reset(seed=1)[0]]
    copies = copy.deepcopy(kept)
    for actions in random_actions(env, 10, seed=1):
        returned = env.step(actions)
        kept.append(returned)
        copies.append(copy.deepcopy(returned))
    for one, two in zip(kept[1:], copies[1:], strict=True):
        for array, twin in zip(one[:4], two[:4], strict=True):
            np.testing.assert_array_equal(array, twin)
    np.testing.assert_array_equal(kept[0], copies[0])


def sent_through_ray(env):
    """A copy with read-only arrays, which is how Ray hands over what was pickled."""
    buffers = []
    pickled = pickle.dumps(env, protocol=5, buffer_callback=buffers.append)
    return pickle.loads(pickled, buffers=[bytes(buffer.raw()) for buffer in buffers])


@pytest.mark.parametrize(
    'copied', [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x)), sent_through_ray]
)
def test_a_copy_goes_on_like_the_original(kind, copied):
    env = single(kind)
    env.reset(seed=5)
    env.step(0)
    twin = copied(env)
    for step in range(8):
        one, two = env.step(step % 2), twin.step(step % 2)
        np.testing.assert_array_equal(one[0], two[0])
        assert one[1:] == two[1:]
    np.testing.assert_array_equal(env.reset()[0], twin.reset()[0])  # the generator was copied too


def test_without_a_task_each_episode_has_a_new_one_and_with_a_task_the_same(kind):
    env = vector(kind, 1)
    name = {'harlow': '_values', 'maze': '_walls'}.get(kind.partition('-')[0], 'probabilities')

    def tasks_of_six_episodes():
        found = set()
        for _ in range(6):
            env.reset()
            found.add(getattr(env, name).tobytes())
        return found

    env.reset(seed=0)
    assert len(tasks_of_six_episodes()) > 1
    env.set_tasks([env.draw_task(np.random.default_rng(2))])
    assert len(tasks_of_six_episodes()) == 1


def test_a_task_holds_from_the_next_reset_on():
    env = BanditEnv.vector_type(3, n_arms=2, n_pulls=5)
    env.reset(seed=0)
    before = env.probabilities
    env.set_tasks([{'probabilities': (0.0, 1.0)}], rows=[1])
    np.testing.assert_array_equal(env.probabilities, before)
    env.reset(options={'reset_mask': np.array([False, True, False])})
    np.testing.assert_array_equal(env.probabilities[1], (0, 1))
    np.testing.assert_array_equal(env.probabilities[[0, 2]], before[[0, 2]])


def test_one_seed_is_a_seed_for_each_row():
    env = BanditEnv.vector_type(3)
    env.reset(seed=4)
    first = env.probabilities
    env.reset(seed=[4, 5, 6])
    np.testing.assert_array_equal(env.probabilities, first)
    env.reset(seed=[4, None, 6])
    assert (env.probabilities[1] != first[1]).all()
    np.testing.assert_array_equal(env.probabilities[[0, 2]], first[[0, 2]])


def test_it_tells_gymnasium_what_it_is(kind):
    env = vector(kind, 3)
    assert env.metadata['autoreset_mode'] is AutoresetMode.DISABLED
    assert env.num_envs == 3
    env.reset(seed=0)
    env.step(env.action_space.sample())


def test_what_does_not_fit_is_refused(kind):
    env = vector(kind, 2)
    with pytest.raises(RuntimeError, match='reset'):
        env.step(np.zeros(2, dtype=int))
    env.reset(seed=0)
    for wrong in ([-1, 0], [0, env.single_action_space.n]):
        with pytest.raises(ValueError, match='they are 0 to'):
            env.step(np.array(wrong))
    with pytest.raises(ValueError, match='one for each of 2'):
        env.step(np.zeros(3, dtype=int))
    with pytest.raises(ValueError, match='1 tasks for 2 rows'):
        env.set_tasks([None])
    with pytest.raises(ValueError, match='3 seeds for 2 rows'):
        env.reset(seed=[1, 2, 3])
    with pytest.raises(ValueError, match='num_envs=0'):
        vector(kind, 0)
    with pytest.raises(ValueError, match="render_mode='human'"):
        KINDS[kind][0](render_mode='human')


def test_stepping_past_the_end_of_an_episode_is_refused(kind):
    env = single(kind)
    env.reset(seed=0)
    over = False
    while not over:
        _, _, terminated, truncated, _ = env.step(0)
        over = terminated or truncated
    with pytest.raises(RuntimeError, match='reset'):
        env.step(0)
