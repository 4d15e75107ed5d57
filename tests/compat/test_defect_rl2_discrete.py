from metods_garage.compat import all_adjustments

import numpy as np
import pytest
from garage.envs import GymEnv, PointEnv

MODULE = 'garage.tf.algos.rl2'


@pytest.fixture
def released(as_released):
    return as_released(MODULE)


@pytest.fixture
def adjusted(as_released):
    module = as_released(MODULE)
    all_adjustments()['rl2-discrete'].apply_to(module)
    return module


def test_the_previous_discrete_action_is_one_hot(adjusted):
    env = adjusted.RL2Env(GymEnv('CartPole-v1'))
    first, _ = env.reset()
    assert env.observation_space.shape == (4 + 2 + 1 + 1,) == first.shape
    assert (first[4:] == 0).all()
    step = env.step(1)
    assert step.action == 1
    np.testing.assert_array_equal(step.observation[4:], [0, 1, step.reward, 0])


def test_as_released_a_discrete_action_fails(released):
    with pytest.raises(TypeError, match='integer'):
        released.RL2Env(GymEnv('CartPole-v1'))


def test_continuous_observations_are_what_they_were(released, adjusted):
    seen = []
    for module in (released, adjusted):
        env = module.RL2Env(PointEnv(max_episode_length=5))
        seen.append([env.reset()[0]])
        seen[-1] += [env.step(np.array([0.05, -0.02])).observation for _ in range(5)]
        assert env.observation_space.shape == seen[-1][0].shape
    np.testing.assert_array_equal(*seen)


@pytest.mark.usefixtures('own_tf_graph')
def test_rl2_ppo_trains_on_discrete_actions(tmp_path):
    from garage.experiment import SnapshotConfig
    from garage.experiment.task_sampler import ConstructEnvsSampler
    from garage.np.baselines import LinearFeatureBaseline
    from garage.sampler import LocalSampler
    from garage.tf.algos import RL2PPO
    from garage.tf.algos.rl2 import RL2Env, RL2Worker
    from garage.tf.policies import CategoricalGRUPolicy
    from garage.trainer import TFTrainer

    def make():
        return RL2Env(GymEnv('CartPole-v1', max_episode_length=8))

    tasks = ConstructEnvsSampler([make, make])
    with TFTrainer(SnapshotConfig(str(tmp_path), 'last', 1)) as trainer:
        spec = make().spec
        policy = CategoricalGRUPolicy(
            name='policy', env_spec=spec, hidden_dim=4, state_include_action=False
        )
        sampler = LocalSampler(
            policy,
            tasks.sample(2),
            max_episode_length=8,
            is_tf_worker=True,
            n_workers=2,
            worker_class=RL2Worker,
            worker_args={'n_episodes_per_trial': 2},
        )
        algo = RL2PPO(
            meta_batch_size=2,
            task_sampler=tasks,
            env_spec=spec,
            policy=policy,
            baseline=LinearFeatureBaseline(env_spec=spec),
            sampler=sampler,
            episodes_per_trial=2,
            optimizer_args={'batch_size': 2, 'max_optimization_epochs': 1},
        )
        trainer.setup(algo, tasks.sample(2))
        before = policy.get_param_values().copy()
        trainer.train(n_epochs=1, batch_size=2 * 2 * 8)
        assert (policy.get_param_values() != before).any()
