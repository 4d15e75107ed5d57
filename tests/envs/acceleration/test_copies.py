"""Copies of accelerated environments, here and in other processes."""

import copy
import pickle
import subprocess
import sys

from metods_garage.envs.acceleration import accelerate

import cloudpickle
import numpy as np
import pytest
from metaworld.env_dict import ALL_V3_ENVIRONMENTS

COPIES = {
    'pickle': lambda env: pickle.loads(pickle.dumps(env)),
    'cloudpickle': lambda env: cloudpickle.loads(cloudpickle.dumps(env)),
    'deepcopy': copy.deepcopy,
}
SAMPLE = ['basketball-v3', 'push-v3']


def in_an_episode(name, n_steps):
    env = accelerate(ALL_V3_ENVIRONMENTS[name])()
    env._freeze_rand_vec, env.seeded_rand_vec, env._set_task_called = False, True, True
    env.seed(1)
    env.reset()
    env._freeze_rand_vec = True
    env.reset()
    for action in actions(n_steps):
        env.step(action)
    return env


def actions(n_steps, seed=0):
    rng = np.random.default_rng(seed)
    return rng.uniform(-1, 1, (n_steps, 4)).astype(np.float32)


def bits(step):
    observation, reward, _, truncated, info = step
    return observation.tobytes(), reward, truncated, info


def assert_moves_alike(env, twin):
    assert type(twin) is type(env)
    for action in actions(30, seed=2):
        assert bits(twin.step(action)) == bits(env.step(action))
    assert twin.reset()[0].tobytes() == env.reset()[0].tobytes()
    for action in actions(10, seed=3):
        assert bits(twin.step(action)) == bits(env.step(action))


def sampled(names):
    rest = [name for name in ALL_V3_ENVIRONMENTS if name not in names]
    return [*names, *(pytest.param(name, marks=pytest.mark.exhaustive) for name in rest)]


@pytest.mark.parametrize('how', COPIES)
@pytest.mark.parametrize('name', sampled(SAMPLE))
def test_copies_move_exactly_like_the_original(name, how):
    for n_steps in (0, 15):
        env = in_an_episode(name, n_steps)
        twin = COPIES[how](env)
        assert len(pickle.dumps(twin)) < 50_000
        assert_moves_alike(env, twin)
        assert_moves_alike(twin, COPIES[how](twin))
        env.close()
        twin.close()


def test_classes_are_pickled_by_name():
    cls = accelerate(ALL_V3_ENVIRONMENTS['push-v3'])
    for pickler in (pickle, cloudpickle):
        pickled = pickler.dumps(cls)
        assert len(pickled) < 200
        assert pickle.loads(pickled) is cls


def test_cloudpickle_sends_no_code_where_nothing_else_has_asked_for_the_module():
    code = (
        'import metods_garage, cloudpickle\n'
        'from metods_garage.envs.acceleration import accelerate\n'
        'from metaworld.env_dict import ALL_V3_ENVIRONMENTS\n'
        'print(len(cloudpickle.dumps(accelerate(ALL_V3_ENVIRONMENTS["push-v3"]))))\n'
    )
    command = [sys.executable, '-W', 'ignore', '-c', code]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert int(run.stdout) < 200


def test_another_process_makes_the_class_again(tmp_path):
    env = in_an_episode('sweep-v3', 15)
    (tmp_path / 'env').write_bytes(cloudpickle.dumps(env))
    code = (
        'import sys, pickle, metods_garage\n'
        'env = pickle.load(open(sys.argv[1], "rb"))\n'
        'action = env.action_space.high\n'
        'print(type(env).__module__, *[env.step(action)[0].tobytes().hex() for _ in range(9)])\n'
    )
    run = subprocess.run(
        [sys.executable, '-W', 'ignore', '-c', code, str(tmp_path / 'env')],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    module, *observations = run.stdout.split()
    assert module == type(env).__module__
    action = env.action_space.high
    assert observations == [env.step(action)[0].tobytes().hex() for _ in range(9)]


def test_unknown_names_are_no_classes():
    with pytest.raises(ImportError, match='SawyerFlyEnvV3'):
        from metods_garage.envs.acceleration.classes import SawyerFlyEnvV3  # noqa: F401
