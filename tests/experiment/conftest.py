"""A cheap benchmark, a cheap method and a run folder, real ones all of them."""

import dataclasses

from metods_garage.algos import RecurrentA2C
from metods_garage.envs import make_benchmark
from metods_garage.experiment import (
    PROTOCOLS,
    LedgerSampler,
    ProtocolTrainer,
    RecurrentEvaluator,
    RunConfiguration,
    RunFolder,
    observing_trials,
)
from metods_garage.policies import CategoricalMetODSPolicy
from metods_garage.samplers import TrialWorker

import pytest
from garage.sampler import LocalSampler

BUDGET = 360  # iterations of 80 steps each, so 5 of them and an overshoot of 40


@pytest.fixture(scope='session')
def protocol():
    """Five iterations on the bandit, with an evaluation every other one."""
    return dataclasses.replace(
        PROTOCOLS['smoke'], total_training_steps=BUDGET, evaluation_every=160
    )


@pytest.fixture(scope='session')
def configuration(protocol):
    return RunConfiguration(
        benchmark='bandit-2',
        method='metods_a2c',
        seed=3,
        protocol=protocol,
        settings={'neurons': 6},
        execution={'device': 'cpu'},
    )


@pytest.fixture(scope='session')
def train_bandit(configuration):
    """Trains MetODS on the bandit in a folder, and returns the trainer."""

    def train(folder, *, resume=False, overwrite=False, change=None):
        protocol = configuration.protocol
        with RunFolder(folder, configuration, resume=resume, overwrite=overwrite) as run:
            benchmark, wrapper = make_benchmark('bandit-2'), observing_trials(protocol)
            trainer = ProtocolTrainer(run, RecurrentEvaluator(benchmark, protocol, wrapper))
            if not trainer.restore():
                env = benchmark.example_env(wrapper)
                policy = CategoricalMetODSPolicy(env.spec, n_neurons=6, n_inner_steps=2)
                sampler = LocalSampler(
                    agents=policy,
                    envs=env,
                    max_episode_length=protocol.horizon,
                    n_workers=1,
                    seed=configuration.seed,
                    worker_class=TrialWorker,
                    worker_args={'episodes_per_trial': protocol.episodes_per_trial},
                )
                algo = RecurrentA2C(
                    policy,
                    LedgerSampler(sampler, trainer.ledger),
                    benchmark.train_sampler(wrapper, seed=configuration.seed),
                    meta_batch_size=2,
                    episodes_per_trial=protocol.episodes_per_trial,
                )
                trainer.setup(algo, env)
            if change is not None:
                change(trainer)
            trainer.train()
        return trainer

    return train
