"""Makers are data: equal where they make the same, in this process and in another."""

import pickle

from metods_garage.envs import (
    BanditEnv,
    EnvMaker,
    HalfCheetahDirEnv,
    HarlowEnv,
    HarlowVectorEnv,
    Impairment,
    MazeEnv,
    TaskUpdate,
)

import pytest


def test_it_makes_the_class_with_its_arguments_and_wrappers():
    env = EnvMaker(BanditEnv, {'n_arms': 7, 'n_pulls': 3})()
    assert (env.action_space.n, env.max_steps) == (7, 3)
    make = EnvMaker(HalfCheetahDirEnv, {'max_steps': 9}).wrapped(Impairment, actuator=2)
    env = make()
    assert isinstance(env, Impairment)
    assert env.unwrapped.max_steps == 9


def test_equal_makers_are_equal_after_pickling_and_others_are_not():
    make = EnvMaker(MazeEnv, {'size': 8})
    assert pickle.loads(pickle.dumps(make)) == make == EnvMaker(MazeEnv, {'size': 8})
    assert make != EnvMaker(MazeEnv, {'size': 10})
    assert make != EnvMaker(HarlowEnv)
    impaired = [EnvMaker(HalfCheetahDirEnv).wrapped(Impairment, actuator=i) for i in (0, 0, 1)]
    assert impaired[0] == impaired[1] != impaired[2]


def test_an_environment_is_kept_by_an_update_with_an_equal_maker_only():
    def update(n_arms):
        make = EnvMaker(BanditEnv, {'n_arms': n_arms, 'n_pulls': 5})
        task = {'probabilities': (0.5,) * n_arms}
        return TaskUpdate(make, task, task_name='arms', horizon=5)

    env = update(3)()
    assert pickle.loads(pickle.dumps(update(3)))(env) is env
    other = update(4)(env)
    assert other is not env
    assert other.action_space.n == 4
    assert 'BanditEnv' in repr(update(3))


def test_the_vector_form_has_the_same_arguments():
    env = EnvMaker(HarlowEnv, {'field': 8}).vector(3)
    assert isinstance(env, HarlowVectorEnv)
    assert env.observation_space.shape == (3, 8)
    for without in (
        EnvMaker(HalfCheetahDirEnv),
        EnvMaker(HarlowEnv).wrapped(Impairment, actuator=0),
    ):
        with pytest.raises(TypeError, match='no vector form'):
            without.vector(3)
