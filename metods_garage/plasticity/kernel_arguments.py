"""The compiled rule one step at a time, for acting: what all steps have in common is made once."""

from __future__ import annotations

from metods_garage.plasticity.fused import _Problem
from metods_garage.plasticity.rule import Rule

import numpy as np
import torch

Tensor = torch.Tensor


class FusedStep:
    """One time-step of B trials by the kernel of `fused_unroll`, without its preparations.

    It holds the meta-parameters as they are now; one that has changed since needs a new FusedStep.

    Args:
        kappa: Read coefficients [S, S + 1].
        beta: Write coefficients [S, S + 1].
        alpha: Plasticity [N, N] or scalar.
        projection: P [N, N] or None.
        rule: The other options, which `why_not_fused` has nothing against.
        n_neurons: N.
    """

    def __init__(
        self,
        kappa: Tensor,
        beta: Tensor,
        alpha: Tensor,
        projection: Tensor | None,
        rule: Rule,
        n_neurons: int,
    ) -> None:
        N, S = n_neurons, kappa.shape[0]
        v = kappa.new_empty(1, 1, N)
        problem = _Problem(rule, None, v, None, kappa, beta, alpha.expand(N, N), projection, None)
        self._kernel = problem._kernel
        self._coefficients, self._form = problem.coefficients, problem.form
        dtype = problem.v.dtype
        self._scratch = self._kernel.new_scratch(1, S, N, dtype)
        self._nothing = np.empty((0, 0, 0), dtype)
        self._kept = self._kernel.Kept(
            np.empty((0, 0, S, N), dtype), np.empty((0, 0, 0, 0), dtype), 0
        )

    def __call__(self, v: np.ndarray, W: np.ndarray, next_W: np.ndarray) -> np.ndarray:
        """Take the step.

        Args:
            v: Inputs [B, N], in the dtype of kappa as all else.
            W: Weights [B, N, N] before the step, C-contiguous.
            next_W: Set to the weights after it; another array.

        Returns:
            v^(S) [B, N].
        """
        B, N = v.shape
        out = np.empty((B, 1, N), v.dtype)
        no_reset = np.empty((B, 0), np.bool_)
        self._kernel.forward(
            0, B, self._scratch, v.reshape(B, 1, N), W, no_reset, self._nothing,
            self._coefficients, self._form, out, next_W, self._kept,
        )  # fmt: skip
        return out[:, 0]
