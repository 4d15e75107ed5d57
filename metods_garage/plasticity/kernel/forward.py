"""The rule over trials, each by one thread from its first step to its last, so that its weights
stay in that core's cache: W and alpha of N = 100 are 40 kB each.
"""

from __future__ import annotations

from metods_garage.plasticity.kernel.arguments import NOT_NORMALIZED
from metods_garage.plasticity.kernel.compiled import compiled
from metods_garage.plasticity.kernel.products import set_scaled_transposed, set_transposed
from metods_garage.plasticity.kernel.step import read, write
from metods_garage.plasticity.kernel.vectors import copy_numbers, set_all


@compiled
def forward(first, last, scratch, v, W, reset, W0, coefficients, form, out, W_T, kept):
    """Run the rule over trials first..last - 1.

    Args:
        first: Number of the first trial.
        last: One past the last.
        scratch: Memory of this thread's own; see `new_scratch`.
        v: Inputs [B, T, N].
        W: Weights [B, N, N] before the first step.
        reset: Boolean [B, T], or [B, 0] for none.
        W0: Weights [B, N, N] that a reset puts back, or [B, 0, 0].
        coefficients: The meta-parameters.
        form: The options.
        out: Set to v^(S) of every step [B, T, N].
        W_T: Set to the weights after the last step [B, N, N].
        kept: Set to what `backward` needs.
    """
    T, S = v.shape[1], coefficients.kappa.shape[0]
    V, Y, R = scratch.V[0], scratch.Y[0], scratch.U_bar
    now, pending = scratch.W[0], scratch.rows[2]
    keeps, with_reset = kept.R.shape[1] > 0, reset.shape[1] > 0
    for trial in range(first, last):
        set_transposed(W[trial], now)
        set_all(1.0, pending)
        for t in range(T):
            if keeps and t % kept.length == 0:
                set_scaled_transposed(pending, now, kept.W[trial, t // kept.length])
            if with_reset and reset[trial, t]:
                set_transposed(W0[trial], now)
                set_all(1.0, pending)
            copy_numbers(v[trial, t], V[0])
            read(V, Y, R, scratch.M[0], scratch.A[0], now, pending, coefficients, form)
            copy_numbers(V[S], out[trial, t])
            write(now, V, Y, scratch, pending, coefficients, form)
            if keeps:
                for s in range(S):
                    copy_numbers(R[s], kept.R[trial, t, s])
                if form.normalize != NOT_NORMALIZED:
                    copy_numbers(scratch.scale, kept.scale[trial, t])
        set_scaled_transposed(pending, now, W_T[trial])
