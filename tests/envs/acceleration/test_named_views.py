"""Names that are looked up once give what MuJoCo gives, and nothing is kept alive by them."""

import gc
import weakref

from metods_garage.envs.acceleration import accelerate
from metods_garage.envs.acceleration.named_views import NamedData, ViewsByName

import mujoco
import numpy as np
import pytest
from metaworld.env_dict import ALL_V3_ENVIRONMENTS

MODEL = """
<mujoco>
  <worldbody>
    <body name="ball" pos="0 0 1">
      <freejoint name="free"/>
      <geom name="sphere" size="0.1"/>
      <site name="middle"/>
    </body>
  </worldbody>
</mujoco>
"""
NAMES = [('body', 'ball'), ('geom', 'sphere'), ('site', 'middle'), ('joint', 'free')]


@pytest.fixture
def model():
    return mujoco.MjModel.from_xml_string(MODEL)


def test_views_show_what_mujocos_own_show(model):
    views = ViewsByName()
    named, plain = NamedData(model, views), mujoco.MjData(model)
    first = {key: getattr(named, key[0])(key[1]) for key in NAMES}
    for data in (named, plain):
        mujoco.mj_step(model, data, 10)
    for kind, name in NAMES:
        found, expected = getattr(named, kind)(name), getattr(plain, kind)(name)
        assert found is first[kind, name]
        fields = [f for f in dir(expected) if not f.startswith('_')]
        assert len(fields) > 3
        for field in fields:
            np.testing.assert_array_equal(getattr(found, field), getattr(expected, field))
        assert repr(found) == repr(expected)
    assert named.body(1) is not plain.body(1)
    np.testing.assert_array_equal(named.body(1).xpos, plain.body('ball').xpos)


def test_what_is_written_goes_into_the_simulation(model):
    views = ViewsByName()
    data = NamedData(model, views)
    data.joint('free').qpos = np.arange(7)
    data.site('middle').xpos = [1, 2, 3]
    np.testing.assert_array_equal(data.qpos, np.arange(7))
    np.testing.assert_array_equal(data.site_xpos[0], [1, 2, 3])


def test_unknown_names_are_refused_in_mujocos_words(model):
    views = ViewsByName()
    with pytest.raises(KeyError, match="Invalid name 'cube'. Valid names: .*'ball'"):
        NamedData(model, views).body('cube')
    with pytest.raises(AttributeError):
        _ = NamedData(model, views).body('ball').no_such_field


def test_views_do_not_outlive_their_owner(model):
    views = ViewsByName()
    data = NamedData(model, views)
    assert data.body('ball') is data.body('ball')
    del views
    np.testing.assert_array_equal(data.body('ball').xpos, data.xpos[1])
    gone = weakref.ref(data)
    del data
    assert gone() is None


def test_forces_are_computed_when_they_are_read(model):
    views = ViewsByName()
    named, plain = NamedData(model, views), mujoco.MjData(model)
    for data in (named, plain):
        mujoco.mj_step(model, data, 5)
    mujoco.mj_rnePostConstraint(model, plain)
    assert np.abs(plain.cacc).max() > 1
    for name in ('cacc', 'cfrc_int', 'cfrc_ext'):
        np.testing.assert_array_equal(getattr(named, name), getattr(plain, name))


def test_memory_is_freed_with_the_environment_without_waiting_for_the_garbage_collector():
    env = accelerate(ALL_V3_ENVIRONMENTS['sweep-v3'])()
    env._freeze_rand_vec, env._set_task_called = False, True
    env.reset()
    env.step(np.zeros(4, np.float32))
    gone = weakref.ref(env.data), weakref.ref(env)
    gc.collect()
    gc.disable()
    try:
        env.close()
        del env
        assert [reference() for reference in gone] == [None, None]
    finally:
        gc.enable()
