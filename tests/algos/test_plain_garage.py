"""The algorithms under garage's own Trainer, Snapshotter and MetaEvaluator."""

import copy
import os
from typing import ClassVar

from metods_garage import RecurrentA2C, RecurrentPPO
from metods_garage.policies import AdaptedPolicy, memory

import dowel
import pytest
import torch
from garage import EpisodeBatch
from garage.experiment import MetaEvaluator, SnapshotConfig
from garage.experiment.deterministic import set_seed
from garage.sampler import DefaultWorker
from garage.trainer import Trainer


def _trainer(tmp_path):
    return Trainer(SnapshotConfig(snapshot_dir=str(tmp_path), snapshot_mode='last', snapshot_gap=1))


@pytest.fixture(autouse=True)
def quiet_logger(tabular):
    dowel.logger.disable_warnings()
    yield
    dowel.logger.remove_all()


def test_trainer_counts_the_steps_that_were_sampled(make_problem, tmp_path):
    problem = make_problem(horizon=8)
    trainer = _trainer(tmp_path)
    trainer.setup(problem.algo(RecurrentA2C), problem.env)
    last = trainer.train(n_epochs=2)
    assert 0 < last <= 8
    assert trainer.total_env_steps == problem.sampler.total_env_steps > 0


def test_step_size_and_entropy_bonus_fall_with_the_steps_that_were_trained(make_problem, tmp_path):
    n_steps = 96  # of 4 trials of 3 episodes
    start = {'learning_rate': 1e-2, 'entropy_coeff': 0.1}
    for anneal_steps, least, most in ((None, 1, 1), (2 * n_steps, 0.5, 0.75), (1, 0.01, 0.01)):
        problem = make_problem(horizon=8)
        algo = problem.algo(RecurrentA2C, anneal_steps=anneal_steps, **start)
        trainer = _trainer(tmp_path)
        trainer.setup(algo, problem.env)
        trainer.train(n_epochs=2)
        assert n_steps < trainer.total_env_steps <= 2 * n_steps  # poles do not fall in 8 steps
        share = algo._optimizer.param_groups[0]['lr'] / 1e-2
        assert least - 1e-9 <= share <= most + 1e-9  # of the second iteration
        assert algo._entropy_coeff == pytest.approx(0.1 * share)


@pytest.mark.parametrize('algo_class', [RecurrentA2C, RecurrentPPO])
def test_a_restored_run_ends_like_an_uninterrupted_one(make_problem, tmp_path, algo_class):
    ends = []
    for interrupted in (False, True):
        folder = tmp_path / str(interrupted)
        os.makedirs(folder)
        set_seed(3)
        problem = make_problem(horizon=8, normalize_observations=True)
        trainer = _trainer(folder)
        trainer.setup(problem.algo(algo_class), problem.env)
        trainer.train(n_epochs=2 if interrupted else 4, batch_size=1)
        if interrupted:
            trainer = _trainer(folder)
            trainer.restore(str(folder))
            trainer.resume(n_epochs=4)
        ends.append((trainer.total_env_steps, trainer._algo.policy.get_param_values()))
    assert ends[0][0] == ends[1][0]
    for key, value in ends[0][1].items():
        assert torch.equal(value, ends[1][1][key]), key


class _StartsRecorder(DefaultWorker):
    """Notes the memory that an adapted policy starts each of its episodes with."""

    starts: ClassVar[list] = []

    def start_episode(self):
        super().start_episode()
        if isinstance(self.agent, AdaptedPolicy):
            self.starts.append(self.agent._policy.clone_state())


@pytest.mark.parametrize('core', ['metods', 'gru'])
def test_meta_evaluator_tests_each_task_from_the_memory_of_exploring_it(
    make_problem, tabular, monkeypatch, core
):
    problem = make_problem('continuous', core, horizon=8)
    algo = problem.algo(RecurrentA2C)
    explored, starts_before = [], []
    monkeypatch.setattr(_StartsRecorder, 'starts', [])

    def adapt_policy(explorer, episodes):
        assert len(episodes.lengths) == 2
        starts_before.append(len(_StartsRecorder.starts))
        explored.append(
            problem.policy.final_state(torch.as_tensor(episodes.observations).unsqueeze(0))
        )
        return RecurrentA2C.adapt_policy(algo, explorer, episodes)

    monkeypatch.setattr(algo, 'adapt_policy', adapt_policy)
    evaluator = MetaEvaluator(
        test_task_sampler=problem.task_sampler,
        n_exploration_eps=2,
        n_test_tasks=2,
        n_test_episodes=2,
        worker_class=_StartsRecorder,
    )
    before = copy.deepcopy(problem.policy.get_param_values())
    evaluator.evaluate(algo)
    after = problem.policy.get_param_values()
    assert all(torch.equal(before[key], value) for key, value in after.items())
    assert tabular.as_dict['MetaTest/Average/NumEpisodes'] == len(_StartsRecorder.starts)
    assert not torch.allclose(*explored)
    first, second = starts_before
    by_task = [_StartsRecorder.starts[first:second], _StartsRecorder.starts[second:]]
    for memory_of_task, starts in zip(explored, by_task, strict=True):
        assert len(starts) >= 2
        assert all(torch.equal(start, memory_of_task) for start in starts)


def test_training_evaluates_as_often_as_asked(make_problem, tmp_path):
    problem = make_problem(horizon=8)
    evaluator = MetaEvaluator(
        test_task_sampler=problem.task_sampler, n_exploration_eps=1, n_test_tasks=1
    )
    algo = problem.algo(RecurrentA2C, meta_evaluator=evaluator, n_epochs_per_eval=2)
    trainer = _trainer(tmp_path)
    trainer.setup(algo, problem.env)
    trainer.train(n_epochs=3)
    assert evaluator._eval_itr == 2


@pytest.mark.parametrize('w0', ['learned', 'sampled'])
def test_adaptation_leaves_the_memory_that_exploring_left(make_problem, w0):
    problem = make_problem(horizon=8, core_options={'w0': w0})
    algo = problem.algo(RecurrentA2C)
    explorer = algo.get_exploration_policy()
    episodes = _explore(problem.env, explorer, n_episodes=3)
    adapted = algo.adapt_policy(explorer, episodes)
    torch.testing.assert_close(adapted.adapted_state, explorer.policy.clone_state())
    other = algo.adapt_policy(explorer, _explore(problem.env, algo.get_exploration_policy(), 1))
    ours, theirs = (memory.tensors(policy.adapted_state)[0] for policy in (adapted, other))
    assert not torch.equal(ours, theirs)


def _explore(env, policy, n_episodes):
    worker = DefaultWorker(seed=None, max_episode_length=8, worker_number=0)
    worker.update_agent(policy)
    worker.update_env(env)
    return EpisodeBatch.concatenate(*[worker.rollout() for _ in range(n_episodes)])
