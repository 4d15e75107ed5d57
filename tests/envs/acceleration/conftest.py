"""Comparisons of an environment with another, to the last bit and the type."""

import pickle

import mujoco
import numpy as np
import pytest
from metaworld.types import Task

# Filled when read; and memory that MuJoCo leaves as it is without islands and sparse matrices.
NOT_COMPARED = ('cacc', 'cfrc_', 'dof_island', 'efc_AR', 'efc_J_', 'efc_JT', 'efc_island', 'island')
# Objects whose content is compared otherwise, or that are random generators' owners.
NO_ATTRIBUTES = ('model', 'data', 'mujoco_renderer', '_np_random')


def described(value):
    """A value with its types, arrays as bytes: equal for equal bits only."""
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.shape, value.tobytes()
    if isinstance(value, dict):
        return {key: described(content) for key, content in value.items()}
    if isinstance(value, (tuple, list)):
        return [described(content) for content in value]
    if isinstance(value, (float, np.floating)):
        return type(value), float(value).hex()
    return type(value), repr(value)


def arrays(struct):
    """The content of an MjData or MjModel, by name."""
    cls = mujoco.MjData if isinstance(struct, mujoco.MjData) else mujoco.MjModel
    names = (name for name in dir(cls) if not name.startswith(('_', *NOT_COMPARED)))
    found = {name: getattr(struct, name) for name in names if is_field(cls, name)}
    return {name: value for name, value in found.items() if isinstance(value, np.ndarray)}


def is_field(cls, name):
    return isinstance(getattr(cls, name), property)


def attributes(env):
    return {k: described(v) for k, v in vars(env).items() if k not in NO_ATTRIBUTES}


class Twins:
    """An upstream environment and an accelerated one, to which the same is done."""

    def __init__(self, upstream, accelerated):
        self.upstream, self.accelerated = upstream, accelerated

    def both(self, call):
        """The result, which is the same from both."""
        expected, found = call(self.upstream), call(self.accelerated)
        assert described(found) == described(expected)
        return expected

    def set_task(self, rand_vec, hidden):
        """A task as Meta-World makes them, with the upstream class in it."""
        content = {'rand_vec': rand_vec, 'env_cls': type(self.upstream)}
        task = Task('any', pickle.dumps(content | {'partially_observable': hidden}))
        self.both(lambda env: env.set_task(task))

    def draw_goal(self, seed):
        """A reset with a new goal, as Meta-World draws them; the random vector."""
        for env in (self.upstream, self.accelerated):
            env._freeze_rand_vec, env.seeded_rand_vec, env._set_task_called = False, True, True
            env.seed(seed)
            env.reset()
        self.assert_equal_within()
        return self.upstream._last_rand_vec

    def assert_equal_within(self):
        """The same attributes, and the same numbers in all of MuJoCo's arrays."""
        assert attributes(self.accelerated) == attributes(self.upstream)
        for struct in ('data', 'model'):
            found = arrays(getattr(self.accelerated, struct))
            for name, array in arrays(getattr(self.upstream, struct)).items():
                assert found[name].tobytes() == array.tobytes(), f'{struct}.{name}'


@pytest.fixture
def twins():
    """Makes twins of an upstream and an accelerated class, with equal arguments."""
    made = []

    def make(upstream_class, accelerated_class, **arguments):
        made.extend((upstream_class(**arguments), accelerated_class(**arguments)))
        return Twins(*made[-2:])

    yield make
    for env in made:
        env.close()
