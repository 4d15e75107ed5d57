"""Robots that are rewarded for running in a direction: what both of them keep."""

import copy
import pickle

from metods_garage.envs import AntDirEnv, HalfCheetahDirEnv

import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

DIRECTIONS = {HalfCheetahDirEnv: (1.0, -1.0), AntDirEnv: (0.0, 2.0)}


@pytest.fixture(params=DIRECTIONS, ids=lambda env_type: env_type.__name__)
def env_type(request):
    return request.param


def run(env, n_steps=30, seed=1, action_seed=2):
    """Observations, rewards and infos of random actions from one seed."""
    seen, _ = env.reset(seed=seed)
    observations, rewards, infos = [seen], [], []
    generator = np.random.default_rng(action_seed)
    for _ in range(n_steps):
        action = generator.uniform(env.action_space.low, env.action_space.high)
        seen, reward, terminated, truncated, info = env.step(action.astype(np.float32))
        observations.append(seen)
        rewards.append(reward)
        infos.append((action, info))
        if terminated or truncated:
            break
    return np.stack(observations), np.array(rewards), infos


def test_it_passes_gymnasiums_own_check(env_type):
    check_env(env_type(), skip_render_check=True)


def test_the_direction_changes_the_reward_and_nothing_else(env_type):
    one, other = (env_type(task={'direction': d}) for d in DIRECTIONS[env_type])
    (seen, rewards, _), (seen_too, rewards_too, _) = run(one), run(other)
    np.testing.assert_array_equal(seen, seen_too)
    assert (rewards != rewards_too).all()


def test_equal_seeds_give_equal_episodes(env_type):
    for one, two in zip(run(env_type()), run(env_type()), strict=True):
        if isinstance(one, np.ndarray):
            np.testing.assert_array_equal(one, two)


def test_an_episode_is_cut_after_its_steps(env_type):
    env = env_type(max_steps=3)
    for _ in range(2):
        env.reset(seed=0)
        flags = [env.step(np.zeros(env.action_space.shape))[2:4] for _ in range(3)]
        assert flags == [(False, False)] * 2 + [(False, True)]
    assert env_type().max_steps == 200


def test_without_a_task_each_episode_has_a_new_direction_and_with_a_task_the_same(env_type):
    env = env_type()
    env.reset(seed=0)
    assert len({env.direction for _ in range(12) if env.reset()}) > 1
    env.set_task({'direction': 1.0})
    assert {env.direction for _ in range(3) if env.reset()} == {1.0}


@pytest.mark.parametrize('copied', [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_a_copy_has_the_task_and_begins_with_a_reset(env_type, copied):
    env = env_type(max_steps=20)
    env.set_task({'direction': DIRECTIONS[env_type][1]})
    run(env)
    twin = copied(env)
    assert twin.direction == env.direction
    (_, rewards, _), (_, rewards_too, _) = run(env, seed=3), run(twin, seed=3)
    np.testing.assert_array_equal(rewards, rewards_too)


def test_wrong_arguments_are_refused(env_type):
    with pytest.raises(ValueError, match='direction=-7'):
        env_type(task={'direction': -7})
    with pytest.raises(ValueError, match='max_steps=0'):
        env_type(max_steps=0)


def test_the_cheetahs_reward_is_its_speed_in_the_direction_less_the_cost_of_its_action():
    for direction in (1, -1):
        for cost in (0.05, 0.0):
            env = HalfCheetahDirEnv(control_cost=cost > 0, task={'direction': direction})
            _, rewards, infos = run(env)
            expected = [direction * i['x_velocity'] - cost * np.sum(a**2) for a, i in infos]
            np.testing.assert_allclose(rewards, expected, rtol=1e-6)
            assert pickle.loads(pickle.dumps(env))._ctrl_cost_weight == cost


def test_cheetahs_run_forward_and_backward_equally_often():
    seed = 2
    print(f'seed {seed}')
    generator = np.random.default_rng(seed)
    drawn = np.array([HalfCheetahDirEnv.draw_task(generator)['direction'] for _ in range(1000)])
    assert set(drawn) == {1.0, -1.0}
    assert abs(drawn.mean()) < 5 / np.sqrt(1000)


def test_the_ants_reward_is_the_papers():
    angle = 2.0
    env = AntDirEnv(task={'direction': angle})
    env.reset(seed=4)
    generator = np.random.default_rng(5)
    terminated = touched = False
    while not terminated:
        action = generator.uniform(-1, 1, 8).astype(np.float32)
        before = env.data.body(1).xpos[:2].copy()
        _, reward, terminated, truncated, _ = env.step(action)
        velocity = (env.data.body(1).xpos[:2] - before) / env.dt
        forces = np.clip(env.data.cfrc_ext, -1, 1)
        touched |= bool(forces.any())
        expected = velocity @ (np.cos(angle), np.sin(angle)) + 1
        expected -= 0.5 * np.sum(action**2) + 5e-4 * np.sum(forces**2)
        assert reward == pytest.approx(expected, rel=1e-6)
        assert terminated == (not 0.2 <= env.data.qpos[2] <= 1)
        if truncated:
            break
    assert touched


def test_an_ant_that_falls_is_done():
    env = AntDirEnv()
    env.reset(seed=0)
    position = env.data.qpos.copy()
    position[2] = 1.5
    env.set_state(position, env.data.qvel.copy())
    _, reward, terminated, _, info = env.step(np.zeros(8))
    assert terminated
    assert info['reward_survive'] == 0  # gymnasium's own, which the paper's reward does not use
    assert reward > 0.9 - abs(info['x_velocity']) - abs(info['y_velocity']) + info['reward_contact']


def test_ants_run_anywhere():
    seed = 3
    print(f'seed {seed}')
    generator = np.random.default_rng(seed)
    drawn = np.array([AntDirEnv.draw_task(generator)['direction'] for _ in range(1000)])
    counts = np.histogram(drawn, bins=8, range=(0, 2 * np.pi))[0]
    assert counts.sum() == 1000
    assert np.abs(counts - 125).max() < 5 * np.sqrt(125)
