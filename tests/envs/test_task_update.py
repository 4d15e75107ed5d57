"""TaskUpdate re-uses what it can and survives every pickler."""

import copy
import pickle

from metods_garage.envs import BanditEnv, EpisodeHorizon, MetaRLObservation, TaskUpdate

import pytest
from garage.envs import GymEnv


class Bandit(BanditEnv):
    """Two arms."""

    def __init__(self):
        super().__init__(2, 40)


class OtherBandit(Bandit):
    """Another class, though an instance of the first one's."""


def update_of(env_type, arms, wrapper=None, task_name='arms', horizon=40):
    task = {'probabilities': arms}
    return TaskUpdate(env_type, task, task_name=task_name, horizon=horizon, wrapper=wrapper)


def test_an_environment_of_the_same_class_only_gets_the_task():
    env = update_of(Bandit, (0.0, 1.0))()
    again = update_of(Bandit, (1.0, 0.0))(env)
    assert again is env
    assert env.unwrapped.task == {'probabilities': (1.0, 0.0)}


def test_an_environment_of_another_class_is_closed_and_replaced(monkeypatch):
    closed = []
    env = update_of(OtherBandit, (0.0, 1.0))()
    monkeypatch.setattr(GymEnv, 'close', lambda self: closed.append(type(self.unwrapped)))
    other = update_of(Bandit, (0.0, 1.0))(env)
    assert type(other.unwrapped) is Bandit
    assert closed[0] is OtherBandit


@pytest.mark.parametrize(
    'wrapper', [None, lambda env, _: MetaRLObservation(EpisodeHorizon(env, 3))]
)
@pytest.mark.parametrize('change', [{'task_name': 'legs'}, {'horizon': 20}, {}])
def test_an_environment_with_another_name_or_horizon_is_replaced(change, wrapper):
    old = pickle.loads(pickle.dumps(update_of(Bandit, (0.0, 1.0), wrapper)()))
    new = update_of(Bandit, (0.0, 1.0), wrapper, **change)(old)
    assert (new is old) == (not change)
    new.reset()
    step = new.step(1)
    assert step.env_info['task_name'] == change.get('task_name', 'arms')
    assert new.spec.max_episode_length == (3 if wrapper else change.get('horizon', 40))


def test_an_environment_from_elsewhere_is_replaced():
    old = GymEnv(Bandit(), max_episode_length=40)
    new = update_of(Bandit, (0.0, 1.0))(old)
    assert new is not old


@pytest.mark.parametrize('copied', [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_a_local_wrapper_survives_the_standard_pickler(copied):
    horizon = 3
    update = update_of(Bandit, (0.0, 1.0), lambda env, _: EpisodeHorizon(env, horizon))
    env = copied(update)()
    assert env.spec.max_episode_length == 3
    env.reset()
    assert env.step(1).env_info['task_name'] == 'arms'
    assert 'arms' in repr(copied(update))
