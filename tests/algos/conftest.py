"""Small meta-learning problems: real environments, real samplers."""

from metods_garage.envs import MetaRLObservation
from metods_garage.modules import CORES
from metods_garage.policies import RecurrentPolicy, actor_critic_for
from metods_garage.samplers import TrialWorker

import pytest
import torch
from garage.envs import GymEnv
from garage.experiment.task_sampler import ConstructEnvsSampler
from garage.sampler import LocalSampler

# Episodes of both end at random: a pole that falls, a hopper that falls.
_ENVIRONMENTS = {'discrete': 'CartPole-v1', 'continuous': 'Hopper-v5'}


class _Problem:
    """An environment, a policy, and what an algorithm takes to train it."""

    def __init__(self, kind, core, dtype, horizon, episodes_per_trial, n_workers, **options):
        self._name, self._horizon = _ENVIRONMENTS[kind], horizon
        self.env = self._construct()
        torch.manual_seed(0)
        core_options = options.pop('core_options', {})
        shell = {'scale_rewards': options.pop('scale_rewards', False)}
        network = actor_critic_for(self.env.spec, CORES[core](8, **core_options), **options)
        self.policy = RecurrentPolicy(self.env.spec, network, dtype=dtype, **shell)
        self.task_sampler = ConstructEnvsSampler([self._construct, self._construct])
        self.sampler = LocalSampler(
            self.policy,
            self.env,
            max_episode_length=horizon,
            n_workers=n_workers,
            worker_class=TrialWorker,
            worker_args={'episodes_per_trial': episodes_per_trial},
            seed=0,
        )

    def _construct(self):
        return MetaRLObservation(GymEnv(self._name, max_episode_length=self._horizon))

    def algo(self, algo_class, **options):
        return algo_class(
            self.policy,
            self.sampler,
            self.task_sampler,
            **{'meta_batch_size': 4, 'episodes_per_trial': 3, 'seed': 5} | options,
        )


@pytest.fixture
def make_problem():
    """kind of actions, name of a core -> problem."""

    def make(
        kind='discrete',
        core='metods',
        dtype=torch.float64,
        *,
        horizon=25,
        episodes_per_trial=3,
        n_workers=1,
        **options,
    ):
        return _Problem(kind, core, dtype, horizon, episodes_per_trial, n_workers, **options)

    return make


@pytest.fixture
def tabular():
    """dowel's table of the present iteration, empty before and after."""
    from dowel import tabular

    tabular.clear()
    tabular.disable_warnings()  # that no output takes the values
    yield tabular
    tabular.clear()
