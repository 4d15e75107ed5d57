"""Directions change between the episodes of a trial, as the trial's task says."""

import pickle

from metods_garage.envs import (
    AntDirEnv,
    DirectionSwitching,
    EnvMaker,
    HalfCheetahDirEnv,
    Impairment,
    TaskUpdate,
)

import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env


def directions(env, n_episodes):
    found = []
    for _ in range(n_episodes):
        env.reset()
        found.append(env.unwrapped.direction)
    return found


def test_it_passes_gymnasiums_own_check():
    check_env(DirectionSwitching(HalfCheetahDirEnv()), skip_render_check=True)


@pytest.mark.parametrize('env_type', [HalfCheetahDirEnv, AntDirEnv])
def test_each_episode_has_the_next_direction(env_type):
    env = DirectionSwitching(env_type())
    task = env.draw_task(np.random.default_rng(1))
    assert len(task['directions']) == 5
    env.set_task(task)
    directions(env, 2)
    env.set_task(task)  # starts a trial, wherever the one before was
    assert tuple(directions(env, 5)) == task['directions']
    assert tuple(directions(env, 5)) == task['directions']  # and more episodes go round again


def test_without_a_task_directions_are_drawn():
    env = DirectionSwitching(HalfCheetahDirEnv(task={'direction': 1}))
    env.set_task(None)
    env.reset(seed=0)
    assert set(directions(env, 12)) == {1, -1}


def test_it_goes_through_other_wrappers_and_garage():
    make = EnvMaker(HalfCheetahDirEnv).wrapped(Impairment, actuator=0).wrapped(DirectionSwitching)
    first, second = (1, -1, -1, 1, 1), (-1, -1, 1, 1, -1)
    env = None
    for expected in (first, second):
        update = TaskUpdate(make, {'directions': expected}, task_name='switching', horizon=200)
        env = pickle.loads(pickle.dumps(update))(env)
        assert tuple(directions(env, 5)) == expected


def test_wrong_arguments_are_refused():
    with pytest.raises(ValueError, match='n_episodes=0'):
        DirectionSwitching(HalfCheetahDirEnv(), n_episodes=0)
    with pytest.raises(ValueError, match='2 directions for 3 episodes'):
        DirectionSwitching(HalfCheetahDirEnv(), 3).set_task({'directions': (1, -1)})
