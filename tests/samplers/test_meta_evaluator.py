"""garage's MetaEvaluator sees the trials of training if its worker is a TrialWorker."""

from metods_garage.algos import RecurrentA2C
from metods_garage.envs import MetaRLObservation, make_benchmark
from metods_garage.policies import CategoricalGRUPolicy, CategoricalMetODSPolicy
from metods_garage.samplers import TrialWorker

import dowel
import numpy as np
import pytest
import torch
from dowel import tabular
from garage.experiment import MetaEvaluator

pytestmark = pytest.mark.filterwarnings('ignore:.*TabularInput')

EPISODES, HORIZON, TASKS = 3, 40, 2


class Recorded(RecurrentA2C):
    """Keeps what the evaluator hands over for adaptation, and what it gets."""

    def adapt_policy(self, exploration_policy, exploration_episodes):
        adapted = super().adapt_policy(exploration_policy, exploration_episodes)
        reached = exploration_policy.policy.clone_state()
        self.seen.append((reached, exploration_episodes, adapted.adapted_state))
        return adapted


@pytest.fixture(autouse=True)
def quiet():
    dowel.logger.disable_warnings()
    tabular.clear()
    yield
    tabular.clear()


@pytest.mark.parametrize(
    ('policy_class', 'sizes'),
    [
        (CategoricalMetODSPolicy, {'n_neurons': 6, 'n_inner_steps': 2}),
        (CategoricalGRUPolicy, {'hidden_size': 6}),
    ],
)
def test_exploration_is_one_trial_and_the_adapted_policy_goes_on_from_it(policy_class, sizes):
    print('seed 4')
    torch.manual_seed(4)
    sampler = make_benchmark('bandit-2').train_sampler(lambda env, _: MetaRLObservation(env))
    policy = policy_class(sampler.sample(1)[0]().spec, **sizes)
    algo = Recorded(policy, None, None)
    algo.seen = []
    evaluator = MetaEvaluator(
        test_task_sampler=sampler,
        n_test_tasks=TASKS,
        n_exploration_eps=1,
        worker_class=TrialWorker,
        worker_args={'episodes_per_trial': EPISODES},
    )
    evaluator.evaluate(algo)
    assert tabular.as_dict['MetaTest/Average/NumEpisodes'] == TASKS * EPISODES
    assert len(algo.seen) == TASKS
    for reached, explored, adapted in algo.seen:
        assert explored.lengths.tolist() == [HORIZON] * EPISODES
        torch.testing.assert_close(adapted, reached)
        assert len(set(explored.episode_infos_by_episode['trial'])) == 1
        previous = np.zeros(4)
        for episode in explored.split():
            np.testing.assert_array_equal(episode.observations[0, 1:], previous)
            arm = np.eye(2)[episode.actions[-1]]
            previous = np.concatenate((arm, episode.rewards[-1:], [1]))
    assert not np.array_equal(*(explored.rewards for _, explored, _ in algo.seen))
