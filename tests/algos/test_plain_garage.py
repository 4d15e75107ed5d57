"""The algorithms under garage's own Trainer, Snapshotter and MetaEvaluator."""

import os

from metods_garage import RecurrentA2C, RecurrentPPO
from metods_garage.policies import memory

import dowel
import numpy as np
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


@pytest.mark.parametrize('core', ['metods', 'gru'])
def test_meta_evaluator_adapts_and_evaluates(make_problem, tabular, core):
    problem = make_problem('continuous', core, horizon=8)
    evaluator = MetaEvaluator(
        test_task_sampler=problem.task_sampler,
        n_exploration_eps=2,
        n_test_tasks=2,
        n_test_episodes=2,
    )
    before = np.concatenate([p.detach().flatten() for p in problem.policy.parameters()])
    evaluator.evaluate(problem.algo(RecurrentA2C))
    assert tabular.as_dict['MetaTest/Average/NumEpisodes'] >= 2
    after = np.concatenate([p.detach().flatten() for p in problem.policy.parameters()])
    assert np.array_equal(before, after)


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
