"""VecWorker records the observations that the agent saw."""

import metods_garage  # noqa: F401 - activates compat before garage is imported

import numpy as np
from garage.envs import GymEnv
from garage.sampler import LocalSampler, VecWorker


class _Witness:
    """Remembers what it was shown."""

    def __init__(self):
        self.saw = []

    def reset(self, do_resets=None):
        pass

    def get_actions(self, observations):
        self.saw.append(np.array(observations))
        return np.zeros(len(observations), dtype=int), {}


def test_every_recorded_observation_is_one_that_the_agent_saw():
    env = GymEnv('CartPole-v1', max_episode_length=20)
    witness = _Witness()
    sampler = LocalSampler(
        witness,
        env,
        max_episode_length=20,
        n_workers=1,
        worker_class=VecWorker,
        worker_args={'n_envs': 2},
    )
    first = sampler.obtain_samples(0, 20, None).split()[0]
    saw = np.stack(witness.saw)[: len(first.observations)]
    assert any(np.array_equal(first.observations, saw[:, i]) for i in range(2))
    assert len(np.unique(first.observations, axis=0)) == len(first.observations)
