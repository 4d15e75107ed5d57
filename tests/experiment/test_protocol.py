import dataclasses

from metods_garage.experiment import PROTOCOLS, Protocol
from metods_garage.experiment.protocol import choose_goals

import pytest


def test_the_paper_protocol_is_the_papers():
    paper = PROTOCOLS['paper']
    assert paper.total_training_steps == 10_000_000
    assert paper.episodes_per_trial == 10
    assert (paper.exploration_episodes, paper.test_episodes) == (9, 1)
    assert paper.horizon is None  # Meta-World's own 500 steps
    assert paper.final_goals is None  # every goal


def test_quick_buys_at_least_five_updates_of_ten_trials():
    quick = PROTOCOLS['quick']
    assert quick.horizon is None
    assert quick.episodes_per_trial >= 2
    assert quick.total_training_steps >= 5 * 10 * quick.episodes_per_trial * 500


def test_a_protocol_can_not_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        PROTOCOLS['quick'].total_training_steps = 1


@pytest.mark.parametrize(
    ('field', 'value'), [('test_episodes', 0), ('horizon', 0), ('total_training_steps', -1)]
)
def test_a_number_that_makes_no_sense_is_named(field, value):
    with pytest.raises(ValueError, match=f'{field}.*{value}'):
        dataclasses.replace(PROTOCOLS['smoke'], **{field: value})


def test_an_unknown_split_is_named():
    with pytest.raises(ValueError, match='validation'):
        dataclasses.replace(PROTOCOLS['smoke'], splits=('validation',))


def test_the_chosen_goals_are_fixed_and_interim_ones_are_among_the_final_ones():
    protocol = dataclasses.replace(PROTOCOLS['quick'], interim_goals=3, final_goals=20)
    interim = choose_goals(protocol, 'interim', list(range(50)))
    final = choose_goals(protocol, 'final', list(range(50)))
    assert interim == choose_goals(protocol, 'interim', list(range(50)))
    assert len(interim) == 3
    assert len(set(final)) == 20
    assert set(interim) <= set(final)


def test_every_goal_is_every_goal():
    assert choose_goals(PROTOCOLS['paper'], 'final', list(range(50))) == list(range(50))


def test_equal_protocols_are_equal_data():
    made = Protocol(**PROTOCOLS['smoke'].as_dict() | {'splits': ('train', 'test')})
    assert made == PROTOCOLS['smoke']
