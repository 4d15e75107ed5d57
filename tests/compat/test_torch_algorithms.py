"""garage's torch algorithms train one tiny epoch, and snapshots resume."""

import numpy as np
import pytest
import torch
from garage import Trainer
from garage.envs import GymEnv, MultiEnvWrapper, normalize
from garage.envs.mujoco import HalfCheetahDirEnv
from garage.envs.multi_env_wrapper import round_robin_strategy
from garage.experiment import MetaEvaluator, SnapshotConfig, Snapshotter
from garage.experiment.deterministic import set_seed
from garage.experiment.task_sampler import SetTaskSampler
from garage.np.exploration_policies import AddOrnsteinUhlenbeckNoise
from garage.replay_buffer import PathBuffer
from garage.sampler import FragmentWorker, LocalSampler
from garage.torch import policies
from garage.torch.algos import (
    DDPG,
    MAMLPPO,
    MAMLTRPO,
    MAMLVPG,
    MTSAC,
    PEARL,
    PPO,
    SAC,
    TD3,
    TRPO,
    VPG,
)
from garage.torch.algos.pearl import PEARLWorker
from garage.torch.embeddings import MLPEncoder
from garage.torch.q_functions import ContinuousMLPQFunction
from garage.torch.value_functions import GaussianMLPValueFunction

LENGTH = 12


@pytest.fixture(autouse=True)
def seeded():
    set_seed(1)


@pytest.fixture
def trainer(tmp_path):
    return Trainer(SnapshotConfig(str(tmp_path), 'last', 1))


def pendulum():
    return normalize(GymEnv('Pendulum-v1', max_episode_length=LENGTH))


def cheetah(env, _=None):
    return normalize(GymEnv(env, max_episode_length=LENGTH))


def local_sampler(policy, env, **kwargs):
    return LocalSampler(policy, env, max_episode_length=LENGTH, n_workers=1, **kwargs)


def parameters(module):
    return torch.cat([p.detach().flatten() for p in module.parameters()])


def train(trainer, algo, env, policy, **kwargs):
    before = parameters(policy).clone()
    trainer.setup(algo, env)
    trainer.train(**kwargs)
    after = parameters(policy)
    assert torch.isfinite(after).all()
    assert not torch.equal(before, after)
    return trainer


def on_policy(cls, trainer):
    env = pendulum()
    policy = policies.GaussianMLPPolicy(env.spec, hidden_sizes=(8,))
    algo = cls(
        env_spec=env.spec,
        policy=policy,
        value_function=GaussianMLPValueFunction(env.spec, hidden_sizes=(8,)),
        sampler=local_sampler(policy, env),
    )
    return train(trainer, algo, env, policy, n_epochs=1, batch_size=5 * LENGTH)


@pytest.mark.parametrize('cls', [VPG, PPO, TRPO])
def test_on_policy_algorithms_train(trainer, cls):
    assert on_policy(cls, trainer).total_env_steps >= 5 * LENGTH


def q_functions(env):
    return [ContinuousMLPQFunction(env.spec, hidden_sizes=(8,)) for _ in range(2)]


def ddpg(env):
    policy = policies.DeterministicMLPPolicy(env.spec, hidden_sizes=(8,))
    noise = AddOrnsteinUhlenbeckNoise(env.spec, policy)
    sampler = local_sampler(noise, env, worker_class=FragmentWorker)
    return policy, DDPG(
        env_spec=env.spec,
        policy=policy,
        qf=q_functions(env)[0],
        replay_buffer=PathBuffer(500),
        sampler=sampler,
        exploration_policy=noise,
        steps_per_epoch=1,
        n_train_steps=3,
        min_buffer_size=10,
        buffer_batch_size=8,
    )


def td3(env):
    policy = policies.DeterministicMLPPolicy(env.spec, hidden_sizes=(8,))
    noise = AddOrnsteinUhlenbeckNoise(env.spec, policy)
    qf1, qf2 = q_functions(env)
    return policy, TD3(
        env_spec=env.spec,
        policy=policy,
        qf1=qf1,
        qf2=qf2,
        replay_buffer=PathBuffer(500),
        sampler=local_sampler(noise, env, worker_class=FragmentWorker),
        exploration_policy=noise,
        uniform_random_policy=noise,
        max_episode_length_eval=LENGTH,
        num_evaluation_episodes=1,
        steps_per_epoch=1,
        start_steps=0,
        update_after=0,
        grad_steps_per_env_step=4,
        min_buffer_size=10,
        buffer_batch_size=8,
    )


def sac(env):
    policy = policies.TanhGaussianMLPPolicy(env.spec, hidden_sizes=(8,))
    qf1, qf2 = q_functions(env)
    return policy, SAC(
        env_spec=env.spec,
        policy=policy,
        qf1=qf1,
        qf2=qf2,
        replay_buffer=PathBuffer(500),
        sampler=local_sampler(policy, env, worker_class=FragmentWorker),
        gradient_steps_per_itr=3,
        max_episode_length_eval=LENGTH,
        num_evaluation_episodes=1,
        min_buffer_size=10,
        buffer_batch_size=8,
        steps_per_epoch=1,
    )


@pytest.mark.parametrize('make', [ddpg, td3, sac])
def test_off_policy_algorithms_train(trainer, make):
    env = pendulum()
    policy, algo = make(env)
    train(trainer, algo, env, policy, n_epochs=2, batch_size=2 * LENGTH)


def test_mtsac_trains_on_two_tasks(trainer):
    env = MultiEnvWrapper([pendulum(), pendulum()], sample_strategy=round_robin_strategy)
    policy = policies.TanhGaussianMLPPolicy(env.spec, hidden_sizes=(8,))
    qf1, qf2 = q_functions(env)
    algo = MTSAC(
        policy=policy,
        qf1=qf1,
        qf2=qf2,
        replay_buffer=PathBuffer(500),
        sampler=local_sampler(policy, env, worker_class=FragmentWorker),
        gradient_steps_per_itr=2,
        max_episode_length_eval=LENGTH,
        num_evaluation_episodes=2,
        eval_env=[env],
        env_spec=env.spec,
        num_tasks=2,
        steps_per_epoch=1,
        min_buffer_size=10,
        buffer_batch_size=8,
    )
    train(trainer, algo, env, policy, n_epochs=2, batch_size=4 * LENGTH)


@pytest.mark.parametrize('cls', [MAMLVPG, MAMLPPO, MAMLTRPO])
def test_maml_trains_and_is_evaluated_on_new_tasks(trainer, cls):
    env = cheetah(HalfCheetahDirEnv())
    tasks = SetTaskSampler(HalfCheetahDirEnv, wrapper=cheetah)
    policy = policies.GaussianMLPPolicy(env.spec, hidden_sizes=(8,))
    sampler = local_sampler(policy, env)
    evaluator = MetaEvaluator(test_task_sampler=tasks, n_test_tasks=1, n_exploration_eps=1)
    algo = cls(
        env=env,
        policy=policy,
        value_function=GaussianMLPValueFunction(env.spec, hidden_sizes=(8,)),
        sampler=sampler,
        task_sampler=tasks,
        meta_batch_size=2,
        num_grad_updates=1,
        meta_evaluator=evaluator,
        evaluate_every_n_epochs=1,
        inner_lr=0.01,
    )
    train(trainer, algo, env, policy, n_epochs=1, batch_size=2 * LENGTH)


def pearl(tasks, env, latent=3):
    """PEARL of the size of a test, with garage's own worker."""
    networks = {'hidden_sizes': [8, 8]}
    augmented = PEARL.augment_env_spec(env, latent)
    return PEARL(
        env=tasks.sample(2),
        policy_class=policies.ContextConditionedPolicy,
        encoder_class=MLPEncoder,
        inner_policy=policies.TanhGaussianMLPPolicy(augmented, **networks),
        qf=ContinuousMLPQFunction(augmented, **networks),
        vf=ContinuousMLPQFunction(PEARL.get_env_spec(env, latent, 'vf'), **networks),
        sampler=local_sampler(None, env, worker_class=PEARLWorker),
        num_train_tasks=2,
        num_test_tasks=1,
        test_env_sampler=tasks,
        latent_dim=latent,
        encoder_hidden_sizes=[8],
        num_steps_per_epoch=2,
        num_initial_steps=LENGTH,
        num_tasks_sample=2,
        num_steps_prior=LENGTH,
        num_extra_rl_steps_posterior=LENGTH,
        batch_size=8,
        embedding_batch_size=4,
        embedding_mini_batch_size=4,
        meta_batch_size=2,
        replay_buffer_size=1000,
    )


def test_pearl_trains_and_its_snapshot_resumes(trainer, tmp_path):
    env = cheetah(HalfCheetahDirEnv())
    algo = pearl(SetTaskSampler(HalfCheetahDirEnv, wrapper=cheetah), env)
    train(trainer, algo, env, algo.policy, n_epochs=1, batch_size=LENGTH)
    again = Trainer(SnapshotConfig(str(tmp_path), 'last', 1))
    again.restore(str(tmp_path))
    before = parameters(again._algo.policy).clone()
    again.resume(n_epochs=2)
    assert not torch.equal(before, parameters(again._algo.policy))


def test_a_snapshot_is_restored_and_resumed(trainer, tmp_path):
    on_policy(PPO, trainer)
    snapshot = Snapshotter().load(str(tmp_path))
    assert snapshot['algo'].policy is not None
    again = Trainer(SnapshotConfig(str(tmp_path), 'last', 1))
    args = again.restore(str(tmp_path))
    assert args.start_epoch == 1
    before = parameters(again._algo.policy).clone()
    np.testing.assert_array_equal(before, parameters(trainer._algo.policy))
    again.resume(n_epochs=2)
    assert again.total_env_steps > trainer.total_env_steps
    assert not torch.equal(before, parameters(again._algo.policy))
