import logging

from metods_garage.plasticity import metods_step, metods_unroll
from metods_garage.plasticity.unroll import BACKENDS, choose_backend

import pytest
import torch


@pytest.fixture
def problem(problem_of):
    return problem_of(2, 6, 4, 2, write='hebbian', scalar_alpha=False, with_reset=False)[0]


@pytest.mark.parametrize('backend', ['auto', *BACKENDS])
@pytest.mark.parametrize('normalize', [None, 'cap'])
def test_stepping_equals_one_unroll(problem, backend, normalize):
    options = {'normalize': normalize, 'cap': 0.7, 'backend': backend}
    out, W_T = metods_unroll(**problem, **options)
    v, W = problem['v'], problem['W']
    for t in range(v.shape[1]):
        y, W = metods_step(
            v[:, t], W, problem['kappa'], problem['beta'], problem['alpha'], **options
        )
        torch.testing.assert_close(y, out[:, t], rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(W, W_T, rtol=1e-12, atol=1e-12)


def test_acting_without_gradients_equals_the_reference(problem):
    expected = metods_unroll(**problem, backend='reference')
    with torch.no_grad():
        got = metods_unroll(**problem)
    torch.testing.assert_close(got, expected, rtol=1e-12, atol=1e-12)
    assert not got[0].requires_grad


def test_a_reset_starts_the_trial_anew(problem):
    reset = torch.zeros(2, 6, dtype=torch.bool)
    reset[1, 3] = True
    W0 = torch.eye(4, dtype=torch.float64)
    v = problem.pop('v')
    out, _ = metods_unroll(v, **problem, reset=reset, W0=W0)
    plain, _ = metods_unroll(v, **problem)
    problem['W'] = W0.expand(2, 4, 4)
    anew, _ = metods_unroll(v[:, 3:], **problem)
    torch.testing.assert_close(out[0], plain[0])
    torch.testing.assert_close(out[1, :3], plain[1, :3])
    torch.testing.assert_close(out[1, 3:], anew[1])


def test_the_choice_is_logged_once_for_each_reason(problem, caplog):
    choose_backend.cache_clear()
    with caplog.at_level(logging.INFO, logger='metods_garage.plasticity.unroll'):
        for _ in range(2):
            metods_unroll(**problem)
            metods_unroll(**problem, activation='softmax')
    assert [r.getMessage() for r in caplog.records] == [
        "plasticity: 'fused', the compiled kernel",
        "plasticity: 'checkpointed' instead of the compiled kernel, because activation 'softmax' "
        'is not one of tanh, relu, identity',
    ]


@pytest.mark.parametrize(
    ('change', 'error', 'match'),
    [
        ({'v': torch.zeros(2, 4).double()}, ValueError, r'v has shape \(2, 4\); \[B, T, N\]'),
        ({'v': torch.zeros(2, 0, 4).double()}, ValueError, 'T and N must be at least 1'),
        ({'v': torch.zeros(2, 6, 4).long()}, TypeError, 'v has dtype torch.int64'),
        ({'W': torch.zeros(3, 4, 4).double()}, ValueError, r'W has shape \(3, 4, 4\); \(2, 4, 4\)'),
        ({'W': torch.zeros(2, 4, 4)}, TypeError, 'W has dtype torch.float32 but v has'),
        ({'kappa': torch.zeros(2, 2).double()}, ValueError, r'kappa has shape \(2, 2\)'),
        ({'beta': torch.zeros(1, 2).double()}, ValueError, r'beta has shape \(1, 2\); \(2, 3\)'),
        ({'alpha': torch.zeros(4).double()}, ValueError, r'alpha has shape \(4,\)'),
        ({'projection': torch.zeros(4, 3).double()}, ValueError, r'projection has shape \(4, 3\)'),
        ({'projection': torch.tanh}, TypeError, 'must be an .* tensor, or a torch.nn.Module'),
        ({'reset': torch.zeros(2, 6).bool()}, ValueError, 'reset is given without W0'),
        (
            {'reset': torch.zeros(2, 5).bool(), 'W0': torch.zeros(4, 4).double()},
            ValueError,
            r'reset has shape \(2, 5\); \(2, 6\)',
        ),
        (
            {'reset': torch.zeros(2, 6), 'W0': torch.zeros(4, 4).double()},
            TypeError,
            'reset has dtype torch.float32; torch.bool',
        ),
        (
            {'reset': torch.zeros(2, 6, device='meta').bool(), 'W0': torch.zeros(4, 4).double()},
            ValueError,
            'reset is on meta but v is on cpu; move one of them',
        ),
        ({'activation': 'sine'}, ValueError, "activation is 'sine'; it must be one of 'tanh'"),
        ({'normalize': 'max'}, ValueError, "normalize is 'max'"),
        ({'normalize_axis': 'rows'}, ValueError, "normalize_axis is 'rows'"),
        ({'project': 'both'}, ValueError, "project is 'both'"),
        ({'cap': 0.0}, ValueError, 'cap is 0.0'),
        ({'backend': 'quick'}, ValueError, "backend is 'quick'; it must be one of 'auto'"),
    ],
)
def test_what_does_not_fit_is_refused_by_its_value(problem, change, error, match):
    with pytest.raises(error, match=match):
        metods_unroll(**{**problem, **change})


def test_a_step_refuses_an_input_with_time(problem):
    with pytest.raises(ValueError, match=r'v has shape \(2, 6, 4\); \[B, N\] is expected'):
        metods_step(**problem)
