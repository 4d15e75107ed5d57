"""garage's environments and wrappers, over gymnasium and current MuJoCo."""

import copy
import pickle

import akro
import cloudpickle
import gymnasium
import numpy as np
import pytest
from garage import StepType
from garage.envs import (
    GridWorldEnv,
    GymEnv,
    MultiEnvWrapper,
    PointEnv,
    TaskNameWrapper,
    TaskOnehotWrapper,
    normalize,
)
from garage.envs.mujoco import HalfCheetahDirEnv, HalfCheetahVelEnv


class Countdown(gymnasium.Env):
    """Ends by itself after `ends_after` steps, or says that time is up after `cut_after`."""

    metadata = {'render_modes': ['ansi']}
    observation_space = gymnasium.spaces.Box(0, 100, (1,), np.float32)
    action_space = gymnasium.spaces.Discrete(2)

    def __init__(self, ends_after=None, cut_after=None):
        self.ends_after, self.cut_after = ends_after, cut_after
        self.render_mode = None

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.steps = 0
        return self._observe(), {}

    def step(self, action):
        self.steps += 1
        return (
            self._observe(),
            1,
            self.steps == self.ends_after,
            self.steps == self.cut_after,
            {'action': action},
        )

    def render(self):
        return f'{self.render_mode}: {self.steps}'

    def _observe(self):
        return np.array([self.steps], np.float32)


def last_step(env):
    env.reset()
    while True:
        env_step = env.step(env.action_space.sample())
        if env_step.last:
            return env_step


@pytest.mark.parametrize(
    ('ends_after', 'cut_after', 'limit', 'step_type', 'length'),
    [
        (3, None, None, StepType.TERMINAL, 3),
        (3, None, 10, StepType.TERMINAL, 3),
        (None, 4, None, StepType.TIMEOUT, 4),
        (None, 4, 10, StepType.TIMEOUT, 4),
        (None, None, 5, StepType.TIMEOUT, 5),
        # the task ends at the very step at which time runs out
        (5, None, 5, StepType.TERMINAL, 5),
        (5, 5, 5, StepType.TERMINAL, 5),
        (5, 5, None, StepType.TERMINAL, 5),
    ],
)
def test_an_episode_ends_by_the_task_or_by_time(ends_after, cut_after, limit, step_type, length):
    env_step = last_step(GymEnv(Countdown(ends_after, cut_after), max_episode_length=limit))
    assert env_step.step_type == step_type
    assert env_step.observation == [length]
    truncated = step_type == StepType.TIMEOUT
    assert env_step.env_info['TimeLimit.truncated'] is truncated
    assert env_step.env_info['GymEnv.TimeLimitTerminated'] is truncated


def test_infos_have_the_same_keys_in_every_step():
    env = GymEnv(Countdown(cut_after=3))
    env.reset()
    keys = [set(env.step(0).env_info) for _ in range(3)]
    assert keys[0] == keys[1] == keys[2]


def test_a_time_limit_of_gymnasium_is_a_timeout():
    env = GymEnv(gymnasium.wrappers.TimeLimit(Countdown(), 6))
    assert last_step(env).step_type == StepType.TIMEOUT


def test_stepping_before_reset_is_refused():
    with pytest.raises(RuntimeError, match='reset'):
        GymEnv('CartPole-v1').step(0)


def test_render_modes_are_gymnasiums():
    env = GymEnv(Countdown())
    env.reset()
    assert env.render_modes == ['ansi']
    assert env.render('ansi') == 'ansi: 0'
    with pytest.raises(ValueError, match='rgb_array'):
        env.render('rgb_array')


@pytest.mark.parametrize(
    ('name', 'successor', 'length'),
    [
        ('CartPole-v1', 'CartPole-v1', 500),
        ('Pendulum-v0', 'Pendulum-v1', 200),
        ('MountainCar-v0', 'MountainCar-v0', 200),
        ('HalfCheetah-v5', 'HalfCheetah-v5', 1000),
        ('HalfCheetah-v2', 'HalfCheetah-v4', 1000),
        ('Hopper-v3', 'Hopper-v4', 1000),
        ('Pusher-v2', 'Pusher-v5', 100),
        ('InvertedDoublePendulum-v2', 'InvertedDoublePendulum-v4', 1000),
    ],
)
def test_names_of_the_old_gym_mean_their_successors(name, successor, length):
    env = GymEnv(name)
    assert env.unwrapped.spec.id == successor
    assert env.spec.max_episode_length == length
    env.reset()
    assert env.step(env.action_space.sample()).step_type == StepType.FIRST
    env.close()


def test_an_unknown_name_is_gymnasiums_error():
    with pytest.raises(gymnasium.error.NameNotFound, match='CartPoll'):
        GymEnv('CartPoll-v1')


def test_spaces_are_akros():
    env = GymEnv('CartPole-v1')
    assert isinstance(env.action_space, akro.Discrete)
    assert isinstance(env.observation_space, akro.Box)
    assert env.spec.action_space.flat_dim == 2
    assert env.observation_space.contains(np.zeros(4, np.float64))
    assert not env.observation_space.contains(np.full(4, np.nan))


def test_bounds_of_another_precision_are_no_reason_to_warn(recwarn):
    box = akro.Box(np.array([-1e300, 0.0]), np.array([1e300, 1.0]))
    assert box.dtype == np.float32
    np.testing.assert_array_equal(box.low, [-np.inf, 0])
    assert akro.Box(0, 255, (2, 2), np.uint8).dtype == np.uint8
    assert not [w for w in recwarn if 'precision' in str(w.message)]


def test_seeding_repeats_an_episode():
    episodes = []
    for _ in range(2):
        env = GymEnv('CartPole-v1')
        env.seed(7)
        episodes.append([env.reset()[0], *(env.step(i % 2).observation for i in range(5))])
    np.testing.assert_array_equal(*episodes)
    assert not np.array_equal(episodes[0][0], env.reset()[0])


def test_an_environment_that_was_registered_as_a_function_closes():
    gymnasium.register('MetodsCountdown-v0', entry_point=lambda: Countdown(ends_after=2))
    env = GymEnv(gymnasium.make('MetodsCountdown-v0'))
    assert last_step(env).step_type == StepType.TERMINAL
    env.close()


COPIES = {
    'pickle': lambda env: pickle.loads(pickle.dumps(env)),
    'cloudpickle': lambda env: cloudpickle.loads(cloudpickle.dumps(env)),
    'deepcopy': copy.deepcopy,
}


@pytest.mark.parametrize('copied', COPIES)
@pytest.mark.parametrize(
    'make',
    [
        lambda: GymEnv('CartPole-v1', max_episode_length=12),
        lambda: GymEnv('HalfCheetah-v5', max_episode_length=12),
        lambda: GymEnv('Ant-v5', max_episode_length=12),
        lambda: normalize(GymEnv('Pendulum-v1', max_episode_length=12)),
        lambda: TaskOnehotWrapper(GymEnv('Hopper-v2', max_episode_length=12), 1, 3),
        lambda: GymEnv(HalfCheetahDirEnv({'direction': -1.0}), max_episode_length=12),
    ],
    ids=['CartPole', 'HalfCheetah', 'Ant', 'Pendulum', 'Hopper', 'HalfCheetahDir'],
)
def test_a_copy_goes_on_where_the_original_is(make, copied):
    env = make()
    env.seed(3)
    env.reset()
    env.action_space.seed(4)
    actions = [env.action_space.sample() for _ in range(12)]
    for action in actions[:5]:
        env.step(action)
    twin = COPIES[copied](env)
    assert twin.spec == env.spec
    for action in actions[5:]:
        ours, theirs = twin.step(action), env.step(action)
        np.testing.assert_array_equal(ours.observation, theirs.observation)
        assert (ours.reward, ours.step_type) == (theirs.reward, theirs.step_type)
        if theirs.last:
            break
    # the random generator of the initial states is copied too
    np.testing.assert_array_equal(twin.reset()[0], env.reset()[0])


def test_an_image_stays_an_image_in_a_copy():
    class Picture(Countdown):
        observation_space = gymnasium.spaces.Box(0, 255, (4, 4, 3), np.uint8)

    env = cloudpickle.loads(cloudpickle.dumps(GymEnv(Picture(), is_image=True)))
    assert isinstance(env.observation_space, akro.Image)


@pytest.mark.parametrize(
    ('cls', 'tasks'),
    [
        (HalfCheetahDirEnv, [{'direction': -1.0}, {'direction': 1.0}]),
        (HalfCheetahVelEnv, [{'velocity': 0.5}, {'velocity': 1.5}]),
    ],
)
def test_the_meta_cheetahs_run_on_current_mujoco(cls, tasks):
    env = GymEnv(cls(), max_episode_length=5)
    observation, _ = env.reset()
    assert observation.shape == (20,)
    assert observation.dtype == np.float32
    assert [task.keys() for task in env.sample_tasks(3)] == [tasks[0].keys()] * 3
    rewards = []
    for task in tasks:
        env.set_task(task)
        env.seed(0)
        env.reset()
        env_step = env.step(np.ones(6))
        assert env_step.env_info['reward_ctrl'] == pytest.approx(-0.05 * 6)
        rewards.append(env_step.reward)
    assert rewards[0] != rewards[1]


def test_the_meta_cheetah_keeps_its_direction_in_copies():
    forward, backward = (HalfCheetahDirEnv({'direction': d}) for d in (1.0, -1.0))
    for env in (forward, backward):
        env.seed(0)
        env.reset()
        env.step(np.zeros(6))
    copies = [pickle.loads(pickle.dumps(env)) for env in (forward, backward)]
    (_, r1, _, i1), (_, r2, _, i2) = (env.step(np.ones(6)) for env in copies)
    assert i1['reward_forward'] == pytest.approx(-i2['reward_forward'])
    assert (i1['task_dir'], i2['task_dir']) == (1.0, -1.0)
    assert r1 != r2


def test_wrappers_of_garage_work_over_gymnasium():
    def make(index):
        env = normalize(GymEnv('Pendulum-v1', max_episode_length=3), normalize_reward=True)
        return TaskNameWrapper(env, task_name=f'pendulum-{index}', task_id=index)

    envs = [TaskOnehotWrapper(make(index), index, 2) for index in range(2)]
    multi = MultiEnvWrapper([make(0), make(1)], env_names=['a', 'b'])
    for env in (*envs, multi):
        observation, _ = env.reset()
        assert observation.shape == (5,)
        assert observation[3:].sum() == 1
        env_step = last_step(env)
        assert env_step.step_type == StepType.TIMEOUT
        assert env_step.env_info['task_name'] in ('pendulum-0', 'pendulum-1', 'a', 'b')


def test_environments_of_garage_itself_work():
    for env in (PointEnv(max_episode_length=5), GridWorldEnv(max_episode_length=5)):
        assert last_step(env).last
        twin = pickle.loads(pickle.dumps(env))
        assert last_step(twin).last


def test_wrappers_written_for_the_old_gym_wrap_gymnasium():
    import gym

    class Twice(gym.RewardWrapper):
        def reward(self, reward):
            return 2 * reward

    class Plus(gym.ObservationWrapper):
        def observation(self, observation):
            return observation + 1

    env = GymEnv(Plus(Twice(Countdown(ends_after=2))))
    observation, _ = env.reset()
    assert observation == [1]
    env_step = env.step(0)
    assert (env_step.reward, env_step.observation) == (2, [2])
    assert env.step(0).step_type == StepType.TERMINAL


def test_environments_written_for_the_old_gym_still_run():
    import gym

    class Old(gym.Env):
        metadata = {'render.modes': []}
        observation_space = gym.spaces.Box(0, 1, (2,))
        action_space = gym.spaces.Discrete(2)

        def reset(self):
            return np.zeros(2)

        def step(self, action):
            return np.ones(2), 1.0, bool(action), {}

    env = GymEnv(Old())
    env.reset()
    assert env.step(0).step_type == StepType.FIRST
    assert env.step(1).step_type == StepType.TERMINAL
