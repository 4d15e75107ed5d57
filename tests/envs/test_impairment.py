"""One actuator does nothing, whatever the agent commands, and the agent is not told."""

import copy
import pickle

from metods_garage.envs import AntDirEnv, HalfCheetahDirEnv, Impairment, MetaRLObservation

import numpy as np
import pytest
from garage.envs import GymEnv
from gymnasium.utils.env_checker import check_env

ROBOTS = (HalfCheetahDirEnv, AntDirEnv)
EVERY_ACTUATOR = [(HalfCheetahDirEnv, i) for i in range(6)] + [(AntDirEnv, i) for i in range(8)]


def run(env, n_steps=15, seed=1, change=None):
    """Observations and rewards of random actions, one of them changed at each step."""
    seen, rewards = [env.reset(seed=seed)[0]], []
    generator = np.random.default_rng(3)
    for _ in range(n_steps):
        action = generator.uniform(-1, 1, env.action_space.shape)
        if change is not None:
            action[change[0]] = change[1]
        observation, reward, *_ = env.step(action)
        seen.append(observation)
        rewards.append(reward)
    return np.stack(seen), np.array(rewards)


@pytest.mark.parametrize('env_type', ROBOTS)
@pytest.mark.parametrize('kind', ['silent', 'locked'])
def test_it_passes_gymnasiums_own_check(env_type, kind):
    check_env(Impairment(env_type(), 1, kind), skip_render_check=True)


@pytest.mark.parametrize(('env_type', 'actuator'), EVERY_ACTUATOR)
def test_the_command_of_the_actuator_is_zero(env_type, actuator):
    """Also where the action costs something, and no other command is touched."""
    task = {'direction': 1}
    impaired = run(Impairment(env_type(task=task), actuator))
    for one, two in zip(impaired, run(env_type(task=task), change=(actuator, 0.0)), strict=True):
        np.testing.assert_array_equal(one, two)
    assert not np.array_equal(impaired[1], run(env_type(task=task))[1])


def test_the_agents_own_array_is_left_alone():
    env = Impairment(HalfCheetahDirEnv(), 2)
    env.reset(seed=0)
    action = np.full(6, 0.5)
    env.step(action)
    np.testing.assert_array_equal(action, 0.5)


def test_the_agent_sees_the_command_that_it_sent():
    env = GymEnv(Impairment(HalfCheetahDirEnv(), 2), max_episode_length=200)
    env = MetaRLObservation(env)
    env.reset()
    sent = np.linspace(-0.9, 0.9, 6)
    seen = env.step(sent).observation
    np.testing.assert_allclose(seen[17:23], sent, rtol=1e-6)


@pytest.mark.parametrize(('env_type', 'actuator'), EVERY_ACTUATOR)
def test_a_locked_joint_keeps_its_angle(env_type, actuator):
    env = Impairment(env_type(task={'direction': 1}), actuator, 'locked')
    free = Impairment(env_type(task={'direction': 1}), actuator)
    first = 0 if env_type is HalfCheetahDirEnv else 1  # a free joint has one velocity less
    angle = env._degree_of_freedom() + first
    column = angle - (1 if env_type is HalfCheetahDirEnv else 2)  # of the observation
    held, loose = (run(e, n_steps=60)[0][:, column] for e in (env, free))
    assert np.abs(held - held[0]).max() < 1e-3
    assert np.abs(loose - loose[0]).max() > 0.05
    assert held[0] == loose[0]
    again = run(env, seed=2)[0][:, column]  # another episode starts from another angle
    assert again[0] != held[0]
    assert np.abs(again - again[0]).max() < 1e-3


@pytest.mark.parametrize('kind', ['silent', 'locked'])
@pytest.mark.parametrize('copied', [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_a_copy_is_as_impaired(kind, copied):
    env = Impairment(HalfCheetahDirEnv(task={'direction': 1}), 3, kind)
    run(env)
    for one, two in zip(run(env), run(copied(env)), strict=True):
        np.testing.assert_array_equal(one, two)


def test_a_copy_within_garage_goes_on_within_its_episode():
    env = GymEnv(
        Impairment(HalfCheetahDirEnv(task={'direction': 1}), 3, 'locked'), max_episode_length=200
    )
    env.reset()
    actions = np.random.default_rng(0).uniform(-1, 1, (20, 6))
    for action in actions:
        env.step(action)
    twin = pickle.loads(pickle.dumps(env))
    for action in actions:
        one, two = env.step(action), twin.step(action)
        np.testing.assert_array_equal(one.observation, two.observation)
        assert one.reward == two.reward


def test_what_is_not_there_is_refused():
    with pytest.raises(ValueError, match='actuator=6: this robot has 0 to 5'):
        Impairment(HalfCheetahDirEnv(), 6)
    with pytest.raises(ValueError, match="kind='broken'"):
        Impairment(HalfCheetahDirEnv(), 0, 'broken')
