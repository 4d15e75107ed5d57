"""Code that is not the code which acceleration is equal to is used as it is, with a reason."""

import shutil
import warnings
from pathlib import Path

from metods_garage.envs.acceleration import accelerate, draw_goals, known_code, scalar_forms_check

import metaworld
import mujoco
import pytest
from metaworld.env_dict import ALL_V3_ENVIRONMENTS

CLASSES = [ALL_V3_ENVIRONMENTS[name] for name in ('push-v3', 'reach-v3')]


@pytest.fixture(autouse=True)
def _forget():
    """What is found out once in a process is found out anew in each test, and after it."""
    caches = known_code.why_unknown_here, known_code.warn_once, accelerate
    for cache in caches:
        cache.cache_clear()
    yield
    for cache in caches:
        cache.cache_clear()


def assert_used_as_they_are(reason):
    with pytest.warns(RuntimeWarning, match=reason) as caught:
        assert [accelerate(cls) for cls in (*CLASSES, *CLASSES)] == [*CLASSES, *CLASSES]
    assert len(caught) == 1


def test_installed_versions_are_known():
    assert known_code.why_unknown_here() is None
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        assert accelerate(CLASSES[0]) is not CLASSES[0]


def test_an_unknown_mujoco(monkeypatch):
    monkeypatch.setattr(mujoco, '__version__', '4.0.0')
    assert_used_as_they_are('MuJoCo 4.0.0 is installed, and acceleration is tested with 3.3.0')


@pytest.mark.parametrize('file', ['sawyer_xyz_env.py', 'utils/reward_utils.py', 'envs/__init__.py',
                                  'envs/sawyer_reach_v3.py'])  # fmt: skip
def test_a_metaworld_of_which_one_character_differs(monkeypatch, tmp_path, file):
    installed = Path(metaworld.__file__).parent
    copied = tmp_path / 'metaworld'
    shutil.copytree(installed, copied, ignore=shutil.ignore_patterns('assets', '__pycache__'))
    monkeypatch.setattr(metaworld, '__file__', str(copied / '__init__.py'))
    assert known_code.why_unknown_here() is None
    known_code.why_unknown_here.cache_clear()
    with open(copied / file, 'a') as changed:
        changed.write('#')
    assert_used_as_they_are('installed metaworld is not that of 3.1.1')


def test_line_ends_of_another_system_make_no_difference(monkeypatch, tmp_path):
    copied = tmp_path / 'metaworld'
    installed = Path(metaworld.__file__).parent
    shutil.copytree(installed, copied, ignore=shutil.ignore_patterns('assets', '__pycache__'))
    source = (copied / 'sawyer_xyz_env.py').read_bytes()
    (copied / 'sawyer_xyz_env.py').write_bytes(source.replace(b'\n', b'\r\n'))
    monkeypatch.setattr(metaworld, '__file__', str(copied / '__init__.py'))
    assert known_code.why_unknown_here() is None


def test_a_gymnasium_that_steps_otherwise(monkeypatch):
    from gymnasium.envs.mujoco import MujocoEnv

    def do_simulation(self, ctrl, n_frames):
        """Another one."""

    monkeypatch.setattr(MujocoEnv, 'do_simulation', do_simulation)
    assert_used_as_they_are("gymnasium's MujocoEnv is not that of gymnasium 1.1 to 1.4")


def test_a_machine_that_rounds_otherwise(monkeypatch):
    monkeypatch.setattr(scalar_forms_check, 'difference', lambda: 'norm(1) is 2 on this machine')
    assert_used_as_they_are('norm\\(1\\) is 2 on this machine')


def test_goals_are_drawn_as_they_are_by_unknown_code(monkeypatch):
    monkeypatch.setattr(mujoco, '__version__', '4.0.0')
    with pytest.warns(RuntimeWarning, match='MuJoCo 4.0.0'):
        drawn = draw_goals(metaworld.ML1, 'reach-v3', seed=4)
    expected = metaworld.ML1('reach-v3', seed=4)
    assert drawn.train_tasks == expected.train_tasks


def test_a_class_of_somebody_else_is_used_as_it_is():
    class MyReach(ALL_V3_ENVIRONMENTS['reach-v3']):
        """A subclass with ideas of its own."""

    with pytest.warns(RuntimeWarning, match='MyReach is no class of metaworld.envs'):
        assert accelerate(MyReach) is MyReach
