"""EpisodeHorizon ends episodes by timeout, and says so in the specification."""

from metods_garage.envs import BanditEnv, EpisodeHorizon

import pytest
from garage import StepType
from garage.envs import GymEnv


def bandit(horizon, n_pulls=40):
    return EpisodeHorizon(GymEnv(BanditEnv(n_pulls=n_pulls), max_episode_length=50), horizon)


def test_the_last_step_is_a_timeout():
    env = bandit(3)
    assert env.spec.max_episode_length == 3
    for _ in range(2):
        env.reset()
        steps = [env.step(0) for _ in range(3)]
        assert [s.step_type for s in steps] == [StepType.FIRST, StepType.MID, StepType.TIMEOUT]
        assert [s.env_info['TimeLimit.truncated'] for s in steps] == [False, False, True]


def test_an_environment_that_ends_by_itself_is_terminal_even_at_the_horizon():
    for horizon in (3, 5):
        env = bandit(horizon, n_pulls=3)
        env.reset()
        assert [env.step(0).step_type for _ in range(3)][-1] == StepType.TERMINAL


def test_stepping_on_needs_a_reset():
    env = bandit(1)
    with pytest.raises(RuntimeError, match='reset'):
        env.step(0)
    env.reset()
    env.step(0)
    with pytest.raises(RuntimeError, match='reset'):
        env.step(0)


@pytest.mark.parametrize('horizon', [0, -1, 51])
def test_an_impossible_horizon_is_refused(horizon):
    with pytest.raises(ValueError, match=f'horizon={horizon} .* from 1 to 50'):
        bandit(horizon)
