"""Random problems for the rule, and what every backend makes of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from metods_garage.plasticity import metods_unroll

import pytest
import torch

SEED = 20221128


def make_problem(
    B: int, T: int, N: int, S: int, *, write: str, scalar_alpha: bool, with_reset: bool
) -> tuple[dict[str, Any], list[torch.Tensor]]:
    """Arguments of an unroll in float64, and the leaves that want gradients."""
    print(f'seed {SEED}')
    generator = torch.Generator().manual_seed(SEED)

    def leaf(*shape: int, scale: float = 1.0) -> torch.Tensor:
        x = torch.randn(shape, generator=generator, dtype=torch.float64)
        return (scale * x).requires_grad_()

    problem: dict[str, Any] = {
        'v': leaf(B, T, N),
        'W': leaf(B, N, N, scale=0.5),
        'kappa': leaf(S, S + 1, scale=0.4),
        'beta': leaf(S, S + 1, scale=0.4),
        'alpha': leaf() if scalar_alpha else leaf(N, N),
    }
    leaves = list(problem.values())
    if write.startswith('linear'):
        problem['projection'] = leaf(N, N, scale=0.4)
        problem['project'] = 'post' if write.endswith('post') else 'pre'
        leaves.append(problem['projection'])
    if write == 'mlp':
        module = torch.nn.Sequential(torch.nn.Linear(N, N + 1), torch.nn.Tanh())
        module.append(torch.nn.Linear(N + 1, N)).double()
        problem['projection'] = module
        with torch.no_grad():
            for p in module.parameters():
                p.copy_(0.4 * torch.randn(p.shape, generator=generator, dtype=p.dtype))
        leaves += list(module.parameters())
    if with_reset:
        problem['W0'] = leaf(N, N, scale=0.5)
        problem['reset'] = torch.rand(B, T, generator=generator) < 0.1
        leaves.append(problem['W0'])
    return problem, leaves


def outputs_and_gradients(
    problem: dict[str, Any], leaves: list[torch.Tensor], backend: str, **options: Any
) -> list[torch.Tensor]:
    out, W_T = metods_unroll(**problem, backend=backend, **options)
    generator = torch.Generator().manual_seed(SEED + 1)
    weights = [torch.randn(x.shape, generator=generator, dtype=x.dtype) for x in (out, W_T)]
    loss = (out * weights[0]).sum() + (W_T * weights[1]).sum()
    return [out, W_T, *torch.autograd.grad(loss, leaves)]


@pytest.fixture
def problem_of() -> Callable[..., tuple[dict[str, Any], list[torch.Tensor]]]:
    return make_problem


@pytest.fixture
def assert_equals_reference() -> Callable[..., None]:
    """Compares outputs and every gradient of a backend with the literal rule."""

    def check(
        backend: str,
        S: int,
        *,
        B: int = 3,
        T: int = 37,
        N: int = 7,
        write: str = 'hebbian',
        scalar_alpha: bool = False,
        with_reset: bool = True,
        **options: Any,
    ) -> None:
        problem, leaves = make_problem(
            B, T, N, S, write=write, scalar_alpha=scalar_alpha, with_reset=with_reset
        )
        expected = outputs_and_gradients(problem, leaves, 'reference', **options)
        got = outputs_and_gradients(problem, leaves, backend, **options)
        for x, y in zip(got, expected, strict=True):
            difference = (x - y).detach().abs().max()
            assert difference <= 1e-10 * (y.detach().abs().max() + 1e-12)

    return check
