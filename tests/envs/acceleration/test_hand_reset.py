"""A reset repeats the hand's way only where the physics could be another."""

from metods_garage.envs.acceleration import accelerate
from metods_garage.envs.acceleration.hand_reset import HandReset

import mujoco
import numpy as np
import pytest
from metaworld.env_dict import ALL_V3_ENVIRONMENTS

CLASS = ALL_V3_ENVIRONMENTS['drawer-open-v3']


@pytest.fixture
def pair(twins):
    pair = twins(CLASS, accelerate(CLASS))
    pair.set_task(pair.draw_goal(3), hidden=True)
    pair.both(lambda env: env.reset())
    return pair


@pytest.fixture
def n_steps(monkeypatch):
    """Counts calls of `mj_step` since the last question."""
    count = [0]
    mj_step = mujoco.mj_step

    def counting(*args, **kwargs):
        count[0] += 1
        mj_step(*args, **kwargs)

    monkeypatch.setattr(mujoco, 'mj_step', counting)

    def since():
        taken, count[0] = count[0], 0
        return taken

    return since


def test_the_way_is_simulated_once_for_a_task(pair, n_steps):
    env = pair.accelerated
    env.reset()
    assert n_steps() == 2  # one control step in each pass
    goal = pair.draw_goal(4)
    n_steps()
    pair.set_task(goal, hidden=True)
    env.reset()
    first = n_steps()
    env.reset()
    assert (first, n_steps()) == (51, 2)
    pair.upstream.reset()
    assert n_steps() == 100


@pytest.mark.parametrize(
    'change',
    [
        lambda env: env.model.body_mass.__imul__(1.1),
        lambda env: env.model.opt.gravity.__setitem__(2, -5.0),
        lambda env: setattr(env.model.opt, 'timestep', 0.002),
        lambda env: env.model.geom_friction.__imul__(0.5),
        lambda env: env.hand_init_pos.__iadd__(0.03),
        lambda env: setattr(env, 'frame_skip', 4),
    ],
    ids=['mass', 'gravity', 'timestep', 'friction', 'hand', 'frames'],
)
def test_what_changes_the_physics_is_simulated_anew(pair, n_steps, change):
    before, _ = pair.both(lambda env: env.reset())
    for env in (pair.upstream, pair.accelerated):
        change(env)
    n_steps()
    pair.accelerated.reset()
    assert n_steps() == 51
    pair.accelerated.reset()
    assert n_steps() == 2
    for _ in range(2):
        pair.both(lambda env: env.reset())
        pair.assert_equal_within()


def test_a_place_of_a_site_does_not(pair, n_steps):
    for env in (pair.upstream, pair.accelerated):
        env.model.site('goal').pos = [0.1, 0.2, 0.3]
    n_steps()
    pair.accelerated.reset()
    assert n_steps() == 2
    pair.upstream.reset()
    pair.assert_equal_within()


def test_a_model_reset_in_the_middle_of_an_episode_is_the_same(pair):
    for _ in range(2):
        for _ in range(5):
            pair.both(lambda env: env.step(np.full(4, 0.7, np.float32)))
        pair.both(lambda env: env.reset_model())
        pair.assert_equal_within()


@pytest.mark.parametrize(
    'reader', ['', '<sensor><framepos objtype="site" objname="mark"/></sensor>']
)
def test_places_of_sites_count_where_the_physics_reads_them(reader):
    model = mujoco.MjModel.from_xml_string(
        f'<mujoco><worldbody><site name="mark"/></worldbody>{reader}</mujoco>'
    )
    reset = HandReset(model)
    before = tuple(reset._model_content())
    model.site_pos[0] = 0.1, 0.2, 0.3
    assert (tuple(reset._model_content()) != before) == bool(reader)
