"""The gradient of `forward`; `derivation.md` beside this file says why these are the equations."""

from __future__ import annotations

from metods_garage.plasticity.kernel.arguments import NO_PROJECTION, PROJECT_POST, PROJECT_PRE
from metods_garage.plasticity.kernel.compiled import compiled, inlined
from metods_garage.plasticity.kernel.matrices import (
    add_matvec_transposed,
    add_outer_products,
    matvec,
    matvecs,
    set_matrix,
    set_matvecs_transposed,
)
from metods_garage.plasticity.kernel.norms import through_norm
from metods_garage.plasticity.kernel.step import (
    set_written_coefficients,
    set_written_row,
    through_activation,
    write,
)
from metods_garage.plasticity.kernel.vectors import (
    add_combination,
    add_product,
    add_scaled,
    add_scaled_product,
    dot,
    scale_in_place,
    set_combination,
    set_product,
    set_product_and_dot,
    set_scaled,
    set_vector,
    set_zero,
)


@compiled
def backward(first, last, scratch, v, out_bar, reset, W0, coefficients, form, kept, gradients):
    """Take the gradients of trials first..last - 1 back from their last step to their first.

    Args:
        first: Number of the first trial.
        last: One past the last.
        scratch: Memory of this thread's own; see `new_scratch`.
        v: Inputs [B, T, N].
        out_bar: bar out [B, T, N].
        reset: As in `forward`.
        W0: As in `forward`.
        coefficients: The meta-parameters.
        form: The options.
        kept: What `forward` has kept.
        gradients: What is added to.
    """
    T = v.shape[1]
    for trial in range(first, last):
        for i in range(kept.W.shape[1] - 1, -1, -1):
            start = i * kept.length
            end = min(start + kept.length, T)
            R, at = kept.R[trial, start:end], reset[trial, start:end]
            _rebuild(
                scratch, v[trial, start:end], R, kept.W[trial, i], at, W0[trial], coefficients,
                form,
            )  # fmt: skip
            _through_stretch(
                trial, start, scratch, R, out_bar[trial, start:end], at, W0[trial], coefficients,
                form, gradients,
            )  # fmt: skip


@inlined
def _is_reset(reset, k):
    """Whether step k is reset, of a row [K] of resets, or [0] for none."""
    return reset.shape[0] > 0 and reset[k]


@compiled
def _rebuild(scratch, v, R, W, reset, W0, coefficients, form):
    """Rebuild the steps of a stretch from their inputs v [K, N], reads R [K, S, N], and the
    weights W [N, N] before the first.
    """
    kappa, alpha = coefficients.kappa, coefficients.alpha
    S = kappa.shape[0]
    set_matrix(W, scratch.W[0])
    for k in range(v.shape[0]):
        V, Y = scratch.V[k], scratch.Y[k]
        pre = Y if form.projection == PROJECT_PRE else V
        set_vector(v[k], V[0])
        pair = 0
        for s in range(1, S + 1):
            if form.projection != NO_PROJECTION:
                matvec(coefficients.P, V[s - 1], Y[s - 1])
            for j in range(s - 1):
                set_product(pre[j], V[s - 1], scratch.M[k, pair])
                pair += 1
            set_scaled(kappa[s - 1, s], R[k, s - 1], V[s])
            add_combination(kappa[s - 1], V, s, V[s])
        before = W0 if _is_reset(reset, k) else scratch.W[k]
        write(before, scratch.W[k + 1], V, Y, scratch, k, coefficients, form)
    if S > 1:
        M, A = scratch.M.reshape((-1, W.shape[0])), scratch.A.reshape((-1, W.shape[0]))
        matvecs(alpha, M, v.shape[0] * scratch.M.shape[1], A)


@compiled
def _through_stretch(trial, start, scratch, R, out_bar, reset, W0, coefficients, form, gradients):
    """Take the gradients of a trial back through the K rebuilt steps from `start` on."""
    S, N = coefficients.kappa.shape[0], out_bar.shape[1]
    K = out_bar.shape[0]
    G = gradients.W[trial]
    for k in range(K - 1, -1, -1):
        W = W0 if _is_reset(reset, k) else scratch.W[k]
        _through_write(trial, k, W, scratch, coefficients, form, gradients)
        set_vector(out_bar[k], scratch.V_bar[S])
        _through_reads(trial, k, W, R[k], scratch, coefficients, form, gradients)
        set_vector(scratch.V_bar[0], gradients.v[trial, start + k])
        _through_weights(G, k, scratch, coefficients)
        if _is_reset(reset, k):
            for i in range(N):
                add_scaled(1, G[i], gradients.W0[trial, i])
                set_zero(G[i])
    if gradients.alpha.shape[1] > 0 and S > 1:
        n_pairs = K * scratch.M.shape[1]
        Q, M = scratch.Q.reshape((-1, N)), scratch.M.reshape((-1, N))
        add_outer_products(Q, M, n_pairs, gradients.alpha[trial])
    if gradients.P.shape[1] > 0:
        for k in range(K):
            add_outer_products(scratch.Y_bar[k], scratch.V[k], S, gradients.P[trial])


@compiled
def _through_write(trial, k, W, scratch, coefficients, form, gradients):
    """From G to the bars of what the step wrote: V_bar and Y_bar (which this sets), bar alpha,
    bar c_S and bar d_S.
    """
    alpha, d = coefficients.alpha, coefficients.d
    S = d.shape[0] - 1
    G, H, V_bar, Y_bar = gradients.W[trial], scratch.H, scratch.V_bar, scratch.Y_bar[k]
    post = scratch.Y[k] if form.projection == PROJECT_POST else scratch.V[k]
    pre = scratch.Y[k] if form.projection == PROJECT_PRE else scratch.V[k]
    post_bar = Y_bar if form.projection == PROJECT_POST else V_bar
    pre_bar = Y_bar if form.projection == PROJECT_PRE else V_bar
    set_written_coefficients(scratch.V[k], scratch.Y[k], scratch.DA, coefficients, form)
    through_norm(G, scratch.W[k + 1], scratch.scale[k], scratch.pull[k], form, scratch.row)
    wants_alpha = gradients.alpha.shape[1] > 0
    total = 0.0
    for i in range(G.shape[0]):
        if wants_alpha:
            set_written_row(scratch.DA[i], pre, S, scratch.row)
            add_product(G[i], scratch.row, gradients.alpha[trial, i])
        total += set_product_and_dot(alpha[i], G[i], W[i], H[i])
    gradients.c[trial, S] += total
    Hb, Ha = scratch.products, scratch.more_products
    matvecs(H, pre, S, Hb)
    set_matvecs_transposed(H, post, S, Ha)
    for s in range(S):
        set_zero(V_bar[s])
        set_zero(Y_bar[s])
    for j in range(S):
        gradients.d[trial, S, j] += dot(post[j], Hb[j])
        add_scaled(d[S, j], Hb[j], post_bar[j])
        add_scaled(d[S, j], Ha[j], pre_bar[j])


@compiled
def _through_reads(trial, k, W, R, scratch, coefficients, form, gradients):
    """From bar v^(S) and the bars of the written sides back to bar v^(0)."""
    kappa, c, P = coefficients.kappa, coefficients.c, coefficients.P
    S = kappa.shape[0]
    V, V_bar, Y_bar = scratch.V[k], scratch.V_bar, scratch.Y_bar[k]
    for s in range(S, 0, -1):
        v_bar, u_bar, x = V_bar[s], scratch.U_bar[s - 1], V[s - 1]
        if s < S and form.projection != NO_PROJECTION:
            add_matvec_transposed(P, Y_bar[s], v_bar)
        for earlier in range(s):
            gradients.kappa[trial, s - 1, earlier] += dot(v_bar, V[earlier])
            add_scaled(kappa[s - 1, earlier], v_bar, V_bar[earlier])
        gradients.kappa[trial, s - 1, s] += dot(v_bar, R[s - 1])
        set_scaled(kappa[s - 1, s], v_bar, u_bar)
        through_activation(R[s - 1], form, u_bar)
        set_zero(scratch.row)
        add_matvec_transposed(W, u_bar, scratch.row)
        gradients.c[trial, s - 1] += dot(scratch.row, x)
        add_scaled(c[s - 1], scratch.row, V_bar[s - 1])
        _through_written(trial, k, s, u_bar, scratch, coefficients, form, gradients)
    if form.projection != NO_PROJECTION:
        add_matvec_transposed(P, Y_bar[0], V_bar[0])


@compiled
def _through_written(trial, k, s, u_bar, scratch, coefficients, form, gradients):
    """Through sum_j d_{s-1,j} a^(j) (*) (alpha (b^(j) (*) x_s)), the part of u_s that this step
    itself has written.
    """
    d, x = coefficients.d, scratch.V[k, s - 1]
    x_bar = scratch.V_bar[s - 1]
    post = scratch.Y[k] if form.projection == PROJECT_POST else scratch.V[k]
    pre = scratch.Y[k] if form.projection == PROJECT_PRE else scratch.V[k]
    post_bar = scratch.Y_bar[k] if form.projection == PROJECT_POST else scratch.V_bar
    pre_bar = scratch.Y_bar[k] if form.projection == PROJECT_PRE else scratch.V_bar
    pairs = slice((s - 1) * (s - 2) // 2, s * (s - 1) // 2)
    Q, A, alpha_Q = scratch.Q[k, pairs], scratch.A[k, pairs], scratch.products
    for j in range(s - 1):
        set_product(post[j], u_bar, Q[j])
        gradients.d[trial, s - 1, j] += dot(Q[j], A[j])
        scale_in_place(d[s - 1, j], Q[j])
        add_scaled_product(d[s - 1, j], u_bar, A[j], post_bar[j])
    set_matvecs_transposed(coefficients.alpha, Q, s - 1, alpha_Q)  # alpha^T q
    for j in range(s - 1):
        add_product(alpha_Q[j], x, pre_bar[j])
        add_product(alpha_Q[j], pre[j], x_bar)


@compiled
def _through_weights(G, k, scratch, coefficients):
    """bar W_{t-1} = c_S G + sum_s c_{s-1} bar u_s x_s^T, in place of G."""
    c, S = coefficients.c, coefficients.kappa.shape[0]
    for i in range(G.shape[0]):
        for s in range(S):
            scratch.DA[i, s] = c[s] * scratch.U_bar[s, i]
    for i in range(G.shape[0]):
        set_combination(c[S], scratch.DA[i], scratch.V[k], S, G[i])
