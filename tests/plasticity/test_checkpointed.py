from metods_garage.plasticity import (
    initial_alpha,
    initial_coefficients,
    metods_unroll,
    xavier_matrix,
)
from metods_garage.plasticity.checkpointed import stretch_length

import pytest
import torch


def saved_bytes(T: int, N: int, S: int, backend: str) -> int:
    """Bytes that autograd keeps between the forward and the backward pass."""
    storages: dict[int, int] = {}

    def pack(x: torch.Tensor) -> torch.Tensor:
        storages[x.untyped_storage().data_ptr()] = x.untyped_storage().nbytes()
        return x

    coefficients = initial_coefficients(S).requires_grad_()
    alpha = initial_alpha(N).requires_grad_()
    with torch.autograd.graph.saved_tensors_hooks(pack, lambda x: x):
        out, _ = metods_unroll(
            torch.rand(1, T, N), xavier_matrix(N)[None], coefficients, coefficients, alpha,
            backend=backend,
        )  # fmt: skip
        assert out.requires_grad
    return sum(storages.values())


def test_kept_copies_of_the_weights_grow_with_the_square_root_of_the_steps():
    N, S = 48, 2
    copy = 4 * N * N
    for T in (25, 100, 400):
        activations = 4 * T * N * (S + 1)  # the inputs and what each read gave
        kept = saved_bytes(T, N, S, 'checkpointed') - activations
        assert kept <= (T**0.5 + 2) * copy  # alpha is one more
        assert stretch_length(T) == round(T**0.5)
    assert saved_bytes(100, N, S, 'reference') > 100 * S * copy


# As the launchers set them, gradients stay within a hundred times that of the
# last step. With the defaults of the rule those of some trials grow a lot, but stay finite.
@pytest.mark.parametrize(
    ('N', 'cap', 'alpha_scale', 'growth'), [(32, 0.4, 1e-3, 100.0), (16, 1.0, 1e-2, float('inf'))]
)
def test_the_last_of_five_thousand_capped_steps_still_hears_the_first(N, cap, alpha_scale, growth):
    print('seed 0')
    torch.manual_seed(0)
    S, T = 4, 5000
    kappa, beta = (initial_coefficients(S).requires_grad_() for _ in range(2))
    alpha = initial_alpha(N, alpha_scale).requires_grad_()
    W0 = xavier_matrix(N).requires_grad_()
    v = torch.tanh(torch.randn(2, T, N)).requires_grad_()
    out, W_T = metods_unroll(
        v, W0.expand(2, N, N), kappa, beta, alpha, normalize='cap', cap=cap, backend='checkpointed'
    )
    assert out.isfinite().all()
    assert W_T.norm(dim=-1).max() <= cap + 1e-4
    out[:, -1].square().sum().backward()
    for x in (v, W0, kappa, beta, alpha):
        assert x.grad.isfinite().all()
        assert x.grad.abs().max() > 0
    first, last = v.grad[:, :10].norm(dim=-1).amax(1), v.grad[:, -1].norm(dim=-1)
    print('of the first steps', first.tolist(), 'of the last', last.tolist())
    assert (first > 1e-3).all()
    assert (first < growth * last).all()
