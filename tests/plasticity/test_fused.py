"""What holds of the compiled kernel beyond what every backend has to keep."""

import pathlib

from metods_garage.plasticity import initial_coefficients, metods_unroll
from metods_garage.plasticity.fused import compiled_kernel

import numpy as np
import pytest
import torch

SEED = 20261121


def unroll_problem(B, T, N, S, dtype=torch.float32, alpha_scale=1e-2, requires_grad=True):
    """Random inputs of `metods_unroll`, with resets in the middle."""
    print('seed', SEED)
    generator = torch.Generator().manual_seed(SEED)

    def leaf(*shape, scale=1.0):
        x = scale * torch.randn(shape, generator=generator, dtype=torch.float64)
        return x.to(dtype).requires_grad_(requires_grad)

    problem = {
        'v': leaf(B, T, N, scale=0.5),
        'W': leaf(B, N, N, scale=N**-0.5),
        'kappa': initial_coefficients(S).to(dtype).requires_grad_(requires_grad),
        'beta': initial_coefficients(S).to(dtype).requires_grad_(requires_grad),
        'alpha': leaf(N, N, scale=alpha_scale),
        'W0': leaf(N, N, scale=N**-0.5),
    }
    leaves = list(problem.values())
    problem['reset'] = torch.rand(B, T, generator=generator) < 2.0 / T
    return problem, leaves


def gradients(problem, leaves, **options):
    out, W_T = metods_unroll(**problem, **options)
    return [out, W_T, *torch.autograd.grad(out.square().sum() + W_T.sum(), leaves)]


def relative_difference(got, expected):
    differences = [
        ((x.double() - y.double()).abs().max() / y.double().abs().max().clamp_min(1e-30)).item()
        for x, y in zip(got, expected, strict=True)
    ]
    return np.max(differences)  # NaN, where there is one


@pytest.mark.parametrize('write', ['hebbian', 'linear'])
@pytest.mark.parametrize(('S', 'B', 'N'), [(4, 3, 11), (1, 1, 13), (5, 2, 1)])
def test_a_thousand_steps_with_resets_equal_the_literal_rule(S, B, N, write):
    problem, leaves = unroll_problem(B, 1000, N, S, torch.float64)
    if write == 'linear':
        problem['projection'] = torch.randn(N, N, dtype=torch.float64).requires_grad_()
        leaves.append(problem['projection'])
    options = {'normalize': 'cap', 'cap': 0.8}
    expected = gradients(problem, leaves, backend='reference', **options)
    got = gradients(problem, leaves, backend='fused', **options)
    assert relative_difference(got, expected) < 1e-9


@pytest.mark.parametrize('S', range(1, 9))
@pytest.mark.parametrize('N', [1, 2, 5, 18, 35])
def test_every_number_of_inner_steps_and_every_remainder_of_a_vector(S, N):
    problem, leaves = unroll_problem(2, 5, N, S, torch.float64)
    expected = gradients(problem, leaves, backend='reference')
    got = gradients(problem, leaves, backend='fused')
    assert relative_difference(got, expected) < 1e-9


def test_inputs_in_any_order_of_memory_give_the_same():
    problem, leaves = unroll_problem(3, 12, 7, 3, torch.float64)
    expected = gradients(problem, leaves, backend='fused')
    strided = dict(problem)
    for name in ('v', 'W', 'alpha', 'kappa', 'beta', 'W0'):
        x = problem[name].detach()
        strided[name] = x.mT.contiguous().mT.requires_grad_()
        assert not strided[name].is_contiguous()
    strided['reset'] = problem['reset'].T.contiguous().T
    names = ('v', 'W', 'kappa', 'beta', 'alpha', 'W0')
    got = gradients(strided, [strided[name] for name in names], backend='fused')
    assert all(torch.equal(x, y) for x, y in zip(got, expected, strict=True))


@pytest.fixture
def n_threads():
    before = torch.get_num_threads()
    yield torch.set_num_threads
    torch.set_num_threads(before)


def test_the_same_numbers_each_time_and_with_any_number_of_threads(n_threads, monkeypatch):
    monkeypatch.setattr('metods_garage.plasticity.fused._MULTIPLY_ADDS_PER_THREAD', 1)
    problem, leaves = unroll_problem(5, 60, 33, 4)
    n_threads(1)
    once = gradients(problem, leaves, backend='fused', normalize='cap')
    again = gradients(problem, leaves, backend='fused', normalize='cap')
    assert all(torch.equal(x, y) for x, y in zip(once, again, strict=True))
    for n in (2, 3, 8):
        n_threads(n)
        shared_out = gradients(problem, leaves, backend='fused', normalize='cap')
        assert relative_difference(shared_out, once) < 1e-6


def test_a_tensor_changed_before_the_backward_pass_is_noticed():
    problem, leaves = unroll_problem(2, 6, 5, 2)
    for name in ('v', 'kappa', 'beta', 'alpha', 'W0', 'reset'):
        out, _ = metods_unroll(**problem, backend='fused')
        with torch.no_grad():
            problem[name].logical_not_() if name == 'reset' else problem[name].mul_(2)
        with pytest.raises(RuntimeError, match='modified by an inplace operation'):
            out.sum().backward()
        with torch.no_grad():
            problem[name].logical_not_() if name == 'reset' else problem[name].mul_(0.5)
    assert leaves


@pytest.mark.parametrize('backend', ['fused', 'checkpointed'])
def test_a_second_derivative_is_refused(backend):
    problem, _ = unroll_problem(2, 6, 5, 2)
    out, _ = metods_unroll(**problem, backend=backend)
    with pytest.raises(RuntimeError, match="no second derivative; use backend='rearranged'"):
        torch.autograd.grad(out.sum(), problem['v'], create_graph=True)


def test_a_derivative_in_forward_mode_is_refused_rather_than_left_out():
    problem, _ = unroll_problem(2, 6, 5, 2, requires_grad=False)
    with torch.autograd.forward_ad.dual_level():
        for name in ('v', 'W0'):
            x = problem[name]
            dual = {name: torch.autograd.forward_ad.make_dual(x, torch.ones_like(x))}
            with pytest.raises(RuntimeError, match="forward mode.*use backend='rearranged'"):
                metods_unroll(**{**problem, **dual}, backend='fused')
        metods_unroll(**problem, backend='fused')


@pytest.mark.parametrize(
    ('options', 'dtype', 'match'),
    [
        ({'activation': 'softmax'}, torch.float32, "activation 'softmax' is not one of tanh"),
        ({'projection': torch.nn.Linear(4, 4)}, torch.float32, 'the projection is a module'),
        ({}, torch.bfloat16, 'v has dtype torch.bfloat16'),
    ],
)
def test_what_is_not_covered_is_refused_by_name_and_taken_elsewhere(options, dtype, match):
    problem, _ = unroll_problem(2, 3, 4, 2, dtype)
    with pytest.raises(ValueError, match=f"{match}.*use backend='auto'"):
        metods_unroll(**problem, backend='fused', **options)
    out, _ = metods_unroll(**problem, backend='auto', **options)
    out.sum().backward()
    assert problem['alpha'].grad.isfinite().all()


def test_more_inner_steps_than_are_covered_go_elsewhere():
    problem, leaves = unroll_problem(1, 3, 4, 9, torch.float64)
    with pytest.raises(ValueError, match='S is 9, above 8'):
        metods_unroll(**problem, backend='fused')
    expected = gradients(problem, leaves, backend='reference')
    assert relative_difference(gradients(problem, leaves), expected) < 1e-9


@pytest.mark.parametrize('backend', ['fused', 'checkpointed'])
def test_nan_comes_through(backend):
    problem, _ = unroll_problem(2, 6, 5, 2, requires_grad=False)
    problem['v'][1, 3, 2] = torch.nan
    problem['reset'][:] = False
    for normalize in (None, 'l1', 'l2', 'cap'):
        out, W_T = metods_unroll(**problem, backend=backend, normalize=normalize)
        assert out[0].isfinite().all()
        assert out[1, :3].isfinite().all()
        assert out[1, 4].isnan().all()
        assert W_T[1].isnan().any()


@pytest.mark.parametrize('normalize_axis', ['incoming', 'outgoing'])
@pytest.mark.parametrize('normalize', [None, 'l1', 'l2', 'cap'])
def test_nan_stays_in_its_trial_and_before_the_next_reset(normalize, normalize_axis):
    found = []
    for number in (0.5, torch.nan):
        problem, _ = unroll_problem(3, 9, 7, 4, torch.float64)
        problem['reset'][:] = False
        problem['reset'][:, 5] = True
        with torch.no_grad():
            problem['v'][1, 2, 3] = number
        options = {'normalize': normalize, 'normalize_axis': normalize_axis, 'backend': 'fused'}
        found.append(gradients(problem, [problem['v'], problem['W']], **options))
    for finite, x in zip(*found, strict=True):
        assert torch.equal(x[[0, 2]], finite[[0, 2]])
    (out, W_T, v_bar, _), (nan_out, nan_W_T, nan_v_bar, _) = found
    assert nan_out[1, 3].isnan().all()
    assert torch.equal(nan_out[1, 5:], out[1, 5:])
    assert torch.equal(nan_W_T, W_T)
    assert torch.equal(nan_v_bar[1, 5:], v_bar[1, 5:])


# As the launchers set them. With alpha ten times larger and a cap of 1 the rule is chaotic, and any
# rounding grows to the size of the outputs: benchmarks/gradient_horizon.py shows by how much.
def test_single_precision_stays_near_double_over_a_thousand_steps():
    single, _ = unroll_problem(2, 1000, 100, 4, torch.float32, 1e-3, requires_grad=False)
    double = {k: v.double() if v.is_floating_point() else v for k, v in single.items()}
    options = {'normalize': 'cap', 'cap': 0.4, 'backend': 'fused'}
    got, expected = metods_unroll(**single, **options), metods_unroll(**double, **options)
    assert relative_difference(got, expected) < 1e-3


def test_gradients_stay_finite_over_a_trial_of_five_thousand_steps():
    problem, leaves = unroll_problem(1, 5000, 100, 4, torch.float32, 1e-3)
    problem['reset'] = None
    got = gradients(problem, leaves[:-1], backend='fused', normalize='cap', cap=0.4)
    assert all(x.isfinite().all() for x in got)
    v_bar = got[2].norm(dim=-1)[0]
    print('|bar v| of the first and the last 100 steps', v_bar[:100].mean(), v_bar[-100:].mean())
    assert v_bar[:100].mean() < 1e4


def test_machine_code_is_kept_by_what_all_files_of_the_kernel_hold():
    names = {
        f.py_func.__qualname__ for f in (compiled_kernel().forward, compiled_kernel().backward)
    }
    digests = {name.rsplit('_', 1)[1] for name in names}
    assert len(digests) == 1
    assert len(digests.pop()) == 12


@pytest.mark.parametrize('what', ['_vector_bytes', '_n_registers'])
def test_machine_code_is_kept_by_the_width_of_vectors_and_tiles(what, monkeypatch):
    from metods_garage.plasticity.kernel import compiled, simd

    digest = compiled._sources_digest.__wrapped__
    folder = pathlib.Path(compiled.__file__).parent
    before = digest(folder)
    here = getattr(simd, what)()
    monkeypatch.setattr(simd, what, lambda: 2 * here)
    assert digest(folder) != before
