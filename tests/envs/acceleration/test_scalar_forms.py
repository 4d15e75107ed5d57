"""The scalar forms return the bits and the types of the library functions."""

import itertools

from metods_garage.envs.acceleration import scalar_forms, scalar_forms_check

import numpy as np
import pytest
from metaworld.utils import reward_utils
from scipy.spatial.transform import Rotation

SEED = 5


@pytest.fixture
def rng():
    print('seed', SEED)
    return np.random.default_rng(SEED)


def assert_same(found, expected):
    assert type(found) is type(expected)
    if isinstance(expected, np.ndarray):
        assert (found.dtype, found.shape) == (expected.dtype, expected.shape)
    assert np.asarray(found).tobytes() == np.asarray(expected).tobytes()


def test_norm(rng):
    for size in (1, 2, 3, 4, 7, 39):
        for x in rng.normal(size=(300, size)) * np.logspace(-6, 3, 300)[:, None]:
            assert_same(scalar_forms.norm(x), np.linalg.norm(x))
            assert_same(scalar_forms.norm(x, ord=2), np.linalg.norm(x, ord=2))
    for x in rng.normal(size=300) * np.logspace(-6, 3, 300):
        assert_same(scalar_forms.norm(x), np.linalg.norm(x))


@pytest.mark.parametrize(
    'x',
    [
        np.arange(9.0)[::2] / 7,
        np.arange(9.0)[::-1] / 7,
        np.array([0.1, 0.2], np.float32),
        np.array([1, 2, 3]),
        np.array([1 + 2j, 3j]),
        np.arange(6.0).reshape(2, 3),
        [0.1, 0.2, 0.3],
        np.array([np.nan, 1.0]),
        np.array([np.inf, 1.0]),
        np.zeros(0),
        -0.3,
        np.float32(0.1),
    ],
    ids=repr,
)
def test_norm_of_unusual_input(x):
    assert_same(scalar_forms.norm(x), np.linalg.norm(x))
    if np.ndim(x) == 1:
        assert_same(scalar_forms.norm(x, 1), np.linalg.norm(x, 1))
        assert_same(scalar_forms.norm(x, keepdims=True), np.linalg.norm(x, keepdims=True))
        assert_same(scalar_forms.norm(x, axis=0), np.linalg.norm(x, axis=0))


def test_tolerance(rng):
    kinds = itertools.product(
        (float, np.float64, np.float32, np.asarray),
        ('long_tail', 'gaussian', 'hyperbolic', 'linear', 'quadratic'),
        (float, np.float64),
    )
    for kind, sigmoid, kind_of_margin in kinds:
        for x, low, width, margin in rng.uniform(size=(100, 4)):
            bounds = (low, low + 0.2 * width)
            args = (kind(x), bounds, kind_of_margin(margin), sigmoid)
            assert_same(scalar_forms.tolerance(*args), reward_utils.tolerance(*args))


@pytest.mark.filterwarnings('ignore::RuntimeWarning')
@pytest.mark.parametrize('sigmoid', ['long_tail', 'gaussian'])
@pytest.mark.parametrize('margin', [0.0, 1e-300, 1e-150, 1.0, np.inf, np.nan])
@pytest.mark.parametrize('x', [0.0, -0.0, 0.1, 0.5, 1e200, np.inf, -np.inf, np.nan])
def test_tolerance_at_the_edges(sigmoid, margin, x):
    for number in (x, np.float64(x)):
        args = (number, (0.0, 0.1), margin, sigmoid)
        assert_same(scalar_forms.tolerance(*args), reward_utils.tolerance(*args))


def test_tolerance_refuses_what_upstream_refuses():
    for args in ((0.1, (1, 0)), (0.1, (0, 1), -1.0), (2.0, (0, 1), 1.0, 'wave')):
        with pytest.raises(ValueError) as expected:  # noqa: PT011 - its words are compared
            reward_utils.tolerance(*args)
        with pytest.raises(ValueError) as found:  # noqa: PT011
            scalar_forms.tolerance(*args)
        assert str(found.value) == str(expected.value)
    args = (0.3, (0, 0.1), 0.5, 'long_tail', 0.2)
    assert_same(scalar_forms.tolerance(*args), reward_utils.tolerance(*args))


def test_rect_prism_tolerance(rng):
    inside = 0
    for curr, zero, one in rng.uniform(size=(2000, 3, 3)):
        curr = 0.5 + 0.5 * (curr - 0.5)
        for point in (zero, one, curr):
            expected = reward_utils.rect_prism_tolerance(curr=point, zero=zero, one=one)
            found = scalar_forms.rect_prism_tolerance(curr=point, zero=zero, one=one)
            assert_same(found, expected)
        inside += expected != 1.0
    assert 20 < inside < 1000
    unknown = np.array([0.5, np.nan, 0.5])
    for points in ((unknown, zero, one), (curr, unknown, one), (curr, zero, unknown)):
        expected = reward_utils.rect_prism_tolerance(*points)
        assert_same(scalar_forms.rect_prism_tolerance(*points), expected)


def test_copy(rng):
    for x in (rng.normal(size=3), rng.normal(size=(4, 3)).T, [1, 2], 3.0):
        assert_same(scalar_forms.copy(x), np.copy(x))
    x = rng.normal(size=(4, 3))
    assert scalar_forms.copy(x.T).strides == np.copy(x.T).strides
    assert not np.shares_memory(scalar_forms.copy(x), x)
    assert scalar_forms.copy(x.T, 'C').strides == np.copy(x.T, 'C').strides


def test_quaternion(rng):
    for scale in itertools.product((1e-6, 1, 30), repeat=4):
        for quaternion in rng.normal(size=(20, 4)) * scale:
            matrix = Rotation.from_quat(quaternion).as_matrix()
            expected = Rotation.from_matrix(matrix).as_quat()
            assert_same(scalar_forms.quaternion(matrix), expected)
            assert_same(scalar_forms.ScalarRotation.from_matrix(matrix).as_quat(), expected)


def test_quaternion_of_quarter_and_half_turns():
    axes = itertools.product((-1, 0, 1), repeat=9)
    matrices = (np.array(entries, float).reshape(3, 3) for entries in axes)
    turns = [m for m in matrices if np.array_equal(m @ m.T, np.eye(3)) and np.linalg.det(m) > 0]
    assert len(turns) == 24
    for matrix in turns:
        assert_same(scalar_forms.quaternion(matrix), Rotation.from_matrix(matrix).as_quat())


def test_rotations_of_anything_else_are_scipys(rng):
    several = Rotation.random(4, rng=rng).as_matrix()
    expected = Rotation.from_matrix(several).as_quat()
    assert_same(scalar_forms.ScalarRotation.from_matrix(several).as_quat(), expected)
    with pytest.raises(ValueError, match='determinant'):
        scalar_forms.ScalarRotation.from_matrix(np.zeros((3, 3))).as_quat()


def test_clip(rng):
    for kind in (np.float32, np.float64, float, np.asarray):
        for x in rng.normal(size=100):
            for bounds in ((-1, 1), (0.0, 1.0), (-1.0, 0), (1, -1), (np.float64(-0.5), 0.5)):
                assert_same(scalar_forms.clip(kind(x), *bounds), np.clip(kind(x), *bounds))
    assert_same(scalar_forms.clip(np.float64(np.nan), 0, 1), np.clip(np.float64(np.nan), 0, 1))
    assert_same(scalar_forms.clip(np.float64(3), a_min=0, a_max=1), np.float64(1))


def test_hstack(rng):
    a, b = rng.normal(size=(2, 3))
    for parts in (
        *((a, b), (a, b[:1], a), (a[0], b[0]), (a[0], b), [a, b], (a, [1.0, 2.0])),
        *((1.0, 2.0), (np.float32(1), np.float64(2)), (a.reshape(3, 1), b.reshape(3, 1)), (a, 1)),
    ):
        assert_same(scalar_forms.hstack(parts), np.hstack(parts))
    assert_same(scalar_forms.hstack((a, b), dtype=np.float32), np.hstack((a, b), dtype=np.float32))


def test_a_difference_of_one_bit_is_found(monkeypatch):
    assert scalar_forms_check.difference() is None
    exact = scalar_forms.tolerance

    def one_bit_off(x, *args):
        value = exact(x, *args)
        return np.nextafter(value, 2).item() if x > 0.9 else value

    monkeypatch.setattr(scalar_forms, 'tolerance', one_bit_off)
    assert scalar_forms_check.difference().startswith('tolerance(')
    monkeypatch.setattr(scalar_forms, 'tolerance', lambda *args: np.float64(exact(*args)))
    assert 'was expected' in scalar_forms_check.difference()
