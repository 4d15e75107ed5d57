"""The gradient of `forward`; `derivation.md` beside this file says why these are the equations."""

from __future__ import annotations

from metods_garage.plasticity.kernel.arguments import (
    BLOCK_OF_ROWS,
    L1,
    NO_PROJECTION,
    NOT_NORMALIZED,
    PROJECT_POST,
    PROJECT_PRE,
)
from metods_garage.plasticity.kernel.compiled import compiled, inlined
from metods_garage.plasticity.kernel.norms import set_pull, through_column_norms
from metods_garage.plasticity.kernel.products import (
    add_matrix,
    add_outer_products,
    add_products,
    set_matrix,
    set_products,
)
from metods_garage.plasticity.kernel.simd import lanes, load, store, total, zero_vector
from metods_garage.plasticity.kernel.step import (
    combine,
    rewrite,
    set_through_activation,
    written_at,
)
from metods_garage.plasticity.kernel.vectors import (
    copy_numbers,
    dot,
    multiply_by,
    set_all,
    set_product,
    set_scaled,
    sign,
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
        set_matrix(gradients.W[trial], scratch.G)
        for matrix in (scratch.alpha_bar, scratch.P_bar):
            for row in matrix:
                set_all(0.0, row)
        if W0.shape[1] > 0:
            set_matrix(W0[trial], scratch.reset_W)
        for i in range(kept.W.shape[1] - 1, -1, -1):
            start = i * kept.length
            end = min(start + kept.length, T)
            at = reset[trial, start:end]
            _rebuild(trial, start, scratch, v[trial, start:end], kept, at, coefficients, form)
            _through_stretch(
                trial, start, scratch, out_bar[trial, start:end], kept, at, coefficients, form,
                gradients,
            )  # fmt: skip
        set_matrix(scratch.G, gradients.W[trial])
        if gradients.alpha.shape[1] > 0:
            set_matrix(scratch.alpha_bar, gradients.alpha[trial])
        if gradients.P.shape[1] > 0:
            set_matrix(scratch.P_bar, gradients.P[trial])


@inlined
def _is_reset(reset, k):
    """Whether step k is reset, of a row [K] of resets, or [0] for none."""
    return reset.shape[0] > 0 and reset[k]


@inlined
def _rebuild(trial, start, scratch, v, kept, reset, coefficients, form):
    """Rebuild the steps of a stretch from their inputs v [K, N] and what was kept."""
    kappa, S = coefficients.kappa, coefficients.kappa.shape[0]
    R = kept.R[trial]
    set_matrix(kept.W[trial, start // kept.length], scratch.W[0])
    for k in range(v.shape[0]):
        V, Y = scratch.V[k], scratch.Y[k]
        pre = Y if form.projection == PROJECT_PRE else V
        copy_numbers(v[k], V[0])
        pair = 0
        for s in range(1, S + 1):
            if form.projection != NO_PROJECTION:
                set_products(V[s - 1 : s], 1, coefficients.P_T, Y[s - 1 : s])
            for j in range(s - 1):
                set_product(pre[j], V[s - 1], scratch.M[k, pair])
                pair += 1
            copy_numbers(R[start + k, s - 1], V[s])
            combine(kappa[s - 1], V, s)
        copy_numbers(kept.scale[trial, start + k], scratch.scale)
        before = scratch.reset_W if _is_reset(reset, k) else scratch.W[k]
        rewrite(before, scratch.W[k + 1], V, Y, scratch.scale, scratch, coefficients, form)
    if S > 1:
        n = scratch.M.shape[2]
        M, A = scratch.M.reshape((-1, n)), scratch.A.reshape((-1, n))
        set_products(M, v.shape[0] * scratch.M.shape[1], coefficients.alpha_T, A)


@inlined
def _through_stretch(trial, start, scratch, out_bar, kept, reset, coefficients, form, gradients):
    """Take the gradients of a trial back through the K rebuilt steps from `start` on."""
    S, K, n = coefficients.kappa.shape[0], out_bar.shape[0], scratch.G.shape[1]
    pending = False
    for k in range(K - 1, -1, -1):
        W = scratch.reset_W if _is_reset(reset, k) else scratch.W[k]
        copy_numbers(kept.scale[trial, start + k], scratch.scale)
        if form.normalize != NOT_NORMALIZED:
            set_pull(scratch.scale, scratch.pull, form)
        if pending and form.outgoing:
            _through_weights(k + 1, scratch, coefficients)
            pending = False
        if form.outgoing and form.normalize != NOT_NORMALIZED:
            through_column_norms(scratch.G, scratch.W[k + 1], scratch.scale, scratch.pull, form)
        _through_write(trial, k, W, pending, scratch, coefficients, form, gradients)
        copy_numbers(out_bar[k], scratch.V_bar[S])
        _through_reads(
            trial, k, W, kept.R[trial, start + k], scratch, coefficients, form, gradients
        )
        copy_numbers(scratch.V_bar[0], gradients.v[trial, start + k])
        pending = True
        if _is_reset(reset, k):
            _through_weights(k, scratch, coefficients)
            pending = False
            add_matrix(scratch.G, gradients.W0[trial])
            for row in scratch.G:
                set_all(0.0, row)
    if pending:
        _through_weights(0, scratch, coefficients)
    if gradients.alpha.shape[1] > 0 and S > 1:
        Q, M = scratch.Q.reshape((-1, n)), scratch.M.reshape((-1, n))
        add_outer_products(Q, M, K * scratch.M.shape[1], scratch.alpha_bar)
    if gradients.P.shape[1] > 0:
        for k in range(K):
            add_outer_products(scratch.Y_bar[k], scratch.V[k], S, scratch.P_bar)


@inlined
def _through_write(trial, k, W, pending, scratch, coefficients, form, gradients):
    """From G to the bars of what the step wrote: V_bar and Y_bar (which this sets), bar alpha,
    bar c_S and bar d_S. `pending` says that G has yet to be taken through the reads of step k + 1.
    """
    d, S, A = coefficients.d, coefficients.kappa.shape[0], scratch.sides
    V_bar, Y_bar = scratch.V_bar, scratch.Y_bar[k]
    post = scratch.Y[k] if form.projection == PROJECT_POST else scratch.V[k]
    pre = scratch.Y[k] if form.projection == PROJECT_PRE else scratch.V[k]
    post_bar = Y_bar if form.projection == PROJECT_POST else V_bar
    pre_bar = Y_bar if form.projection == PROJECT_PRE else V_bar
    for j in range(S):
        set_scaled(d[S, j], post[j], A[j])
        set_all(0.0, scratch.products[j])
        set_all(0.0, scratch.more_products[j])
    gradients.c[trial, S] += _through_rows(k, W, post, pre, pending, scratch, coefficients, form)
    for j in range(S):
        a, Hb, Ha = post[j], scratch.products[j], scratch.more_products[j]
        d_j, along = d[S, j], zero_vector(W)
        for i in range(0, a.shape[0], lanes(a)):
            a_bar, b_bar = load(Hb, i), load(Ha, i)
            along += load(a, i) * a_bar
            if form.projection == NO_PROJECTION:
                store(V_bar[j], i, d_j * (a_bar + b_bar))
            else:
                store(post_bar[j], i, d_j * a_bar)
                store(pre_bar[j], i, d_j * b_bar)
        gradients.d[trial, S, j] += total(along)


@inlined
def _through_rows(k, W, post, B, pending, scratch, coefficients, form):
    """From G = bar W_t to bar W~ there, and with H = alpha (*) bar W~ to H b^(j) and H^T a^(j)
    of step k; adds to bar alpha; returns <bar W~, W>. Every matrix comes from the cache once.
    """
    S, next_W, U = coefficients.kappa.shape[0], scratch.W[k + 1], scratch.U_bar
    normalizes_rows = form.normalize != NOT_NORMALIZED and not form.outgoing
    scale, pulled, c = scratch.scale, scratch.rows[0], coefficients.c[S]
    along_w = 0.0
    if not normalizes_rows:
        set_all(1.0, scale)
        set_all(0.0, pulled)
    for start in range(0, W.shape[0], BLOCK_OF_ROWS):
        # the norm's sum over a row is waited for once in so many rows
        rows = range(start, min(start + BLOCK_OF_ROWS, W.shape[0]))
        for i in rows:
            if pending:
                along = _update_row(c, i, U, scratch.V[k + 1], S, scratch.G[i], next_W[i])
            else:
                along = dot(scratch.G[i], next_W[i])
            if normalizes_rows:
                pulled[i] = -scratch.pull[i] * along
        if S == 4 and form.normalize != L1:
            along_w += _through_four_rows(
                start, len(rows), scale, pulled, next_W, W, coefficients.alpha, scratch.sides, B,
                scratch.G, scratch.H, scratch.products, scratch.alpha_bar,
            )  # fmt: skip
        else:
            for i in rows:
                along_w += _through_row(
                    i, scale[i], pulled[i], form, next_W[i], W[i], coefficients.alpha[i],
                    scratch.sides, B, scratch.G[i], scratch.H[i - start], scratch.products,
                    scratch.alpha_bar[i],
                )  # fmt: skip
        add_products(post, start, S, scratch.H, len(rows), scratch.more_products)
    return along_w


@inlined
def _update_row(c, i, U, X, S, g, w):
    """g = c g + sum_s U[s, i] X[s]; returns <g, w>."""
    along = zero_vector(g)
    if S == 4:
        u0, u1, u2, u3 = U[0, i], U[1, i], U[2, i], U[3, i]
        x0, x1, x2, x3 = X[0], X[1], X[2], X[3]
        for k in range(0, g.shape[0], lanes(g)):
            read = (u0 * load(x0, k) + u1 * load(x1, k)) + (u2 * load(x2, k) + u3 * load(x3, k))
            g_k = c * load(g, k) + read
            store(g, k, g_k)
            along += g_k * load(w, k)
    else:
        for k in range(0, g.shape[0], lanes(g)):
            g_k = c * load(g, k) + written_at(U, X, S, i, k)
            store(g, k, g_k)
            along += g_k * load(w, k)
    return total(along)


@inlined
def _through_norm(scale, pulled, form, g, w, k):
    """The vector at k of bar W~ = scale bar W + pulled W, where with the L1 norm W is its sign."""
    y = load(w, k)
    if form.normalize == L1:
        y = sign(y)
    return scale * load(g, k) + pulled * y


@inlined
def _through_row(i, scale, pulled, form, next_w, w, alpha, A, B, g, h, Hb, alpha_bar):
    """Row i of `_through_rows` from where it needs the norm; returns parts of <bar W~, W>."""
    along_w, S = zero_vector(g), A.shape[0]
    for k in range(0, g.shape[0], lanes(g)):
        g_k = _through_norm(scale, pulled, form, g, next_w, k)
        store(g, k, g_k)
        store(h, k, load(alpha, k) * g_k)
        store(alpha_bar, k, load(alpha_bar, k) + g_k * written_at(A, B, S, i, k))
        along_w += g_k * load(w, k)
    for j in range(S):
        Hb[j, i] = dot(h, B[j])
    return total(along_w)


@compiled
def _through_four_rows(start, n_rows, scale, pulled, next_W, W, alpha, A, B, G, H, Hb, alpha_bar):
    """`_through_row` for S = 4 and n_rows rows, with their sums in registers."""
    along_w = zero_vector(G)
    b0, b1, b2, b3 = B[0], B[1], B[2], B[3]
    for row in range(n_rows):
        i = start + row
        g, next_w, w, alpha_i, bar_i, h = G[i], next_W[i], W[i], alpha[i], alpha_bar[i], H[row]
        a0, a1, a2, a3, scale_i, pulled_i = A[0, i], A[1, i], A[2, i], A[3, i], scale[i], pulled[i]
        h0 = h1 = h2 = h3 = zero_vector(G)
        for k in range(0, G.shape[1], lanes(G)):
            v0, v1, v2, v3 = load(b0, k), load(b1, k), load(b2, k), load(b3, k)
            g_k = scale_i * load(g, k) + pulled_i * load(next_w, k)
            h_k = load(alpha_i, k) * g_k
            store(g, k, g_k)
            store(h, k, h_k)
            written = (a0 * v0 + a1 * v1) + (a2 * v2 + a3 * v3)
            store(bar_i, k, load(bar_i, k) + g_k * written)
            along_w += g_k * load(w, k)
            h0 += h_k * v0
            h1 += h_k * v1
            h2 += h_k * v2
            h3 += h_k * v3
        Hb[0, i], Hb[1, i], Hb[2, i], Hb[3, i] = total(h0), total(h1), total(h2), total(h3)
    return total(along_w)


@inlined
def _through_reads(trial, k, W, R, scratch, coefficients, form, gradients):
    """From bar v^(S) and the bars of the written sides back to bar v^(0)."""
    kappa, c, P = coefficients.kappa, coefficients.c, coefficients.P
    S = kappa.shape[0]
    V, V_bar, Y_bar, r, product = (
        scratch.V[k],
        scratch.V_bar,
        scratch.Y_bar[k],
        scratch.rows[0],
        scratch.rows[1:2],
    )
    for s in range(S, 0, -1):
        v_bar, u_bar, x = V_bar[s], scratch.U_bar[s - 1], V[s - 1]
        copy_numbers(R[s - 1], r)
        if s < S and form.projection != NO_PROJECTION:
            add_products(Y_bar[s : s + 1], 0, 1, P, P.shape[0], V_bar[s : s + 1])
        for earlier in range(s):
            gradients.kappa[trial, s - 1, earlier] += _add_scaled_and_dot(
                kappa[s - 1, earlier], v_bar, V[earlier], V_bar[earlier]
            )
        gradients.kappa[trial, s - 1, s] += dot(v_bar, r)
        set_through_activation(r, form, kappa[s - 1, s], v_bar, u_bar)
        set_products(scratch.U_bar[s - 1 : s], 1, W, product)
        gradients.c[trial, s - 1] += _add_scaled_and_dot(c[s - 1], product[0], x, V_bar[s - 1])
        if s > 1:
            _through_written(trial, k, s, u_bar, scratch, coefficients, form, gradients)
    for s in range(S):
        multiply_by(c[s], scratch.U_bar[s])
    if form.projection != NO_PROJECTION:
        add_products(Y_bar[0:1], 0, 1, P, P.shape[0], V_bar[0:1])


@inlined
def _add_scaled_and_dot(c, x, y, out):
    """out += c x; returns x^T y."""
    along = zero_vector(x)
    for k in range(0, x.shape[0], lanes(x)):
        x_k = load(x, k)
        along += x_k * load(y, k)
        store(out, k, load(out, k) + c * x_k)
    return total(along)


@inlined
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
        d_j, q, a_bar = d[s - 1, j], Q[j], post_bar[j]
        along = zero_vector(q)
        for i in range(0, q.shape[0], lanes(q)):
            u, a = load(u_bar, i), load(A[j], i)
            q_i = load(post[j], i) * u
            along += q_i * a
            store(q, i, d_j * q_i)
            store(a_bar, i, load(a_bar, i) + d_j * (u * a))
        gradients.d[trial, s - 1, j] += total(along)
    set_products(Q, s - 1, coefficients.alpha, alpha_Q)  # alpha^T q
    for j in range(s - 1):
        m_bar, b, b_bar = alpha_Q[j], pre[j], pre_bar[j]
        for i in range(0, x.shape[0], lanes(x)):
            m = load(m_bar, i)
            store(b_bar, i, load(b_bar, i) + m * load(x, i))
            store(x_bar, i, load(x_bar, i) + m * load(b, i))


@compiled
def _through_weights(k, scratch, coefficients):
    """bar W_{t-1} = c_S G + sum_s c_{s-1} bar u_s x_s^T, in place of G."""
    S, G = coefficients.kappa.shape[0], scratch.G
    for i in range(G.shape[0]):
        _update_row(coefficients.c[S], i, scratch.U_bar, scratch.V[k], S, G[i], G[i])
