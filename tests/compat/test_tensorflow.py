"""garage's RL2 in TensorFlow, its trainer and its snapshots; CMA-ES with current cma."""

import numpy as np
import pytest
import tensorflow as tf
from garage.envs import GymEnv, normalize
from garage.envs.mujoco import HalfCheetahDirEnv
from garage.experiment import MetaEvaluator, SnapshotConfig
from garage.experiment.deterministic import set_seed
from garage.experiment.task_sampler import SetTaskSampler
from garage.np.algos import CMAES
from garage.np.baselines import LinearFeatureBaseline
from garage.sampler import LocalSampler
from garage.tf.algos import RL2PPO, RL2TRPO
from garage.tf.algos.rl2 import RL2Env, RL2Worker
from garage.tf.policies import CategoricalMLPPolicy, GaussianGRUPolicy
from garage.trainer import TFTrainer

LENGTH = 10
EPISODES_PER_TRIAL = 2
META_BATCH = 2


@pytest.fixture
def session():
    """A graph and a session of their own, as garage's launchers have."""
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        set_seed(1)
        yield session


def rl2_cheetah(env, _=None):
    return RL2Env(normalize(GymEnv(env, max_episode_length=LENGTH)))


def make_rl2(algorithm, **kwargs):
    tasks = SetTaskSampler(HalfCheetahDirEnv, wrapper=rl2_cheetah)
    env_spec = rl2_cheetah(HalfCheetahDirEnv()).spec
    policy = GaussianGRUPolicy(env_spec=env_spec, hidden_dim=8, state_include_action=False)
    envs = tasks.sample(META_BATCH)
    sampler = LocalSampler(
        policy,
        envs,
        max_episode_length=LENGTH,
        is_tf_worker=True,
        n_workers=META_BATCH,
        worker_class=RL2Worker,
        worker_args={'n_episodes_per_trial': EPISODES_PER_TRIAL},
    )
    algo = algorithm(
        meta_batch_size=META_BATCH,
        task_sampler=tasks,
        env_spec=env_spec,
        policy=policy,
        baseline=LinearFeatureBaseline(env_spec=env_spec),
        sampler=sampler,
        episodes_per_trial=EPISODES_PER_TRIAL,
        center_adv=False,
        **kwargs,
    )
    return algo, envs, tasks


def train(trainer, algo, env, n_epochs=1):
    trainer.setup(algo, env)
    before = [value.copy() for value in algo.policy.get_param_values()]
    trainer.train(n_epochs=n_epochs, batch_size=META_BATCH * EPISODES_PER_TRIAL * LENGTH)
    after = algo.policy.get_param_values()
    assert np.isfinite(np.concatenate([np.ravel(value) for value in after])).all()
    assert any(not np.array_equal(a, b) for a, b in zip(before, after, strict=True))


def test_rl2_ppo_trains_is_evaluated_and_resumes(session, tmp_path):
    config = SnapshotConfig(str(tmp_path), 'last', 1)
    with TFTrainer(config, sess=session) as trainer:
        algo, env, tasks = make_rl2(
            RL2PPO, optimizer_args={'batch_size': 8, 'max_optimization_epochs': 2}
        )
        algo._meta_evaluator = MetaEvaluator(
            test_task_sampler=tasks, n_exploration_eps=1, n_test_episodes=1, n_test_tasks=1
        )
        algo._n_epochs_per_eval = 1
        train(trainer, algo, env)
        steps = trainer.total_env_steps
    with tf.Graph().as_default(), tf.compat.v1.Session() as fresh:
        with TFTrainer(config, sess=fresh) as trainer:
            assert trainer.restore(str(tmp_path)).start_epoch == 1
            trainer.resume(n_epochs=2)
            assert trainer.total_env_steps > steps


def test_rl2_trpo_trains(session, tmp_path):
    with TFTrainer(SnapshotConfig(str(tmp_path), 'none', 1), sess=session) as trainer:
        algo, env, _ = make_rl2(RL2TRPO, max_kl_step=0.01)
        train(trainer, algo, env)


def test_cma_es_trains(session, tmp_path):
    env = GymEnv('CartPole-v1', max_episode_length=LENGTH)
    policy = CategoricalMLPPolicy(env_spec=env.spec, hidden_sizes=(4,))
    sampler = LocalSampler(policy, env, max_episode_length=LENGTH, is_tf_worker=True, n_workers=1)
    algo = CMAES(env_spec=env.spec, policy=policy, sampler=sampler, n_samples=4)
    with TFTrainer(SnapshotConfig(str(tmp_path), 'none', 1), sess=session) as trainer:
        trainer.setup(algo, env)
        trainer.train(n_epochs=2, batch_size=LENGTH)
    assert np.isfinite(policy.get_param_values()).all()
