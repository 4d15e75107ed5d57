"""Every task has its share of every meta-batch, in an order of the sampler's own."""

import pickle
from collections import Counter

from metods_garage.envs import BalancedTaskSampler, BanditEnv, EnvMaker, TaskUpdate

import cloudpickle
import numpy as np
import pytest


def make_sampler(n_tasks=3, n_goals=4, seed=1):
    updates = {
        f'task-{t}': [
            TaskUpdate(
                EnvMaker(BanditEnv, {'n_arms': 2}),
                {'probabilities': (t / 10, g / 10)},
                task_name=f'task-{t}',
                horizon=40,
            )
            for g in range(n_goals)
        ]
        for t in range(n_tasks)
    }
    return BalancedTaskSampler(updates, seed)


def goals(updates):
    return [u._task['probabilities'] for u in updates]


def test_slot_i_always_has_the_same_task():
    sampler = make_sampler()
    for _ in range(5):
        names = [u.task_name for u in sampler.sample(6)]
        assert names == ['task-0', 'task-1', 'task-2'] * 2
    assert sampler.n_tasks == 12


def test_every_goal_comes_once_before_any_comes_again():
    sampler = make_sampler()
    for _ in range(3):
        drawn = [g for _ in range(4) for g in goals(sampler.sample(3))]
        assert len(set(drawn)) == 12


def test_any_size_of_meta_batch_is_balanced_over_time():
    sampler = make_sampler()
    count = Counter(u.task_name for _ in range(3) for u in sampler.sample(4))
    assert set(count.values()) == {4}
    assert len({u.task_name for u in sampler.sample(2)}) == 2


def test_the_global_generator_is_neither_used_nor_needed():
    before = pickle.dumps(np.random.get_state())  # noqa: NPY002 - garage's samplers draw from it
    drawn = goals(make_sampler().sample(12))
    assert pickle.dumps(np.random.get_state()) == before  # noqa: NPY002
    np.random.random()  # noqa: NPY002
    assert drawn == goals(make_sampler().sample(12))
    assert drawn != goals(make_sampler(seed=2).sample(12))


@pytest.mark.parametrize('way', ['pickle', 'state_dict'])
def test_a_resumed_sampler_continues_the_order(way):
    sampler = make_sampler()
    sampler.sample(4)
    if way == 'pickle':
        other = cloudpickle.loads(cloudpickle.dumps(sampler))
    else:
        other = make_sampler(seed=99)
        other.load_state_dict(cloudpickle.loads(cloudpickle.dumps(sampler.state_dict())))
    for _ in range(5):
        assert goals(sampler.sample(5)) == goals(other.sample(5))


def test_with_replacement_goals_may_repeat():
    drawn = goals(make_sampler(n_tasks=1).sample(8, with_replacement=True))
    assert 1 < len(set(drawn)) <= 4


def test_impossible_requests_are_refused():
    with pytest.raises(ValueError, match='n_tasks=0'):
        make_sampler().sample(0)
    with pytest.raises(ValueError, match=r"none for \['a'\]"):
        BalancedTaskSampler({'a': []}, 0)
    with pytest.raises(ValueError, match='the state is of the tasks'):
        make_sampler().load_state_dict(make_sampler(n_tasks=2).state_dict())
