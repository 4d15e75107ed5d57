"""Accelerated environments do what the installed ones do, to the last bit."""

from metods_garage.envs.acceleration import accelerate

import metaworld
import metaworld.envs
import numpy as np
import pytest
from metaworld.env_dict import ALL_V3_ENVIRONMENTS
from metaworld.policies import ENV_POLICY_MAP
from metaworld.sawyer_xyz_env import SawyerXYZEnv

# Of each peculiarity one: several objects, a caging reward of its own, static methods, a target
# that is a window into MuJoCo's memory, a hand reset of its own, physics in the reset, a site that
# the first pass of a reset moves.
SAMPLE = ['assembly-v3', 'basketball-v3', 'box-close-v3', 'faucet-open-v3', 'push-v3',
          'stick-pull-v3', 'sweep-v3']  # fmt: skip


def random_actions(rng, dtype):
    """A policy whose actions are out of range every third time."""
    return lambda _observation: rng.uniform(-1.5, 1.5, 4).astype(dtype)


def scripted(name, dtype):
    policy = ENV_POLICY_MAP[name]()
    return lambda observation: policy.get_action(observation).astype(dtype)


def assert_equal_episode(pair, act, n_steps):
    observation, _ = pair.both(lambda env: env.reset())
    pair.assert_equal_within()
    for _ in range(n_steps):
        action = act(observation)
        observation, *_ = pair.both(lambda env, action=action: env.step(action))
    pair.assert_equal_within()


def assert_equal_on_tasks(pair, name, n_steps, seed):
    print('seed', seed)
    rng = np.random.default_rng(seed)
    goals = [pair.draw_goal(seed + i) for i in range(2)]
    for goal, hidden, acts in (
        (goals[0], True, [random_actions(rng, np.float32), scripted(name, np.float32)]),
        (goals[1], False, [scripted(name, np.float64), random_actions(rng, np.float64)]),
        (goals[0], True, [scripted(name, np.float32)]),
    ):
        pair.set_task(goal, hidden)
        for act in acts:
            assert_equal_episode(pair, act, n_steps)


@pytest.mark.filterwarnings('ignore:Constant.* may be too high')
@pytest.mark.parametrize('name', SAMPLE)
def test_observations_rewards_infos_and_the_simulation_are_the_same(twins, name):
    cls = ALL_V3_ENVIRONMENTS[name]
    assert_equal_on_tasks(twins(cls, accelerate(cls)), name, n_steps=80, seed=1)


@pytest.mark.exhaustive
@pytest.mark.filterwarnings('ignore:Constant.* may be too high')
@pytest.mark.parametrize('name', ALL_V3_ENVIRONMENTS)
@pytest.mark.parametrize('version', ['v1', 'v2'])
def test_whole_episodes_of_every_class_are_the_same(twins, name, version):
    cls = ALL_V3_ENVIRONMENTS[name]
    if version == 'v1' and (reason := defect_of_version_1(cls)):
        pytest.skip(f'the installed reward of version 1 does not work: {reason}')
    pair = twins(cls, accelerate(cls), reward_function_version=version)
    assert_equal_on_tasks(pair, name, n_steps=500, seed=2)


def defect_of_version_1(cls):
    """The error of a step that is rewarded by Meta-World's own old code, if it has one."""
    env = cls(reward_function_version='v1')
    env._freeze_rand_vec, env._set_task_called = False, True
    try:
        env.reset()
        env.step(np.zeros(4, np.float32))
    except (AssertionError, AttributeError, KeyError, TypeError, ValueError) as error:
        return repr(error)
    finally:
        env.close()
    return None


def test_every_class_is_accelerated():
    assert len(ALL_V3_ENVIRONMENTS) == 50
    for cls in ALL_V3_ENVIRONMENTS.values():
        accelerated = accelerate(cls)
        assert accelerated is not cls
        assert issubclass(accelerated, cls)
        assert accelerated.__name__ == cls.__name__
        assert accelerate(cls) is accelerated
        assert accelerate(accelerated) is accelerated


def test_unusual_actions_are_treated_alike(twins, monkeypatch, tmp_path):
    cls = ALL_V3_ENVIRONMENTS['reach-v3']
    pair = twins(cls, accelerate(cls))
    pair.set_task(pair.draw_goal(0), hidden=True)
    pair.both(lambda env: env.reset())
    for action in (
        [0.1, -2.0, 0.3, 0.4],
        (1, 0, -1, 1),
        np.array([1, 0, -1, 0]),
        np.array([0.3, -0.2, 7, 0.1], np.float16),
        np.arange(8, dtype=np.float32)[::2] / 8,
        np.array([1e-42, -1e-40, 1e30, -np.inf], np.float32)[[0, 1, 2, 0]],
    ):
        pair.both(lambda env, action=action: env.step(action))
    pair.assert_equal_within()
    monkeypatch.chdir(tmp_path)  # where MuJoCo notes what is not finite
    pair.both(lambda env: env.step(np.array([0.1, np.nan, 0.2, 0.3], np.float32)))
    pair.assert_equal_within()


@pytest.mark.parametrize('observed', [True, False])
def test_what_upstream_refuses_is_refused_in_its_words(twins, observed):
    cls = ALL_V3_ENVIRONMENTS['push-v3']
    pair = twins(cls, accelerate(cls))

    def refusal(env, action):
        with pytest.raises((AssertionError, RuntimeError, ValueError)) as caught:
            env.step(action)
        return type(caught.value).__name__, str(caught.value)

    good = np.zeros(4, np.float32)
    assert pair.both(lambda env: refusal(env, good))[0] == 'RuntimeError'
    with pytest.raises(RuntimeError, match='set_task'):
        pair.accelerated.evaluate_state(np.zeros(39), good)
    pair.set_task(pair.draw_goal(0), hidden=not observed)
    pair.both(lambda env: env.reset())
    assert pair.both(lambda env: refusal(env, np.zeros(3, np.float32)))[0] == 'AssertionError'
    for i in range(500):
        truncated = pair.both(lambda env: env.step(good))[3]
        assert truncated == (i == 499)
    assert pair.both(lambda env: refusal(env, good))[0] == 'ValueError'
    pair.both(lambda env: env.reset())
    pair.both(lambda env: env.step(good))


def test_limits_that_are_changed_later_count_at_once(twins):
    cls = ALL_V3_ENVIRONMENTS['drawer-open-v3']
    pair = twins(cls, accelerate(cls))
    pair.set_task(pair.draw_goal(0), hidden=True)
    pair.both(lambda env: env.reset())
    act = random_actions(np.random.default_rng(0), np.float32)
    for change in (
        {'action_scale': 1 / 30},
        {'mocap_low': np.array([-0.05, 0.6, 0.1]), 'mocap_high': np.array([0.05, 0.7, 0.2])},
        {'frame_skip': 3},
        {'max_path_length': 30},
    ):
        for name, value in change.items():
            for env in (pair.upstream, pair.accelerated):
                setattr(env, name, value)
        for _ in range(6):
            action = act(None)
            pair.both(lambda env, action=action: env.step(action))
    pair.assert_equal_within()


def test_upstream_environments_beside_it_are_not_touched():
    cls = ALL_V3_ENVIRONMENTS['sweep-v3']
    module = metaworld.envs.sawyer_sweep_v3
    before = dict(vars(module)), dict(vars(cls)), dict(vars(SawyerXYZEnv)), dict(vars(np.linalg))
    accelerated = accelerate.__wrapped__(cls)
    env = accelerated()
    after = dict(vars(module)), dict(vars(cls)), dict(vars(SawyerXYZEnv)), dict(vars(np.linalg))
    assert before == after
    assert type(env) is accelerated
    assert metaworld.envs.SawyerSweepEnvV3 is cls
    assert ALL_V3_ENVIRONMENTS['sweep-v3'] is cls
    env.close()


def test_other_classes_are_refused_by_name():
    with pytest.raises(TypeError, match='dict'):
        accelerate(dict)
    with pytest.raises(TypeError, match='push-v3'):
        accelerate('push-v3')
