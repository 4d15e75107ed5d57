"""A trial's update is copied with what could be written into, and no further."""

import copy

from metods_garage.envs import make_benchmark
from metods_garage.samplers import TrialUpdate

from garage.envs import PointEnv


def test_a_copy_shares_a_task_update_and_nothing_else():
    task = make_benchmark('bandit-2').train_sampler().sample(1)[0]
    update = TrialUpdate(task, 3, 5)
    assert copy.deepcopy([update])[0] is update
    environment = TrialUpdate(PointEnv(), 3, 5)
    twin = copy.deepcopy(environment)
    assert (twin.trial, twin.seed) == (3, 5)
    assert twin.env_update is not environment.env_update
