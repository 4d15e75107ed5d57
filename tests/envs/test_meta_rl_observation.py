"""The observation is [s_t, a_{t-1}, r_{t-1}, d_{t-1}]: zeros at the start of a trial only."""

import copy
import pickle

from metods_garage.envs import BanditEnv, EpisodeHorizon, MetaRLObservation

import gymnasium
import numpy as np
import pytest
from garage import StepType
from garage.envs import GymEnv


class Ladder(gymnasium.Env):
    """Observation [step, 10 * step]; ends when the action's first entry is above 1."""

    metadata = {'render_modes': []}

    def __init__(self):
        self.action_space = gymnasium.spaces.Box(-9, 9, (3,), np.float32)
        self.observation_space = gymnasium.spaces.Box(-99, 99, (1, 2), np.float64)

    def reset(self, *, seed=None, options=None):
        self.n = 0
        return self.seen(), {}

    def step(self, action):
        self.n += 1
        return self.seen(), 0.5 * self.n, bool(action[0] > 1), False, {}

    def seen(self):
        return np.array([[self.n, 10.0 * self.n]])


def ladder(**options):
    return MetaRLObservation(GymEnv(Ladder(), max_episode_length=3), **options)


GO, STOP = np.array([0.1, 0.2, 0.3]), np.array([1.5, 0.0, -1.0])


def test_the_specification_tells_the_width():
    env = ladder()
    assert env.spec.observation_space.shape == env.observation_space.shape == (2 + 3 + 2,)
    assert env.spec.max_episode_length == 3
    assert ladder(include_done=False).observation_space.shape == (2 + 3 + 1,)
    assert env.reset()[0].dtype == np.float32


def test_a_step_shows_its_own_action_and_reward():
    env = ladder()
    env.reset()
    step = env.step(GO)
    np.testing.assert_allclose(step.observation, [1, 10, 0.1, 0.2, 0.3, 0.5, 0], rtol=1e-6)
    assert step.env_spec is env.spec
    np.testing.assert_array_equal(step.action, GO)


@pytest.mark.parametrize('end', ['terminal', 'timeout'])
def test_within_a_trial_the_last_step_is_seen_by_the_next_episode(end):
    env = ladder()
    env.begin_trial()
    np.testing.assert_array_equal(env.reset()[0], np.zeros(7))
    if end == 'terminal':
        last = env.step(STOP)
        assert last.step_type == StepType.TERMINAL
        expected = [*STOP, 0.5, 1]
    else:
        env.step(GO)
        env.step(GO)
        last = env.step(GO)
        assert last.step_type == StepType.TIMEOUT
        expected = [*GO, 1.5, 1]
    np.testing.assert_allclose(last.observation[2:], expected, rtol=1e-6)
    np.testing.assert_allclose(env.reset()[0], [0, 0, *expected], rtol=1e-6)
    assert env.step(GO).observation[-1] == 0


def test_a_new_trial_starts_from_zeros():
    env = ladder()
    env.begin_trial()
    env.reset()
    env.step(STOP)
    env.begin_trial()
    np.testing.assert_array_equal(env.reset()[0], np.zeros(7))


def test_outside_of_trials_every_episode_starts_from_zeros():
    env = ladder()
    env.reset()
    env.step(STOP)
    np.testing.assert_array_equal(env.reset()[0], np.zeros(7))
    env.begin_trial()
    env.reset()
    env.step(STOP)
    env.end_trial()
    np.testing.assert_array_equal(env.reset()[0], np.zeros(7))


def test_an_episode_that_was_cut_from_outside_counts_as_done():
    env = ladder()
    env.begin_trial()
    env.reset()
    assert env.step(GO).observation[-1] == 0
    assert env.reset()[0][-1] == 1


def test_without_the_done_flag_the_rest_is_the_same():
    env = ladder(include_done=False)
    env.begin_trial()
    env.reset()
    env.step(STOP)
    np.testing.assert_allclose(env.reset()[0], [0, 0, *STOP, 0.5], rtol=1e-6)


def bandit(*probabilities):
    env = BanditEnv(len(probabilities), 40, task={'probabilities': probabilities})
    return GymEnv(env, max_episode_length=40)


def test_a_discrete_action_is_one_hot():
    env = MetaRLObservation(bandit(0.0, 1.0, 0.0))
    env.reset()
    np.testing.assert_array_equal(env.step(1).observation, [0, 0, 1, 0, 1, 0])
    np.testing.assert_array_equal(env.step(np.int64(2)).observation, [0, 0, 0, 1, 0, 0])


def test_trials_can_be_announced_through_wrappers_around_it():
    env = EpisodeHorizon(ladder(), 2)
    env.begin_trial()
    env.reset()
    env.step(STOP)
    assert env.reset()[0][-1] == 1


@pytest.mark.parametrize('copied', [copy.deepcopy, lambda env: pickle.loads(pickle.dumps(env))])
def test_a_copy_remembers_what_the_original_does(copied):
    env = MetaRLObservation(bandit(0.0, 1.0))
    env.begin_trial()
    env.reset()
    env.step(1)
    np.testing.assert_array_equal(copied(env).reset()[0], env.reset()[0])
