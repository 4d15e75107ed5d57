"""Training draws tasks without end; evaluation has a list that nothing ever changes."""

from metods_garage.envs import MetaRLObservation, make_benchmark
from metods_garage.envs.drawn_tasks import DrawnTasks

import cloudpickle
import numpy as np
import pytest
from garage.experiment import TaskSampler

NAMES = ['harlow', 'maze-8', 'bandit-10-5', 'restless', 'cheetah-dir', 'ant-dir']


def tasks_of(updates):
    """Tasks in a form that can be compared and put into a set."""
    return [str(sorted(update.task.items())) for update in updates]


def wrapper(env, _):
    return MetaRLObservation(env)


@pytest.mark.parametrize('name', NAMES)
def test_a_seed_gives_the_tasks_and_a_copy_goes_on_with_them(name):
    benchmark = make_benchmark(name)
    before = np.random.get_state()[1].copy()  # noqa: NPY002 - garage's samplers draw from it
    sampler = benchmark.train_sampler(wrapper, seed=3)
    assert isinstance(sampler, TaskSampler)
    assert sampler.n_tasks is None
    first = tasks_of(sampler.sample(4))
    copy = cloudpickle.loads(cloudpickle.dumps(sampler))
    later = tasks_of(sampler.sample(4))
    assert later == tasks_of(copy.sample(4))
    assert tasks_of(benchmark.train_sampler(wrapper, seed=3).sample(8)) == first + later
    assert tasks_of(benchmark.train_sampler(wrapper, seed=4).sample(8)) != first + later
    assert (np.random.get_state()[1] == before).all()  # noqa: NPY002
    with pytest.raises(ValueError, match='n_tasks=0'):
        sampler.sample(0)


def test_training_never_repeats_a_task_nor_meets_one_of_evaluation():
    benchmark = make_benchmark('bandit-10-5')
    trained = set(tasks_of(benchmark.train_sampler(seed=0).sample(3000)))
    evaluated = {
        split: set(tasks_of(task.env_update for task in benchmark.evaluation_tasks(split)))
        for split in ('train', 'test')
    }
    assert len(trained) == 3000
    assert [len(tasks) for tasks in evaluated.values()] == [1000, 1000]
    assert not evaluated['train'] & evaluated['test']
    assert not trained & (evaluated['train'] | evaluated['test'])


@pytest.mark.parametrize('name', NAMES)
def test_the_list_of_evaluation_is_the_same_in_every_process(name):
    benchmark = make_benchmark(name)
    anew = DrawnTasks(name, benchmark.make, len(benchmark.evaluation_tasks('test')))
    for split in ('train', 'test'):
        lists = [b.evaluation_tasks(split) for b in (benchmark, anew)]
        one, two = ([(t.seed, str(t.env_update.task)) for t in tasks] for tasks in lists)
        assert one == two


@pytest.mark.parametrize(
    ('name', 'horizon', 'n_actions', 'n_goals'),
    [
        ('harlow', 250, 2, 1000),
        ('maze-14', 100, 4, 1000),
        ('bandit-500-50', 500, 50, 1000),
        ('restless', 100, 10, 1000),
        ('cheetah-dir', 200, None, 500),
        ('ant-dir', 200, None, 500),
    ],
)
def test_benchmarks_have_the_papers_sizes(name, horizon, n_actions, n_goals):
    benchmark = make_benchmark(name)
    assert benchmark.horizon == horizon
    assert benchmark.example_env().spec.max_episode_length == horizon
    assert len(benchmark.evaluation_tasks('test')) == n_goals
    if n_actions:
        assert benchmark.example_env().action_space.n == n_actions


def test_sizes_of_a_maze_are_those_of_the_name():
    walls = [
        make_benchmark(f'maze-{size}').evaluation_tasks('test')[0].env_update.task['walls'].shape
        for size in (6, 8, 10, 12, 14)
    ]
    assert walls == [(side, side) for side in (5, 7, 9, 11, 13)]
