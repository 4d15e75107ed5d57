"""TrialWorker collects whole trials: one memory and one random stream to each."""

from metods_garage.envs import EpisodeHorizon, MetaRLObservation, TaskUpdate, make_benchmark
from metods_garage.policies import CategoricalMetODSPolicy, GaussianMetODSPolicy
from metods_garage.samplers import TrialUpdate, TrialWorker, obtain_trials
from metods_garage.samplers.trial_record import without_unreported

import akro
import gymnasium
import numpy as np
import pytest
import torch
from garage import StepType
from garage.envs import GymEnv, normalize
from garage.sampler import LocalSampler
from garage.torch.policies import GaussianMLPPolicy


def ragged(env, _):
    return MetaRLObservation(env)


class Ragged(gymnasium.Env):
    """Ends after as many steps as its random stream says, at most 6."""

    metadata = {'render_modes': []}

    def __init__(self):
        self.action_space = gymnasium.spaces.Box(-9, 9, (2,), np.float32)
        self.observation_space = gymnasium.spaces.Box(-9, 9, (3,), np.float32)
        self.task = 0.0
        self.closed = False

    def set_task(self, task):
        self.task = task

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.steps_left = int(self.np_random.integers(1, 6))
        return np.full(3, self.task, np.float32), {}

    def step(self, action):
        self.steps_left -= 1
        observation = np.full(3, self.task + self.np_random.normal(), np.float32)
        info = {'success': True} if self.steps_left == 0 else {}
        info = {'success': self.steps_left == 0, 'picture': np.zeros((2, 2))} | info
        return observation, float(action[0]), self.steps_left == 0, False, info

    def close(self):
        self.closed = True


def ragged_updates(n_tasks, name='ragged-{}'):
    return [
        TaskUpdate(Ragged, float(i), task_name=name.format(i), horizon=10, wrapper=ragged)
        for i in range(n_tasks)
    ]


def worker_with(policy, **options):
    options = {'seed': 1, 'max_episode_length': 10, 'worker_number': 0} | options
    worker = TrialWorker(**options)
    worker.update_agent(policy)
    return worker


@pytest.fixture
def policy(counting_policy):
    return counting_policy(ragged_updates(1)[0]().spec)


def test_a_rollout_has_all_episodes_of_all_trials_trial_by_trial(policy):
    worker = worker_with(policy, episodes_per_trial=3)
    worker.update_env([TrialUpdate(u, 7 + i, i) for i, u in enumerate(ragged_updates(4))])
    episodes = worker.rollout()
    infos = episodes.episode_infos_by_episode
    np.testing.assert_array_equal(infos['trial'], np.repeat([7, 8, 9, 10], 3))
    np.testing.assert_array_equal(infos['episode'], np.tile([0, 1, 2], 4))
    assert len(set(episodes.lengths)) > 1, 'the trials of this test should differ in length'
    for episode in episodes.split():
        assert (
            list(episode.step_types[:-1])
            == [StepType.FIRST, *[StepType.MID] * 8][: len(episode.rewards) - 1]
        )
        assert episode.step_types[-1] == StepType.TERMINAL
        assert episode.env_infos['success'].tolist() == [0.0] * (len(episode.rewards) - 1) + [1.0]
    assert set(episodes.env_infos) == {'success'}
    np.testing.assert_allclose(episodes.rewards, episodes.actions[:, 0])


def test_the_policy_is_reset_once_per_trial_and_never_between_episodes(policy):
    worker = worker_with(policy, episodes_per_trial=3)
    worker.update_env([TrialUpdate(u, i, i) for i, u in enumerate(ragged_updates(3))])
    episodes = worker.rollout()
    assert policy.n_resets == 1
    trial = np.repeat(episodes.episode_infos_by_episode['trial'], episodes.lengths)
    for i in range(3):
        count = episodes.agent_infos['value'][trial == i]
        np.testing.assert_array_equal(count, np.arange(1, len(count) + 1))


def test_the_observation_carries_action_reward_and_done_over_episode_borders(policy):
    worker = worker_with(policy, episodes_per_trial=2)
    worker.update_env([TrialUpdate(u, i, 10 + i) for i, u in enumerate(ragged_updates(3))])
    episodes = worker.rollout()
    previous = None
    for number, episode in enumerate(episodes.split()):
        start = episode.observations[0]
        if number % 2 == 0:
            np.testing.assert_array_equal(start[3:], 0)
        else:
            np.testing.assert_allclose(start[3:5], previous.actions[-1])
            np.testing.assert_allclose(start[5:], [previous.rewards[-1], 1], rtol=1e-6)
        np.testing.assert_allclose(episode.observations[1:, 3:5], episode.actions[:-1])
        np.testing.assert_array_equal(episode.observations[1:, -1], 0)
        np.testing.assert_allclose(episode.last_observations[0, 3:5], episode.actions[-1])
        assert episode.last_observations[0, -1] == 1
        previous = episode


def test_a_trial_depends_on_its_seed_alone(policy):
    def trial(updates):
        worker = worker_with(policy, episodes_per_trial=2)
        worker.update_env(updates)
        return worker.rollout()

    a, b, c = ragged_updates(3)
    alone = trial([TrialUpdate(b, 0, 5)])
    among = trial([TrialUpdate(a, 0, 4), TrialUpdate(b, 1, 5), TrialUpdate(c, 2, 6)])
    of_b = [e for e in among.split() if e.episode_infos_by_episode['trial'][0] == 1]
    for one, other in zip(alone.split(), of_b, strict=True):
        np.testing.assert_array_equal(one.observations, other.observations)
        np.testing.assert_array_equal(one.actions, other.actions)
    other_seed = trial([TrialUpdate(b, 0, 6)])
    assert not np.array_equal(alone.actions[:1], other_seed.actions[:1])


def test_a_repeated_rollout_without_update_gives_the_same_batch_back(policy):
    worker = worker_with(policy)
    worker.update_env([TrialUpdate(ragged_updates(1)[0], 0, 5)])
    assert worker.rollout() is worker.rollout()
    before = worker.rollout()
    worker.update_agent({'std': np.array(0.5)})
    assert not np.array_equal(worker.rollout().actions[:1], before.actions[:1])


def test_environments_are_kept_between_iterations(policy):
    worker = worker_with(policy)
    updates = ragged_updates(3, 'ragged')
    worker.update_env([TrialUpdate(u, i, i) for i, u in enumerate(updates)])
    worker.rollout()
    before = [slot.env.unwrapped for slot in worker._slots]
    worker.update_env([TrialUpdate(u, i, i) for i, u in enumerate(reversed(updates))])
    worker.rollout()
    after = [slot.env.unwrapped for slot in worker._slots]
    assert all(a is b for a, b in zip(before, after, strict=True))
    assert [env.task for env in after] == [2.0, 1.0, 0.0]
    worker.shutdown()
    assert all(env.closed for env in after)


def test_mean_actions_can_be_asked_of_a_worker_or_of_a_trial(policy):
    update = ragged_updates(1)[0]
    of_worker = worker_with(policy, deterministic=True)
    of_worker.update_env([TrialUpdate(update, 0, 5)])
    of_trial = worker_with(policy)
    of_trial.update_env([TrialUpdate(update, 0, 5, deterministic=True)])
    np.testing.assert_array_equal(of_worker.rollout().actions, of_trial.rollout().actions)
    assert not of_trial.rollout().agent_infos['log_prob'].any()
    of_trial.update_env([TrialUpdate(update, 0, 5, deterministic=True), TrialUpdate(update, 1, 5)])
    with pytest.raises(ValueError, match='all deterministic'):
        of_trial.rollout()


def test_the_number_of_episodes_can_be_set_for_a_trial(policy):
    worker = worker_with(policy, episodes_per_trial=2)
    worker.update_env([TrialUpdate(ragged_updates(1)[0], 0, 5, episodes_per_trial=4)])
    assert len(worker.rollout().lengths) == 4


def test_the_samplers_own_limit_ends_episodes_by_timeout(policy):
    worker = worker_with(policy, max_episode_length=2, episodes_per_trial=8)
    worker.update_env([TrialUpdate(ragged_updates(1)[0], 0, 3)])
    episodes = worker.rollout()
    assert episodes.lengths.max() == 2
    ends = {StepType(e.step_types[-1]) for e in episodes.split() if len(e.rewards) == 2}
    assert StepType.TIMEOUT in ends
    np.testing.assert_array_equal([e.observations[0, -1] for e in episodes.split()], [0] + [1] * 7)


def test_plain_environments_and_plain_policies_of_garage_work():
    env = normalize(GymEnv('Pendulum-v1', max_episode_length=5))
    policy = GaussianMLPPolicy(env.spec, hidden_sizes=(8,))
    sampler = LocalSampler(
        policy,
        env,
        max_episode_length=5,
        n_workers=2,
        seed=11,
        worker_class=TrialWorker,
        worker_args={'episodes_per_trial': 2},
    )
    episodes = sampler.obtain_exact_episodes(1, policy.get_param_values())
    np.testing.assert_array_equal(episodes.lengths, [5] * 4)
    assert not episodes.env_infos
    worker = worker_with(policy, deterministic=True)
    worker.update_env(env)
    batch = worker.rollout()
    np.testing.assert_allclose(batch.actions, batch.agent_infos['mean'])
    again = worker.rollout()
    assert not np.array_equal(batch.observations, again.observations), 'a new trial each time'
    sampler.shutdown_worker()


class DrawingGlobally:
    """A policy of plain garage: it draws from what the process has."""

    def reset(self, mask):
        pass

    def get_actions(self, observations):
        n = len(observations)
        noise = np.random.normal(size=(n, 1)), torch.randn(n, 1).numpy()  # noqa: NPY002
        return np.hstack(noise).astype(np.float32), {}


def test_a_policy_without_generators_draws_from_the_seeds_of_its_trials():
    updates = ragged_updates(2)
    batches = []
    for seeds in ([5, 6], [5, 6], [7, 8]):
        torch.manual_seed(0)  # workers that were forked from one process
        np.random.seed(0)  # noqa: NPY002
        worker = worker_with(DrawingGlobally(), episodes_per_trial=2)
        worker.update_env([TrialUpdate(u, i, seeds[i]) for i, u in enumerate(updates)])
        batches.append(worker.rollout().actions)
        drawn = (torch.rand(()).item(), np.random.rand())  # noqa: NPY002
        torch.manual_seed(0)
        np.random.seed(0)  # noqa: NPY002
        assert drawn == (torch.rand(()).item(), np.random.rand()), 'left as they were'  # noqa: NPY002
    np.testing.assert_array_equal(batches[0], batches[1])
    assert not np.isin(batches[0], batches[2]).any()


@pytest.mark.parametrize(('seed', 'same'), [(3, True), (0, True), (None, False)])
def test_trials_without_a_seed_come_from_the_workers(seed, same):
    update = ragged_updates(1)[0]
    batches = []
    for worker_number in (0, 0, 1):
        worker = worker_with(DrawingGlobally(), seed=seed, worker_number=worker_number)
        worker.update_env(update)
        batches.append([worker.rollout().actions[0] for _ in range(2)])
    assert np.array_equal(batches[0], batches[1]) == same
    assert not np.isin(batches[0], batches[2]).any(), 'workers differ'
    assert not np.isin(batches[0][0], batches[0][1]).any(), 'trials differ'


def test_a_policy_without_mean_actions_is_refused_by_name(policy):
    class Plain:
        def reset(self, mask):
            pass

        def get_actions(self, observations):
            return np.zeros((len(observations), 2), np.float32), {}

    worker = worker_with(Plain(), deterministic=True)
    worker.update_env([TrialUpdate(ragged_updates(1)[0], 0, 0)])
    with pytest.raises(TypeError, match='Plain has no deterministic actions'):
        worker.rollout()


@pytest.mark.parametrize(('at', 'what'), [('reset', 'after step 0'), ('step', 'after step 1')])
def test_nan_in_an_observation_is_refused_where_it_stands(policy, monkeypatch, at, what):
    of_reset, of_step = Ragged.reset, Ragged.step

    def reset(self, **kwargs):
        observation, info = of_reset(self, **kwargs)
        self.steps_left = 3
        return observation * np.nan if at == 'reset' else observation, info

    def step(self, action):
        observation, *rest = of_step(self, action)
        return (observation * np.nan, *rest)

    monkeypatch.setattr(Ragged, 'reset', reset)
    monkeypatch.setattr(Ragged, 'step', step)
    worker = worker_with(policy)
    worker.update_env([TrialUpdate(ragged_updates(2)[1], 41, 0)])
    with pytest.raises(FloatingPointError, match=f'ragged-1 .*trial 41, episode 0, {what}'):
        worker.rollout()


@pytest.mark.parametrize('diverged', ['memory', 'parameters'])
@pytest.mark.parametrize('benchmark', ['bandit-2', 'ragged'])
def test_a_diverged_policy_is_named_before_the_environment_sees_its_action(benchmark, diverged):
    if benchmark == 'ragged':
        updates, policy_class = ragged_updates(2), GaussianMetODSPolicy
    else:
        updates = make_benchmark(benchmark).train_sampler(ragged, seed=3).sample(2)
        policy_class = CategoricalMetODSPolicy
    policy = policy_class(updates[0]().spec, n_neurons=4, n_inner_steps=1)

    if diverged == 'memory':
        of_reset = policy.reset

        def reset(do_resets):
            of_reset(do_resets)
            policy.reset_to(policy.clone_state() * np.nan, do_resets)

        policy.reset = reset
    else:
        torch.nn.init.constant_(next(policy.actor_critic.policy_head.parameters()), np.nan)
    worker = worker_with(policy)
    worker.update_env([TrialUpdate(update, 41, 0) for update in updates])
    match = 'MetODSPolicy gave a .* not finite in trial 41, episode 0, after step 0'
    with pytest.raises(FloatingPointError, match=match):
        worker.rollout()


def test_what_a_policy_does_after_a_trial_is_over_is_nobodys_business(policy):
    act = policy.get_actions

    def nan_when_over(observations, generators):
        actions, infos = act(observations, generators)
        over = observations[:, -1] == 1
        return np.where(over[:, np.newaxis], np.nan, actions), infos

    policy.get_actions = nan_when_over
    worker = worker_with(policy)
    worker.update_env([TrialUpdate(u, i, i) for i, u in enumerate(ragged_updates(4))])
    lengths = worker.rollout().lengths
    assert len(set(lengths)) > 1, 'the trials of this test should differ in length'


def test_infos_that_are_missing_are_zero_and_those_of_nobody_are_left_out(policy, monkeypatch):
    of_step = Ragged.step

    def step(self, action):
        *rest, done, truncated, info = of_step(self, action)
        kept = {'success': 1.0, 'endless': np.inf} if self.task == 0 else {}
        return (*rest, done, truncated, kept)

    monkeypatch.setattr(Ragged, 'step', step)
    worker = worker_with(policy, info_keys=('success', 'endless', 'unheard_of'))
    worker.update_env([TrialUpdate(u, i, i) for i, u in enumerate(ragged_updates(2))])
    collected = worker.rollout()
    settled = without_unreported(collected)
    assert set(settled.env_infos) == {'success', 'endless'}
    first, second = (episode.env_infos for episode in settled.split())
    np.testing.assert_array_equal(first['success'], 1)
    np.testing.assert_array_equal(first['endless'], np.inf)
    np.testing.assert_array_equal(second['success'], 0)
    assert np.isnan(collected.env_infos['unheard_of']).all(), 'the collected batch is left alone'


def test_an_info_that_is_no_number_is_refused_if_asked_for(policy):
    worker = worker_with(policy, info_keys=('picture',))
    worker.update_env([TrialUpdate(ragged_updates(1)[0], 0, 0)])
    with pytest.raises(ValueError, match=r"env_info\['picture'\] has shape \(2, 2\)"):
        worker.rollout()


def test_wrong_updates_are_refused(policy):
    with pytest.raises(ValueError, match='episodes_per_trial=0'):
        worker_with(policy, episodes_per_trial=0)
    with pytest.raises(TypeError, match='lists of TrialUpdate, not of TaskUpdate'):
        worker_with(policy).update_env(ragged_updates(2))
    worker = worker_with(policy)
    worker.update_env([TrialUpdate(None, 3, 0)])
    with pytest.raises(ValueError, match='trial 3 has no environment'):
        worker.rollout()


def test_discrete_actions_and_rewards_of_a_bandit(counting_policy):
    class ArmPolicy:
        def reset(self, mask):
            pass

        def get_actions(self, observations, generators):
            return np.array([g.integers(2) for g in generators]), {}

    updates = make_benchmark('bandit-2').train_sampler(ragged, seed=3).sample(4)
    worker = worker_with(ArmPolicy(), max_episode_length=40)
    worker.update_env([TrialUpdate(u, i, i) for i, u in enumerate(updates)])
    episodes = worker.rollout()
    assert episodes.lengths.tolist() == [40] * 4
    assert isinstance(episodes.env_spec.action_space, akro.Discrete)
    for episode in episodes.split():
        one_hot = np.eye(2)[episode.actions[:-1]]
        np.testing.assert_array_equal(episode.observations[1:, 1:3], one_hot)
        np.testing.assert_array_equal(episode.observations[1:, 3], episode.rewards[:-1])


def test_trials_of_meta_world_repeat_themselves_in_used_environments(counting_policy):
    def wrapper(env, _):
        return MetaRLObservation(EpisodeHorizon(env, 15))

    tasks = make_benchmark('ml1-reach-v3').train_sampler(wrapper, seed=2).sample(3)
    env = tasks[0]()
    policy = counting_policy(env.spec)
    sampler = LocalSampler(
        policy,
        env,
        max_episode_length=15,
        n_workers=1,
        seed=1,
        worker_class=TrialWorker,
        worker_args={'episodes_per_trial': 2},
    )
    first = obtain_trials(sampler, policy.get_param_values(), tasks, [1, 2, 3])
    assert first.observations.dtype == np.float32
    assert first.observations.shape == (90, 39 + 4 + 2)
    assert 'success' in first.env_infos
    again = obtain_trials(sampler, policy.get_param_values(), tasks[::-1], [3, 2, 1])
    for one, other in zip(first.split()[:2], again.split()[-2:], strict=True):
        np.testing.assert_array_equal(one.observations, other.observations)
        np.testing.assert_array_equal(one.rewards, other.rewards)
    sampler.shutdown_worker()
