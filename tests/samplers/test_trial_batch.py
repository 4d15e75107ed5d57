"""TrialBatch is the episodes again, with the trials side by side."""

from metods_garage.samplers import TrialBatch

import akro
import numpy as np
import pytest
import torch
from garage import EnvSpec, EpisodeBatch, StepType


def make_episodes(lengths, trial=None, episode=None, seed=3):
    print(f'seed {seed}')
    rng = np.random.default_rng(seed)
    n_steps = sum(lengths)
    infos = {} if trial is None else {'trial': np.array(trial), 'episode': np.array(episode)}
    space = akro.Box(-np.inf, np.inf, (2,), np.float32)
    return EpisodeBatch(
        env_spec=EnvSpec(space, space, max_episode_length=9),
        episode_infos=infos,
        observations=rng.normal(size=(n_steps, 2)).astype(np.float32),
        last_observations=rng.normal(size=(len(lengths), 2)).astype(np.float32),
        actions=rng.normal(size=(n_steps, 2)).astype(np.float32),
        rewards=rng.normal(size=n_steps),
        env_infos={},
        agent_infos={'log_prob': rng.normal(size=n_steps), 'value': rng.normal(size=n_steps)},
        step_types=np.full(n_steps, StepType.MID, dtype=StepType),
        lengths=np.array(lengths),
    )


@pytest.fixture
def episodes():
    return make_episodes([2, 1, 3, 1, 1], trial=[4, 4, 9, 9, 9], episode=[0, 1, 0, 1, 2])


def test_the_valid_steps_are_the_episodes_again(episodes):
    batch = TrialBatch.from_episodes(episodes)
    assert len(batch) == 2
    assert batch.lengths.tolist() == [3, 5]
    assert batch.trial.tolist() == [4, 9]
    for name in ('observations', 'actions', 'rewards'):
        flat = getattr(batch, name)[batch.valid].numpy()
        np.testing.assert_array_equal(flat, getattr(episodes, name))
        assert flat.dtype == getattr(episodes, name).dtype
    for name in ('log_prob', 'value'):
        flat = getattr(batch, name)[batch.valid].numpy()
        np.testing.assert_array_equal(flat, episodes.agent_infos[name])
    for name in ('observations', 'actions', 'rewards', 'log_prob', 'value', 'episode_start'):
        assert not getattr(batch, name)[~batch.valid].any()


def test_a_trial_is_reset_once_and_has_several_episode_starts(episodes):
    batch = TrialBatch.from_episodes(episodes)
    assert batch.reset.int().tolist() == [[1, 0, 0, 0, 0], [1, 0, 0, 0, 0]]
    assert batch.episode_start.int().tolist() == [[1, 0, 1, 0, 0], [1, 0, 0, 1, 1]]
    assert batch.valid.int().tolist() == [[1, 1, 1, 0, 0], [1, 1, 1, 1, 1]]


def test_in_a_batch_of_plain_garage_each_episode_is_a_trial():
    batch = TrialBatch.from_episodes(make_episodes([2, 3]))
    assert batch.lengths.tolist() == [2, 3]
    assert torch.equal(batch.reset, batch.episode_start)


def test_moving_changes_the_type_of_real_numbers_only(episodes):
    batch = TrialBatch.from_episodes(episodes).to('cpu', torch.float64)
    assert batch.observations.dtype == batch.rewards.dtype == torch.float64
    assert batch.valid.dtype == batch.reset.dtype == torch.bool
    assert batch.trial.dtype == torch.int64


@pytest.mark.parametrize(
    ('trial', 'episode'), [([0, 1, 0], [0, 0, 1]), ([0, 0, 1], [1, 0, 0]), ([0, 0, 1], [0, 2, 0])]
)
def test_episodes_out_of_order_are_refused(trial, episode):
    with pytest.raises(ValueError, match='side by side and in order'):
        TrialBatch.from_episodes(make_episodes([1, 1, 1], trial, episode))
