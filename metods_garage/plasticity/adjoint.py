"""The vector-Jacobian product of a stretch of time-steps, written out.

Notation of `rearranged`: u_s is what sigma reads, r_s = sigma(u_s), x_s = v^(s-1), and a^(j), b^(j)
are the two sides of what v^(j) writes. Bars are gradients of the loss. From

    v^(s) = sum_{l<s} kappa_s^(l) v^(l) + kappa_s^(s) r_s
    u_s   = c_{s-1} W x_s + sum_{j<s-1} d_{s-1,j} a^(j) (*) (alpha (b^(j) (*) x_s))
    W_t   = norm(c_S W + alpha (*) sum_j d_{S,j} a^(j) b^(j)T),     W = W_{t-1}

and G = bar W_t, taken through the norm, it follows for the write, with H = alpha (*) G,

    bar a^(j) += d_{S,j} H b^(j)            bar b^(j) += d_{S,j} H^T a^(j)
    bar d_{S,j} += a^(j)T H b^(j)           bar c_S   += <G, W>
    bar alpha += G (*) sum_j d_{S,j} a^(j) b^(j)T

then, for s = S..1, with q_j = d_{s-1,j} a^(j) (*) bar u_s and m_j = b^(j) (*) x_s,

    bar u_s = sigma'(u_s)^T (kappa_s^(s) bar v^(s))    bar v^(l) += kappa_s^(l) bar v^(s)
    bar x_s += c_{s-1} W^T bar u_s + sum_j b^(j) (*) (alpha^T q_j)
    bar a^(j) += d_{s-1,j} bar u_s (*) (alpha m_j)     bar b^(j) += x_s (*) (alpha^T q_j)
    bar alpha += sum_j q_j m_j^T                       bar c_{s-1} += x_s^T W^T bar u_s
    bar d_{s-1,j} += <bar u_s, a^(j) (*) (alpha m_j)>  bar kappa_s^(l) += <bar v^(s), v^(l)>

and bar W = c_S G + sum_s c_{s-1} bar u_s x_s^T: once more one rank-S update per step. Only W of
every step is rebuilt, from the r_s that the forward pass has kept; sums over the steps of a stretch
that nothing waits for are taken at its end, all steps at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from metods_garage.plasticity.activations import ACTIVATION_VJPS
from metods_garage.plasticity.fast_step import FastStep
from metods_garage.plasticity.resets import Resets
from metods_garage.plasticity.rule import Projection, project_vectors
from metods_garage.plasticity.write_tables import write_table_gradient

import torch

Tensor = torch.Tensor


@dataclass
class Stretch:
    """The rebuilt activations of K steps, S inner steps each.

    Attributes:
        R: r_1..r_S [K, S, B, N].
        V: v^(0..S) [K, S + 1, B, N].
        post: a^(0..S-1) [K, S, B, N].
        pre: b^(0..S-1) [K, S, B, N].
        M: m_j of all pairs (s, j < s - 1) [K, S (S - 1) / 2, B, N].
        A: alpha m_j of all pairs, as M.
        Ws: W before each of the steps, K tensors [B, N, N].
    """

    R: Tensor
    V: Tensor
    post: Tensor
    pre: Tensor
    M: Tensor
    A: Tensor
    Ws: list[Tensor]


def pair_slice(s: int) -> slice:
    """Where the pairs (s, 0..s-2) lie among all pairs."""
    return slice((s - 1) * (s - 2) // 2, s * (s - 1) // 2)


def rebuild(step: FastStep, v: Tensor, R: Tensor, W: Tensor, start: int, resets: Resets) -> Stretch:
    """Rebuild the steps start..start+K of an unroll.

    Args:
        step: The rule.
        v: Inputs [K, B, N].
        R: What the reads gave [K, S, B, N].
        W: Weights [B, N, N] before step `start`, and before its reset.
        start: Number of the first step.
        resets: The resets of the whole unroll.

    Returns:
        The stretch.
    """
    S, tables = step.n_inner_steps, step.tables
    V = torch.cat([v.unsqueeze(1), torch.empty_like(R)], dim=1)
    for s in range(1, S + 1):
        earlier = torch.einsum('l,klbn->kbn', tables.kappa[s], V[:, :s])
        torch.add(earlier, R[:, s - 1], alpha=tables.kappa_read[s], out=V[:, s])
    post, pre = step.factors(V[:, :S])
    pairs = [pre[:, : s - 1] * V[:, s - 1 : s] for s in range(2, S + 1)]
    M = torch.cat(pairs, dim=1) if pairs else R[:, :0]
    Ws = []
    for k in range(R.shape[0]):
        W = resets.apply(W, start + k)
        Ws.append(W)
        if k + 1 < R.shape[0]:
            W = step.advance(W, post[k], pre[k])
    return Stretch(R, V, post, pre, M, M @ step.alpha.T, Ws)


@dataclass
class Gradients:
    """What the stretches of an unroll add up, from the last to the first.

    Attributes:
        G: bar W [B, N, N] at the point in time that has been reached.
        W0: bar W_0 [B, N, N], or None while no reset has been met.
        alpha: The part of bar alpha that is kept per trial [B, N, N], or None if not wanted.
        alpha_shared: The rest of bar alpha [N, N].
        kappa: bar kappa [S, S + 1].
        c: bar c [S + 1].
        d: bar d [S + 1, S].
        projection: The gradients of the projection's tensors.
    """

    G: Tensor
    alpha: Tensor | None
    alpha_shared: Tensor
    kappa: Tensor
    c: Tensor
    d: Tensor
    projection: list[Tensor]
    W0: Tensor | None = field(default=None)

    def total_alpha(self) -> Tensor | None:
        """bar alpha [N, N], or None if it was not wanted."""
        return None if self.alpha is None else self.alpha_shared + self.alpha.sum(0)

    def beta(self, beta: Tensor) -> Tensor:
        """bar beta [S, S + 1], through the tables that follow from it."""
        return write_table_gradient(beta, self.c, self.d)


class Adjoint:
    """Takes gradients back through stretches.

    Args:
        step: The rule.
        leaves: The projection's tensors that want a gradient.
        G: bar W [B, N, N] after the last step.
        want_alpha: Whether bar alpha is wanted.
    """

    def __init__(
        self, step: FastStep, leaves: Sequence[Tensor], G: Tensor, want_alpha: bool
    ) -> None:
        self._step = step
        self._leaves = leaves
        self._vjp = ACTIVATION_VJPS[step.rule.activation]
        self._d_columns = [d.view(-1, 1, 1) for d in step.tables.d]
        self._kappa_columns = [kappa.view(-1, 1, 1) for kappa in step.tables.kappa]
        self._c_column = G.new_tensor(step.tables.c[:-1]).view(-1, 1, 1)
        S, N = step.n_inner_steps, G.shape[-1]
        self.gradients = Gradients(
            G=G.clone(memory_format=torch.contiguous_format),
            alpha=torch.zeros_like(G, memory_format=torch.contiguous_format)
            if want_alpha
            else None,
            alpha_shared=G.new_zeros(N, N),
            kappa=G.new_zeros(S, S + 1),
            c=G.new_zeros(S + 1),
            d=G.new_zeros(S + 1, S),
            projection=[torch.zeros_like(leaf) for leaf in leaves],
        )

    def through_stretch(
        self, stretch: Stretch, out_bar: Tensor, start: int, resets: Resets
    ) -> Tensor:
        """Take the gradients back through the K steps of a stretch.

        Args:
            stretch: The rebuilt steps.
            out_bar: bar out [K, B, N].
            start: Number of the first step.
            resets: The resets of the whole unroll.

        Returns:
            bar v [K, B, N].
        """
        V_bar = torch.empty_like(stretch.V)
        V_bar[:, -1] = out_bar
        U_bar, WU = torch.empty_like(stretch.R), torch.empty_like(stretch.R)
        Y_bar = V_bar if self._step.projection is None else torch.empty_like(V_bar)
        for k in reversed(range(out_bar.shape[0])):
            self._through_write(stretch, k, V_bar[k], Y_bar[k])
            self._through_reads(stretch, k, V_bar[k], Y_bar[k], U_bar[k], WU[k])
            self._through_weights(stretch, k, U_bar[k])
            self._through_reset(start + k, resets)
        self._add_table_gradients(stretch, V_bar, U_bar, WU)
        self._add_projection_gradients(stretch, Y_bar)
        return V_bar[:, 0]

    def _sides(self, V_bar: Tensor, Y_bar: Tensor) -> tuple[Tensor, Tensor]:
        """The buffers (bar a, bar b): a side that is not projected is v itself."""
        return (Y_bar, V_bar) if self._step.rule.project == 'post' else (V_bar, Y_bar)

    def _through_write(self, stretch: Stretch, k: int, V_bar: Tensor, Y_bar: Tensor) -> None:
        """From G to bar a, bar b (which this sets), bar alpha, bar c_S and bar d_S."""
        step, grads = self._step, self.gradients
        post, pre, W = stretch.post[k], stretch.pre[k], stretch.Ws[k]
        normalized = step.rule.normalize is not None
        if normalized or grads.alpha is not None:
            written = step.written(post, pre)
            if normalized:
                grads.G = self._through_norm(step.write(W, written), grads.G)
            if grads.alpha is not None:
                grads.alpha.addcmul_(grads.G, written)
        grads.c[-1] += torch.dot(grads.G.view(-1), W.reshape(-1))
        H = grads.G * step.alpha
        Hb = torch.bmm(pre.transpose(0, 1), H.mT).transpose(0, 1)  # [S, B, N]
        Ha = torch.bmm(post.transpose(0, 1), H).transpose(0, 1)
        grads.d[-1] += (post * Hb).sum((1, 2))
        S, d = step.n_inner_steps, self._d_columns[-1]
        if step.projection is None:
            torch.mul(Hb.add_(Ha), d, out=V_bar[:S])
            return
        post_bar, pre_bar = self._sides(V_bar, Y_bar)
        torch.mul(Hb, d, out=post_bar[:S])
        torch.mul(Ha, d, out=pre_bar[:S])

    def _through_reads(
        self, stretch: Stretch, k: int, V_bar: Tensor, Y_bar: Tensor, U_bar: Tensor, WU: Tensor
    ) -> None:
        """From bar v^(S) and bar a, bar b back to bar v^(0); fills bar u_s and W^T bar u_s."""
        step, tables = self._step, self._step.tables
        S = step.n_inner_steps
        V, R, W = stretch.V[k], stretch.R[k], stretch.Ws[k]
        for s in range(S, 0, -1):
            if s < S:
                self._through_projection(V[s], V_bar[s], Y_bar[s])
            v_bar = V_bar[s]
            u_bar = U_bar[s - 1]
            u_bar.copy_(self._vjp(R[s - 1], v_bar * tables.kappa_read[s]))
            V_bar[:s].addcmul_(self._kappa_columns[s], v_bar)
            torch.bmm(u_bar.unsqueeze(1), W, out=WU[s - 1].unsqueeze(1))
            V_bar[s - 1].add_(WU[s - 1], alpha=tables.c[s - 1])
            if s > 1:
                self._through_written(stretch, k, s, u_bar, V_bar, Y_bar)
        self._through_projection(V[0], V_bar[0], Y_bar[0])

    def _through_written(
        self, stretch: Stretch, k: int, s: int, u_bar: Tensor, V_bar: Tensor, Y_bar: Tensor
    ) -> None:
        """Through sum_j d_{s-1,j} a^(j) (*) (alpha (b^(j) (*) x_s))."""
        n, pairs = s - 1, pair_slice(s)
        alpha, N = self._step.alpha, u_bar.shape[-1]
        post, pre = stretch.post[k, :n], stretch.pre[k, :n]
        post_bar, pre_bar = self._sides(V_bar, Y_bar)
        du = self._d_columns[n] * u_bar
        q = (post * du).view(-1, N)
        alpha_q = (q @ alpha).view_as(post)  # alpha^T q_j
        post_bar[:n].addcmul_(du, stretch.A[k, pairs])
        pre_bar[:n].addcmul_(alpha_q, stretch.V[k, n])
        V_bar[n].add_((alpha_q * pre).sum(0))
        if self.gradients.alpha is not None:
            self.gradients.alpha_shared.addmm_(q.T, stretch.M[k, pairs].view(-1, N))

    def _through_weights(self, stretch: Stretch, k: int, U_bar: Tensor) -> None:
        """bar W_{t-1} = c_S G + sum_s c_{s-1} bar u_s x_s^T."""
        S, c = self._step.n_inner_steps, self._step.tables.c
        left = (U_bar * self._c_column).permute(1, 2, 0)
        self.gradients.G.baddbmm_(left, stretch.V[k, :S].transpose(0, 1), beta=c[-1])

    def _through_reset(self, t: int, resets: Resets) -> None:
        """What was put back at step t is W_0, whatever the weights had been."""
        if not resets.at(t):
            return
        grads = self.gradients
        from_W0 = resets.only_reset(grads.G, t)
        grads.W0 = from_W0 if grads.W0 is None else grads.W0 + from_W0
        grads.G = grads.G - from_W0

    def _through_norm(self, W: Tensor, G: Tensor) -> Tensor:
        with torch.enable_grad():
            leaf = W.detach().requires_grad_()
            return torch.autograd.grad(self._step.normalize(leaf), leaf, G)[0]

    def _through_projection(self, v: Tensor, v_bar: Tensor, y_bar: Tensor) -> None:
        """bar v += (dP/dv)^T bar (P v)."""
        projection = self._step.projection
        if projection is None:
            return
        with torch.enable_grad():
            leaf = v.detach().requires_grad_()
            y = project_vectors(leaf, _detached(projection))
            v_bar.add_(torch.autograd.grad(y, leaf, y_bar)[0])

    def _add_table_gradients(
        self, stretch: Stretch, V_bar: Tensor, U_bar: Tensor, WU: Tensor
    ) -> None:
        """bar kappa, and bar c_s and bar d_s for s < S, of all steps of the stretch."""
        grads, S = self.gradients, self._step.n_inner_steps
        by_source = torch.einsum('ksbn,klbn->sl', V_bar[:, 1:], stretch.V[:, :S])
        grads.kappa[:, :S] += torch.tril(by_source)
        grads.kappa.diagonal(1).add_(torch.einsum('ksbn,ksbn->s', V_bar[:, 1:], stretch.R))
        grads.c[:S] += torch.einsum('ksbn,ksbn->s', WU, stretch.V[:, :S])
        for s in range(2, S + 1):
            terms = stretch.post[:, : s - 1] * stretch.A[:, pair_slice(s)]
            grads.d[s - 1, : s - 1] += torch.einsum('kbn,kjbn->j', U_bar[:, s - 1], terms)

    def _add_projection_gradients(self, stretch: Stretch, Y_bar: Tensor) -> None:
        """The gradients of the projection's tensors, of all steps of the stretch."""
        projection, S = self._step.projection, self._step.n_inner_steps
        if projection is None or not self._leaves:
            return
        with torch.enable_grad():
            if isinstance(projection, Tensor):
                projection = self._leaves[0]
            y = project_vectors(stretch.V[:, :S], projection)
            new = torch.autograd.grad(y, list(self._leaves), Y_bar[:, :S])
        for total, part in zip(self.gradients.projection, new, strict=True):
            total.add_(part)


def _detached(projection: Projection) -> Projection:
    return projection.detach() if isinstance(projection, Tensor) else projection
