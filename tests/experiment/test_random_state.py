import random

from metods_garage.experiment.random_state import (
    capture_random_state,
    preserved_random_state,
    restore_random_state,
)

import numpy as np
import torch
from garage.experiment import deterministic


def _draw():
    return random.random(), np.random.random(), torch.rand(1).item()  # noqa: NPY002


def test_a_restored_state_draws_the_same_again():
    state = capture_random_state()
    first = _draw()
    restore_random_state(state)
    assert _draw() == first


def test_a_preserved_block_disturbs_nothing_outside_and_repeats_itself():
    deterministic.set_seed(11)
    state = capture_random_state()
    undisturbed = _draw()
    restore_random_state(state)
    inside = []
    for _ in range(2):
        with preserved_random_state(7):
            deterministic.set_seed(99)  # as garage's workers do
            inside.append(_draw())
    assert _draw() == undisturbed
    assert inside[0] == inside[1]
    assert deterministic.get_seed() == 11


def test_the_state_comes_back_after_an_error():
    state = capture_random_state()
    expected = _draw()
    restore_random_state(state)
    try:
        with preserved_random_state(7):
            raise KeyError
    except KeyError:
        pass
    assert _draw() == expected
