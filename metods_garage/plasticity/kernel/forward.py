"""The rule over trials, each by one thread from its first step to its last, so that its weights
stay in that core's cache: W and alpha of N = 100 are 40 kB each.
"""

from __future__ import annotations

from metods_garage.plasticity.kernel.compiled import compiled
from metods_garage.plasticity.kernel.matrices import set_matrix
from metods_garage.plasticity.kernel.step import read, write
from metods_garage.plasticity.kernel.vectors import set_vector


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
    keeps, with_reset = kept.R.shape[1] > 0, reset.shape[1] > 0
    for trial in range(first, last):
        # written in turn, so that the last one is W_T
        now, after, other = W[trial], W_T[trial], scratch.H
        if T % 2 == 0:
            after, other = other, after
        for t in range(T):
            if keeps:
                R = kept.R[trial, t]
                if t % kept.length == 0:
                    set_matrix(now, kept.W[trial, t // kept.length])
            before = W0[trial] if with_reset and reset[trial, t] else now
            set_vector(v[trial, t], V[0])
            read(V, Y, R, scratch.M[0], scratch.A[0], before, coefficients, form)
            set_vector(V[S], out[trial, t])
            write(before, after, V, Y, scratch, 0, coefficients, form)
            now, after, other = after, other, after
