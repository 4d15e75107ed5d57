"""A small recurrent policy, whose action tells what it remembers."""

import numpy as np
import pytest


@pytest.fixture(scope='session')
def counting_policy():
    """Class of a policy with a memory of one number per trial: the steps since its reset.

    Being local to a function, it is pickled by value, which workers in other processes need.
    """

    class CountingPolicy:
        def __init__(self, env_spec, std=0.3):
            self.env_spec = env_spec
            self.params = {'std': np.array(std)}
            self.count = np.zeros(1)
            self.n_resets = 0

        def reset(self, do_resets=None):
            mask = np.array([True] if do_resets is None else do_resets)
            if len(mask) != len(self.count):
                self.count = np.zeros(len(mask))
            self.count[mask] = 0
            self.n_resets += 1

        def get_actions(self, observations, generators=None, *, deterministic=False):
            assert len(observations) == len(generators) == len(self.count)
            self.count += 1
            std = 0.0 if deterministic else float(self.params['std'])
            width = self.env_spec.action_space.flat_dim
            noise = std * np.stack([g.standard_normal(width) for g in generators])
            mean = np.tanh(np.asarray(observations)[:, -width:]) * 0.5
            infos = {'log_prob': -noise.sum(1), 'value': self.count.copy()}
            return (mean + noise).astype(np.float32), infos

        def get_param_values(self):
            return self.params

        def set_param_values(self, params):
            self.params = params

    return CountingPolicy
