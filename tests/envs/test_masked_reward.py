"""A masked reward is paid, but not seen."""

from metods_garage.envs import MaskedReward, MetaRLObservation, make_benchmark

import numpy as np
import pytest


@pytest.mark.parametrize('include_done', [True, False])
def test_only_the_reward_entry_differs_and_the_reward_is_paid(include_done):
    benchmark = make_benchmark('bandit-10-5')
    plain = benchmark.example_env(lambda env, _: MetaRLObservation(env, include_done))
    masked = benchmark.example_env(
        lambda env, _: MaskedReward(MetaRLObservation(env, include_done))
    )
    for env in (plain, masked):
        env.seed(3)
    assert masked.spec.observation_space == plain.spec.observation_space
    seen, hidden = [plain.reset()[0]], [masked.reset()[0]]
    paid = []
    for _ in range(10):
        steps = plain.step(0), masked.step(0)
        assert steps[0].reward == steps[1].reward
        assert steps[0].step_type == steps[1].step_type
        paid.append(steps[0].reward)
        seen.append(steps[0].observation)
        hidden.append(steps[1].observation)
    entry = -2 if include_done else -1
    assert sum(paid) > 0
    assert np.array(seen)[1:, entry].tolist() == paid
    assert not np.array(hidden)[:, entry].any()
    np.testing.assert_array_equal(np.delete(seen, entry, axis=1), np.delete(hidden, entry, axis=1))


def test_it_is_told_where_trials_begin():
    env = make_benchmark('harlow').example_env(lambda env, _: MaskedReward(MetaRLObservation(env)))
    env.begin_trial()
    env.end_trial()


def test_without_a_reward_to_mask_it_says_what_is_missing():
    with pytest.raises(TypeError, match='MetaRLObservation'):
        make_benchmark('harlow').example_env(lambda env, _: MaskedReward(env))
