"""Test conditions change what they name and nothing else."""

from metods_garage.envs import MetaRLObservation, make_benchmark
from metods_garage.experiment.conditions import (
    AS_TRAINED,
    Condition,
    impaired,
    in_mazes,
    masked,
    switching,
)
from metods_garage.experiment.evaluation import choose_tasks
from metods_garage.experiment.launch import find_protocol

import click
import numpy as np
import pytest


def trained(name, wrapper=lambda env, _: MetaRLObservation(env)):
    protocol = find_protocol('smoke', benchmark_name=name)
    tasks = make_benchmark(name).evaluation_tasks('test', wrapper)
    return Condition(AS_TRAINED, protocol, choose_tasks(protocol, 'final', tasks))


def played(task, actions):
    """Observations and rewards of an episode."""
    env = task.env_update()
    env.seed(task.environment_seed)
    env.begin_trial()
    seen, paid = [env.reset()[0]], []
    for action in actions:
        step = env.step(action)
        seen.append(step.observation)
        paid.append(step.reward)
    return np.array(seen), np.array(paid)


def same_places(condition, original):
    def places(tasks):
        return [(task.split, task.goal, task.seed, task.env_update.task) for task in tasks]

    assert places(condition.tasks) == places(original.tasks)


def test_every_actuator_is_impaired_on_the_same_tasks_from_the_same_seeds():
    original = trained('cheetah-dir')
    conditions = list(impaired(original, 'all', 'silent'))
    assert [one.name for one in conditions] == [f'silent-{n}' for n in range(6)]
    for one in conditions:
        same_places(one, original)
    actions = np.random.default_rng(0).uniform(-1, 1, (10, 6)).astype(np.float32)
    without_third = actions * (np.arange(6) != 3)
    seen, paid = played(conditions[3].tasks[0], actions)
    plain_seen, plain_paid = played(original.tasks[0], without_third)
    np.testing.assert_array_equal(seen[:, :17], plain_seen[:, :17])
    np.testing.assert_allclose(paid, plain_paid)
    np.testing.assert_array_equal(seen[1:, 17:23], actions)  # its own command is what it sees


def test_one_actuator_and_another_kind_may_be_asked_for():
    (only,) = impaired(trained('ant-dir'), '5', 'locked')
    assert only.name == 'locked-5'
    assert only.tasks[0].env_update.env_type.wrappers[-1][1] == {'actuator': 5, 'kind': 'locked'}


def test_a_masked_reward_is_paid_but_not_seen():
    original = trained('bandit-10-5')
    condition = masked(original)
    same_places(condition, original)
    actions = [0] * 10
    for task, other in zip(condition.tasks, original.tasks, strict=True):
        (seen, paid), (plain_seen, plain_paid) = played(task, actions), played(other, actions)
        np.testing.assert_array_equal(paid, plain_paid)
        assert not seen[:, -2].any()
        np.testing.assert_array_equal(plain_seen[1:, -2], paid)


def test_mazes_of_each_size_are_as_many():
    original = trained('maze-8')
    conditions = list(in_mazes(original, [6, 8, 14]))
    assert [one.name for one in conditions] == ['maze-6', 'maze-8', 'maze-14']
    assert {len(one.tasks) for one in conditions} == {len(original.tasks)}
    assert [task.goal for task in conditions[1].tasks] == [task.goal for task in original.tasks]
    sizes = [len(one.tasks[0].env_update.task['walls']) for one in conditions]
    assert sizes == [5, 7, 13]  # without one side of the border


def test_directions_switch_between_the_episodes_of_a_trial():
    original = trained('cheetah-dir')
    condition = switching(original, 5)
    assert (condition.protocol.exploration_episodes, condition.protocol.test_episodes) == (0, 5)
    assert len(condition.tasks) == len(original.tasks)
    task = condition.tasks[0]
    env = task.env_update()
    met = []
    for _ in range(5):
        env.reset()
        met.append(env.unwrapped.direction)
    assert tuple(met) == task.env_update.task['directions']


@pytest.mark.parametrize(
    ('make', 'told'),
    [
        (lambda: next(impaired(trained('harlow'), 'all', 'silent')), 'this one is on harlow'),
        (lambda: next(impaired(trained('cheetah-dir'), '6', 'silent')), 'actuators 0 to 5, or all'),
        (lambda: next(impaired(trained('cheetah-dir'), '-1', 'silent')), 'actuators 0 to 5'),
        (lambda: next(in_mazes(trained('harlow'), [6])), 'this one is on harlow'),
        (lambda: next(in_mazes(trained('maze-6'), [7])), "unknown benchmark 'maze-7'"),
        (lambda: masked(trained('harlow', None)), 'for recurrent methods'),
        (lambda: switching(trained('maze-6'), 5), 'this one is on maze-6'),
    ],
)
def test_a_condition_that_does_not_apply_is_refused(make, told):
    with pytest.raises(click.UsageError, match=told):
        make()
