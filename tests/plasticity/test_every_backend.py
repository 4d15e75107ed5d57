"""What every backend has to keep: it is the literal reference, outputs and every gradient."""

from metods_garage.plasticity import metods_unroll
from metods_garage.plasticity.unroll import BACKENDS

import pytest
import torch

# 'auto' has to take what the compiled kernel does not cover elsewhere
pytestmark = pytest.mark.parametrize('backend', ['auto', *sorted(set(BACKENDS) - {'reference'})])


def skip_if_not_covered(backend, *, write='hebbian', activation='tanh'):
    if backend == 'fused' and (write == 'mlp' or activation == 'softmax'):
        pytest.skip('refused by name; see test_fused.py')


@pytest.mark.parametrize('with_reset', [False, True])
@pytest.mark.parametrize('S', [1, 2, 3, 4])
def test_outputs_and_every_gradient_equal_the_reference(
    backend, assert_equals_reference, S, with_reset
):
    assert_equals_reference(backend, S, with_reset=with_reset)


@pytest.mark.parametrize('write', ['linear', 'linear-post', 'mlp'])
@pytest.mark.parametrize('normalize', [None, 'l2'])
def test_every_write_variant_equals_the_reference(
    backend, assert_equals_reference, write, normalize
):
    skip_if_not_covered(backend, write=write)
    assert_equals_reference(backend, 3, write=write, normalize=normalize, T=19)


@pytest.mark.parametrize('scalar_alpha', [False, True])
@pytest.mark.parametrize('activation', ['tanh', 'softmax', 'relu', 'identity'])
def test_every_activation_equals_the_reference(
    backend, assert_equals_reference, activation, scalar_alpha
):
    skip_if_not_covered(backend, activation=activation)
    assert_equals_reference(
        backend, 2, activation=activation, scalar_alpha=scalar_alpha, normalize='l2', T=19
    )


@pytest.mark.parametrize('normalize_axis', ['incoming', 'outgoing'])
@pytest.mark.parametrize('normalize', ['l1', 'l2', 'cap'])
def test_every_normalisation_equals_the_reference(
    backend, assert_equals_reference, normalize, normalize_axis
):
    assert_equals_reference(
        backend, 2, normalize=normalize, normalize_axis=normalize_axis, cap=0.9, T=19
    )


@pytest.mark.parametrize('T', [1, 2, 4, 5])
def test_every_length_of_the_last_stretch_equals_the_reference(backend, assert_equals_reference, T):
    assert_equals_reference(backend, 2, T=T, with_reset=False)


def test_a_thousand_steps_equal_the_reference(backend, assert_equals_reference):
    assert_equals_reference(backend, 2, B=1, T=1000, N=3, normalize='cap')


def test_gradients_equal_finite_differences(backend, problem_of):
    problem, leaves = problem_of(2, 3, 2, 2, write='linear', scalar_alpha=False, with_reset=True)
    names = [name for name, value in problem.items() if any(value is leaf for leaf in leaves)]

    def unroll(*tensors):
        return metods_unroll(
            **{**problem, **dict(zip(names, tensors, strict=True))}, backend=backend
        )

    assert torch.autograd.gradcheck(unroll, tuple(problem[name] for name in names))


def test_only_the_gradients_that_are_wanted_are_computed(backend, problem_of):
    problem, _ = problem_of(2, 5, 3, 2, write='hebbian', scalar_alpha=False, with_reset=False)
    for name in ('v', 'W', 'beta', 'alpha'):
        problem[name] = problem[name].detach()
    out, _ = metods_unroll(**problem, backend=backend)
    out.sum().backward()
    assert problem['kappa'].grad is not None
    assert problem['alpha'].grad is None


def test_inputs_are_left_as_they_were(backend, problem_of):
    problem, leaves = problem_of(2, 5, 3, 2, write='hebbian', scalar_alpha=False, with_reset=True)
    before = [leaf.detach().clone() for leaf in leaves]
    out, _ = metods_unroll(**problem, backend=backend)
    out.sum().backward()
    with torch.no_grad():
        metods_unroll(**problem, backend=backend)
    for leaf, was in zip(leaves, before, strict=True):
        assert torch.equal(leaf, was)
