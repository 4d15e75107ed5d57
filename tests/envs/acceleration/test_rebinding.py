"""A rebound function is the same code in another namespace, and the first one notices nothing."""

import math

from metods_garage.envs.acceleration.rebinding import module_with, rebound, rebound_members

import pytest

FACTOR = 2


def scaled(x, *, offset=1):
    """Its docstring."""
    return FACTOR * x + offset


class Base:
    def value(self):
        return 1


class Shape(Base):
    def __init__(self):
        self.side = FACTOR

    def area(self):
        return FACTOR * self.side

    @property
    def double(self):
        return FACTOR

    @staticmethod
    def triple():
        return FACTOR

    @classmethod
    def kind(cls):
        return FACTOR

    def value(self):
        return super().value() + FACTOR


def test_only_the_new_function_sees_the_other_names():
    new = rebound(scaled, {**globals(), 'FACTOR': 5})
    assert (new(3), new(3, offset=0), scaled(3)) == (16, 15, 7)
    assert (new.__name__, new.__doc__) == ('scaled', 'Its docstring.')
    assert new.__code__ is not scaled.__code__


def test_names_can_be_added_later():
    namespace = {}
    new = rebound(scaled, namespace)
    with pytest.raises(NameError):
        new(1)
    namespace['FACTOR'] = 4
    assert new(1) == 5


def test_members_of_a_class_go_into_a_subclass():
    members = rebound_members(Shape, {**globals(), 'FACTOR': 10})
    assert sorted(members) == ['area', 'double', 'triple', 'value']
    shape = type('Shape', (Shape,), members)()
    assert (shape.side, shape.area(), shape.double, shape.triple()) == (2, 20, 10, 10)
    assert (shape.kind(), shape.value()) == (2, 11)
    assert (Shape().area(), Shape().double, Shape.triple(), Shape().value()) == (4, 2, 2, 3)


def test_functions_that_are_not_written_in_python_are_refused():
    with pytest.raises(TypeError, match='built-in function sqrt'):
        rebound(math.sqrt, {})


def test_a_module_with_another_name_leaves_the_first_alone():
    other = module_with(math, pi=3)
    assert (other.pi, other.e, other.sqrt(4)) == (3, math.e, 2)
    assert math.pi > 3.1
