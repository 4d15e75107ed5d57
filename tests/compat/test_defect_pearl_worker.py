from metods_garage.compat import all_adjustments

import numpy as np
import pytest
from garage.envs import PointEnv


class _Agent:
    """Draws a new action each time that it is asked, and says that the mean is 0."""

    def __init__(self):
        self.draws = 0

    def sample_from_belief(self):
        pass

    def get_action(self, observation):
        self.draws += 1
        return np.full(2, 0.01 * self.draws), {'mean': np.zeros(2)}


def _episode(pearl, deterministic):
    agent = _Agent()
    worker = pearl.PEARLWorker(
        seed=1, max_episode_length=5, worker_number=0, deterministic=deterministic
    )
    worker.update_agent(agent)
    worker.update_env(PointEnv(max_episode_length=5))
    return worker.rollout(), agent


@pytest.mark.parametrize('adjusted', [False, True])
def test_a_deterministic_pearl_worker_takes_the_mean(as_released, adjusted):
    pearl = as_released('garage.torch.algos.pearl')
    if adjusted:
        all_adjustments()['pearl-single-draw'].apply_to(pearl)
    episode, _ = _episode(pearl, deterministic=True)
    assert bool((episode.actions == 0).all()) is adjusted


@pytest.mark.parametrize('adjusted', [False, True])
def test_a_pearl_worker_draws_one_action_per_step(as_released, adjusted):
    pearl = as_released('garage.torch.algos.pearl')
    if adjusted:
        all_adjustments()['pearl-single-draw'].apply_to(pearl)
    episode, agent = _episode(pearl, deterministic=False)
    assert agent.draws == (1 if adjusted else 2) * episode.lengths[0]
    taken = 0.01 * np.arange(1, 6)
    assert np.allclose(episode.actions[:, 0], taken if adjusted else 2 * taken)


@pytest.mark.parametrize('adjusted', [False, True])
def test_an_episode_ends_with_the_observation_of_its_last_step(as_released, adjusted):
    pearl = as_released('garage.torch.algos.pearl')
    if adjusted:
        all_adjustments()['pearl-last-observation'].apply_to(pearl)
    episode, _ = _episode(pearl, deterministic=False)
    before, last = episode.observations[-1], episode.next_observations[-1]
    position = slice(0, 2)
    moved = np.allclose(last[position], before[position] + episode.actions[-1])
    assert moved is adjusted
    assert np.array_equal(before, last) is not adjusted


def test_the_adjustments_are_applied_by_importing_the_package():
    from garage.torch.algos import pearl

    episode, agent = _episode(pearl, deterministic=True)
    assert (episode.actions == 0).all()
    assert agent.draws == episode.lengths[0]
