"""Meta-parameters and options as the compiled kernel takes them, for other code that calls it."""

from __future__ import annotations

from typing import Any

from metods_garage.plasticity.fused import _Problem
from metods_garage.plasticity.rule import Rule

import torch

Tensor = torch.Tensor


def kernel_arguments(
    kappa: Tensor,
    beta: Tensor,
    alpha: Tensor,
    projection: Tensor | None,
    rule: Rule,
    n_neurons: int,
) -> tuple[Any, Any]:
    """The arguments that all steps of a rule have in common.

    Args:
        kappa: Read coefficients [S, S + 1].
        beta: Write coefficients [S, S + 1].
        alpha: Plasticity [N, N] or scalar.
        projection: P [N, N] or None.
        rule: The other options, which `why_not_fused` has nothing against.
        n_neurons: N.

    Returns:
        The kernel's `Coefficients`, arrays of the tensors as they are now, and its `Form`.
    """
    N = n_neurons
    v = kappa.new_empty(1, 1, N)
    problem = _Problem(rule, None, v, None, kappa, beta, alpha.expand(N, N), projection, None)
    return problem.coefficients, problem.form
