"""What `import metods_garage` does, in processes of its own."""

import os
import subprocess
import sys
import textwrap
from types import SimpleNamespace

from metods_garage.compat import Adjustment, MissingTarget, all_adjustments
from metods_garage.compat.adjustment import replace

import pytest


def python(code, **variables):
    """Standard output and error of `code` in a new interpreter, and its exit status."""
    done = subprocess.run(
        [sys.executable, '-c', textwrap.dedent(code)],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=120,
    )
    return SimpleNamespace(out=done.stdout, err=done.stderr, status=done.returncode)


def without(*names):
    """Code after which modules of these names are not installed."""
    return f"""
from importlib.machinery import PathFinder
find_spec = PathFinder.find_spec
PathFinder.find_spec = classmethod(
    lambda cls, name, *rest: None if name.split('.')[0] in {names} else find_spec(name, *rest)
)
"""


def test_importing_the_package_imports_nothing_heavy():
    done = python("""
        import sys, metods_garage
        heavy = {'torch', 'garage', 'tensorflow', 'ray', 'gymnasium', 'metaworld', 'matplotlib'}
        print(sorted(heavy & set(sys.modules)))
    """)
    assert done.out == '[]\n', done.err


def test_who_does_not_import_the_package_is_not_affected():
    done = python("""
        import sys, numpy, gymnasium, metaworld, metaworld.sawyer_xyz_env as sawyer
        assert not [name for name in sys.modules if name.startswith('metods_garage')]
        owned = [
            metaworld.ML1.__init__,
            sawyer.SawyerXYZEnv.__getstate__,
            sawyer.SawyerXYZEnv.__setstate__,
            sawyer.SawyerMocapBase._initialize_simulation,
            gymnasium.Env.step,
            gymnasium.spaces.Box.contains,
        ]
        print(sorted({function.__module__.split('.')[0] for function in owned}))
        print([name for name in ('bool8', 'float', 'int') if name in vars(numpy)])
        print('gym' in sys.modules, 'mujoco_py' in sys.modules)
    """)
    assert done.out == "['gymnasium', 'metaworld']\n[]\nFalse False\n", done.err


def test_gymnasium_itself_is_never_changed():
    done = python("""
        import gymnasium

        def contents():
            classes = gymnasium.Env, gymnasium.Wrapper, gymnasium.Space, gymnasium.spaces.Box
            named = ({k: v for k, v in vars(c).items() if callable(v)} for c in classes)
            return list(named)

        before = contents()
        import metods_garage, garage.envs
        print(before == contents())
    """)
    assert done.out == 'True\n', done.err


def test_without_garage_the_error_says_what_to_run():
    done = python(without('garage') + 'import metods_garage')
    assert done.status == 1
    assert 'ImportError' in done.err
    assert 'pip install --no-deps garage==2021.3.0' in done.err
    assert 'pip install metods_garage' in done.err


def test_a_gym_that_was_imported_before_is_an_error_that_says_what_to_do():
    done = python("""
        import sys, types
        sys.modules['gym'] = types.ModuleType('gym')
        import metods_garage
    """)
    assert 'ImportError' in done.err
    assert 'Put `import metods_garage` above' in done.err


def test_gym_is_the_stand_in_everywhere():
    done = python("""
        import metods_garage, gym, gym.spaces, gym.envs.mujoco, gymnasium
        from gym.wrappers.pixel_observation import PixelObservationWrapper
        from gym.envs.mujoco import HalfCheetahEnv
        from gym.spaces.box import Box
        assert gym.spaces is gymnasium.spaces and Box is gymnasium.spaces.Box
        assert gym.envs.mujoco.HalfCheetahEnv is HalfCheetahEnv
        try:
            import gym.vector
        except ModuleNotFoundError as error:
            print(error, gym.__name__)
    """)
    assert done.out == "No module named 'gym.vector' metods_garage.compat.old_gym\n", done.err


def test_adjustments_can_be_switched_off_by_name():
    code = """
        import metods_garage, numpy, metaworld
        print('bool8' in vars(numpy), metaworld.ML1.__init__.__code__.co_filename[-11:])
    """
    assert python(code).out.split()[0] == 'True'
    off = python(code, METODS_GARAGE_DISABLE='numpy-names, metaworld-names')
    assert off.out == 'False __init__.py\n', off.err


@pytest.mark.parametrize(
    ('name', 'why'), [('gym', 'cannot be switched'), ('gymm', 'no adjustment')]
)
def test_switching_off_something_else_lists_the_choices(name, why):
    done = python('import metods_garage', METODS_GARAGE_DISABLE=name)
    assert 'ValueError' in done.err
    assert repr(name) in done.err
    assert why in done.err
    assert 'metaworld-copies' in done.err


def test_every_adjustment_has_a_reason_and_a_home():
    table = all_adjustments()
    assert len(table) > 15
    for name, adjustment in table.items():
        assert adjustment.name == name
        assert len(adjustment.reason) > 30
        assert adjustment.apply.__doc__ or adjustment.apply.__name__.startswith('_')


def test_a_target_that_is_gone_is_an_error_that_names_the_adjustment():
    def change(module):
        replace(module.Gone, 'method', None)

    adjustment = Adjustment('changes-gone', 'textwrap', change, 'it was different.')
    with pytest.raises(MissingTarget, match='changes-gone') as caught:
        adjustment.apply_to(textwrap)
    for said in ('textwrap', 'Gone', 'it was different', 'METODS_GARAGE_DISABLE=changes-gone'):
        assert said in str(caught.value)


def test_a_target_that_is_gone_stops_the_import_of_its_module():
    done = python("""
        import metods_garage, metaworld.env_dict, sys
        del sys.modules['metaworld']
        from metods_garage.compat.activation import adjust_too
        from metods_garage.compat import Adjustment
        adjust_too(Adjustment('old-thing', 'colorsys', lambda module: module.rgb_to_cmyk, 'Why.'))
        import colorsys
    """)
    assert 'MissingTarget' in done.err
    assert 'old-thing' in done.err
    assert 'rgb_to_cmyk' in done.err


def test_modules_imported_before_the_package_are_adjusted_too():
    done = python("""
        import pickle, metaworld, numpy, metaworld.sawyer_xyz_env as sawyer
        import metods_garage
        print('bool8' in vars(numpy), sawyer.SawyerXYZEnv.__getstate__.__module__)
    """)
    assert done.out == 'True metods_garage.compat.metaworld_copies\n', done.err


def test_public_names_are_loaded_when_they_are_asked_for():
    done = python("""
        import sys, metods_garage
        assert 'torch' not in sys.modules
        for name in metods_garage.__all__:
            assert getattr(metods_garage, name) is not None, name
        assert set(metods_garage.__all__) <= set(dir(metods_garage))
        print(metods_garage.__version__)
        try:
            metods_garage.GaussianMetODPolicy
        except AttributeError as error:
            print(error)
    """)
    assert done.out == ("0.1.0\nmodule 'metods_garage' has no attribute 'GaussianMetODPolicy'\n"), (
        done.err
    )


def test_garage_never_waits_for_tensorflow():
    done = python("""
        import sys, metods_garage, garage.torch.algos, garage.sampler, garage.envs, dowel
        print('tensorflow' in sys.modules, 'garage.tf' in sys.modules)
    """)
    assert done.out == 'False False\n', done.err


WITHOUT_TENSORFLOW = without('tensorflow', 'tensorflow_probability', 'tf_keras')


def test_garage_trains_without_tensorflow():
    train = """
        import metods_garage, garage, dowel, tempfile
        from garage.envs import GymEnv
        from garage.sampler import LocalSampler
        from garage.torch.algos import VPG
        from garage.torch.policies import GaussianMLPPolicy
        from garage.torch.value_functions import GaussianMLPValueFunction
        env = GymEnv('Pendulum-v1', max_episode_length=10)
        policy = GaussianMLPPolicy(env.spec, hidden_sizes=(4,))
        sampler = LocalSampler(policy, env, max_episode_length=10, n_workers=1)
        algo = VPG(env.spec, policy, GaussianMLPValueFunction(env.spec, (4,)), sampler)
        folder = tempfile.mkdtemp()
        dowel.logger.add_output(dowel.TensorBoardOutput(folder))
        trainer = garage.Trainer(garage.experiment.SnapshotConfig(folder, 'none', 1))
        trainer.setup(algo, env)
        trainer.train(n_epochs=1, batch_size=20)
        print('trained')
    """
    done = python(WITHOUT_TENSORFLOW + textwrap.dedent(train))
    assert done.out.endswith('trained\n'), done.err


def test_what_needs_tensorflow_names_the_extra():
    ask = """
        import metods_garage, garage
        for asks in (
            'import garage.tf.algos',
            'from garage.tf.policies import GaussianGRUPolicy',
            'from garage.tf.algos.rl2 import RL2Env',
            'garage.TFTrainer(garage.experiment.SnapshotConfig("", "none", 1))',
            'import garage.sampler as s; s.WorkerFactory(max_episode_length=1, is_tf_worker=True)',
        ):
            try:
                exec(asks)
            except ImportError as error:
                print(str(error).replace(chr(10), ' '))
    """
    done = python(WITHOUT_TENSORFLOW + textwrap.dedent(ask))
    said = done.out.splitlines()
    assert len(said) == 5, done.err
    for line in said:
        assert line.endswith('pip install "metods_garage[rl2]"')
        assert 'needs TensorFlow' in line
    assert 'TFTrainer' in said[3] or 'tensorflow' in said[3]
    assert 'is_tf_worker=True' in said[4]
