"""The ledger against a count that environments keep themselves."""

import functools

from metods_garage.experiment import Ledger, LedgerSampler

import cloudpickle
import numpy as np
import pytest
import torch
from garage import Wrapper
from garage.envs import PointEnv, normalize
from garage.experiment import SetTaskSampler
from garage.experiment.deterministic import set_seed
from garage.experiment.snapshotter import SnapshotConfig
from garage.sampler import DefaultWorker, LocalSampler
from garage.trainer import Trainer

HORIZON = 7

# dowel says so of every number that no output takes, and of having no output.
pytestmark = pytest.mark.filterwarnings('ignore::UserWarning')


class CountedEnv(Wrapper):
    """Counts the steps of all environments of this class, copies included."""

    steps = 0

    def step(self, action):
        CountedEnv.steps += 1
        return super().step(action)


class ShortPointEnv(PointEnv):
    def __init__(self):
        super().__init__(max_episode_length=HORIZON, never_done=True)


@pytest.fixture
def tasks():
    set_seed(5)
    CountedEnv.steps = 0
    return SetTaskSampler(ShortPointEnv, wrapper=lambda env, _: CountedEnv(normalize(env)))


def _train(tmp_path, algo, n_epochs, batch_size):
    trainer = Trainer(SnapshotConfig(str(tmp_path), 'none', 1))
    trainer.setup(algo, None)
    trainer.train(n_epochs=n_epochs, batch_size=batch_size)


def _sampler(policy, env, ledger, worker_class=DefaultWorker, n_workers=1, **worker_args):
    sampler = LocalSampler(
        agents=policy,
        envs=env,
        max_episode_length=HORIZON,
        n_workers=n_workers,
        seed=1,
        worker_class=worker_class,
        worker_args=worker_args,
    )
    return LedgerSampler(sampler, ledger)


def test_adaptation_steps_of_maml_are_counted(tmp_path, tasks):
    from garage.torch.algos import MAMLTRPO
    from garage.torch.policies import GaussianMLPPolicy
    from garage.torch.value_functions import GaussianMLPValueFunction

    env, ledger = tasks.sample(1)[0](), Ledger(1000)
    policy = GaussianMLPPolicy(env.spec, hidden_sizes=(4,))
    algo = MAMLTRPO(
        env=env,
        policy=policy,
        sampler=_sampler(policy, env, ledger),
        task_sampler=tasks,
        value_function=GaussianMLPValueFunction(env.spec, hidden_sizes=(4,)),
        meta_batch_size=3,
        inner_lr=0.1,
        num_grad_updates=1,
    )
    _train(tmp_path, algo, n_epochs=2, batch_size=2 * HORIZON)
    # 2 iterations of 3 tasks, 2 episodes before adaptation and 2 after it
    assert ledger.training_steps == CountedEnv.steps == 2 * 3 * (2 + 2) * HORIZON


def test_the_warm_up_of_pearl_is_counted(tmp_path, tasks):
    from garage.torch.algos import PEARL
    from garage.torch.algos.pearl import PEARLWorker
    from garage.torch.policies import TanhGaussianMLPPolicy
    from garage.torch.q_functions import ContinuousMLPQFunction

    updates, ledger = tasks.sample(2), Ledger(1000)
    env = updates[0]()
    augmented = PEARL.augment_env_spec(env, 2)
    algo = PEARL(
        env=updates,
        inner_policy=TanhGaussianMLPPolicy(env_spec=augmented, hidden_sizes=(4,)),
        qf=ContinuousMLPQFunction(env_spec=augmented, hidden_sizes=(4,)),
        vf=ContinuousMLPQFunction(env_spec=PEARL.get_env_spec(env, 2, 'vf'), hidden_sizes=(4,)),
        sampler=_sampler(None, env, ledger, PEARLWorker),
        num_train_tasks=2,
        num_test_tasks=1,
        latent_dim=2,
        encoder_hidden_sizes=(4,),
        test_env_sampler=tasks,
        meta_batch_size=2,
        num_steps_per_epoch=1,
        num_initial_steps=2 * HORIZON,
        num_tasks_sample=1,
        num_steps_prior=HORIZON,
        num_extra_rl_steps_posterior=HORIZON,
        batch_size=4,
        embedding_batch_size=4,
        replay_buffer_size=1000,
    )
    algo._evaluator.evaluate = lambda algo: None  # its steps are no training
    _train(tmp_path, algo, n_epochs=2, batch_size=4)
    warm_up, iteration = 2 * 2 * HORIZON, 2 * HORIZON
    assert ledger.training_steps == CountedEnv.steps == warm_up + 2 * iteration


@pytest.mark.usefixtures('own_tf_graph')
def test_rl2_is_counted(tmp_path, tasks):
    from garage.np.baselines import LinearFeatureBaseline
    from garage.tf.algos import RL2PPO
    from garage.tf.algos.rl2 import RL2Env, RL2Worker
    from garage.tf.policies import GaussianGRUPolicy
    from garage.trainer import TFTrainer

    tasks = SetTaskSampler(ShortPointEnv, wrapper=lambda env, _: RL2Env(CountedEnv(env)))
    ledger = Ledger(1000)
    with TFTrainer(SnapshotConfig(str(tmp_path), 'none', 1)) as trainer:
        envs = tasks.sample(2)
        spec = envs[0]().spec
        policy = GaussianGRUPolicy(
            name='policy', hidden_dim=4, env_spec=spec, state_include_action=False
        )
        algo = RL2PPO(
            meta_batch_size=2,
            task_sampler=tasks,
            env_spec=spec,
            policy=policy,
            baseline=LinearFeatureBaseline(env_spec=spec),
            sampler=_sampler(policy, envs, ledger, RL2Worker, n_workers=2, n_episodes_per_trial=3),
            optimizer_args={'batch_size': 2, 'max_optimization_epochs': 1},
            episodes_per_trial=3,
            meta_evaluator=None,
            n_epochs_per_eval=10,
        )
        trainer.setup(algo, envs)
        trainer.train(n_epochs=2, batch_size=2 * 3 * HORIZON)
    assert ledger.training_steps == CountedEnv.steps == 2 * 2 * 3 * HORIZON


def test_exact_episodes_are_counted_and_all_else_goes_to_the_wrapped_sampler(tasks):
    from garage.torch.policies import GaussianMLPPolicy

    env, ledger = tasks.sample(1)[0](), Ledger(20)
    policy = GaussianMLPPolicy(env.spec, hidden_sizes=(4,))
    sampler = _sampler(policy, env, ledger)
    sampler.obtain_exact_episodes(3, policy.get_param_values())
    assert (ledger.training_steps, ledger.training_episodes) == (3 * HORIZON, 3)
    assert (ledger.spent, ledger.overshoot) == (True, 1)
    assert sampler.total_env_steps == 3 * HORIZON  # LocalSampler's own attribute


def test_a_pickled_sampler_keeps_to_the_ledger_that_is_pickled_with_it(tasks):
    from garage.torch.policies import GaussianMLPPolicy

    env, ledger = tasks.sample(1)[0](), Ledger(20)
    policy = GaussianMLPPolicy(env.spec, hidden_sizes=(4,))
    pair = cloudpickle.dumps((_sampler(policy, env, ledger), ledger))
    copy, ledger_copy = cloudpickle.loads(pair)
    copy.obtain_samples(0, 1, policy.get_param_values())
    assert (ledger_copy.training_steps, ledger.training_steps) == (HORIZON, 0)
    copy.shutdown_worker()


def test_counting_changes_nothing_of_what_is_sampled(tasks):
    from garage.torch.policies import GaussianMLPPolicy

    env = tasks.sample(1)[0]()
    policy = GaussianMLPPolicy(env.spec, hidden_sizes=(4,))
    plain = functools.partial(
        LocalSampler, agents=policy, envs=env, max_episode_length=HORIZON, n_workers=1, seed=1
    )
    batches = []
    for sampler in (plain(), LedgerSampler(plain(), Ledger(1))):
        torch.manual_seed(0)
        batches.append(sampler.obtain_samples(0, 20, policy.get_param_values()))
    np.testing.assert_array_equal(batches[0].actions, batches[1].actions)
