"""One time-step of the rearranged rule, without autograd, in as few tensor operations as we found.

The equations are those of `rearranged`. Two things decide the speed in plain torch: the products
W x run as row times matrix (x^T W^T), which is some ten times quicker than matrix times column, and
the sums over the few earlier inner steps are matrix-vector products over tensors laid out
[inner step, B, N].
"""

from __future__ import annotations

from dataclasses import dataclass

from metods_garage.plasticity.activations import ACTIVATIONS
from metods_garage.plasticity.normalization import normalize_weights
from metods_garage.plasticity.rule import Projection, Rule, project_vectors
from metods_garage.plasticity.write_tables import write_tables

import torch

Tensor = torch.Tensor


@dataclass(frozen=True)
class StepTables:
    """kappa and the tables of beta as the numbers and small vectors that the loops use.

    Attributes:
        kappa: kappa[s] holds (s, 0..s-1) as a vector [s]; kappa[0] is unused.
        kappa_read: kappa_read[s] is kappa_s^(s).
        c: c[s] of `write_tables`.
        d: d[s] of `write_tables` as a vector [s].
    """

    kappa: list[Tensor]
    kappa_read: list[float]
    c: list[float]
    d: list[Tensor]

    @classmethod
    def of(cls, kappa: Tensor, beta: Tensor) -> StepTables:
        """The tables of kappa and beta [S, S + 1]."""
        kappa = kappa.detach()
        S = kappa.shape[0]
        c, d = write_tables(beta.tolist(), 1.0)
        d_rows = kappa.new_tensor([row + [0.0] * (S - len(row)) for row in d])
        return cls(
            kappa=[kappa[max(s - 1, 0), :s] for s in range(S + 1)],
            kappa_read=[1.0, *kappa.diagonal(1).tolist()],
            c=c,
            d=[row[:s] for s, row in enumerate(d_rows.unbind())],
        )


class FastStep:
    """Reads and writes of one time-step for B trials; nothing here is seen by autograd.

    Args:
        kappa: Read coefficients [S, S + 1].
        beta: Write coefficients [S, S + 1].
        alpha: Plasticity [N, N].
        projection: The map of the linear or mlp write, or None.
        rule: The other options.
    """

    def __init__(
        self,
        kappa: Tensor,
        beta: Tensor,
        alpha: Tensor,
        projection: Projection | None,
        rule: Rule,
    ) -> None:
        self.n_inner_steps = kappa.shape[0]
        self.tables = StepTables.of(kappa, beta)
        self.alpha = alpha
        self.projection = projection
        self.rule = rule
        self._sigma = ACTIVATIONS[rule.activation]
        self._d_written = self.tables.d[-1].view(-1, 1, 1)

    def factors(self, V: Tensor) -> tuple[Tensor, Tensor]:
        """The sides (post, pre) of what the vectors V [..., S, B, N] write."""
        if self.projection is None:
            return V, V
        Y = project_vectors(V, self.projection)
        return (Y, V) if self.rule.project == 'post' else (V, Y)

    def read(self, v: Tensor, W: Tensor, R: Tensor | None) -> tuple[Tensor, Tensor, Tensor]:
        """Run the S reads.

        Args:
            v: Inputs [B, N].
            W: Weights [B, N, N] before the step.
            R: Filled with sigma(W^(s-1) v^(s-1)) [S, B, N], if they are to be kept.

        Returns:
            v^(0..S) [S + 1, B, N] and both sides (post, pre) [S, B, N] of what they write.
        """
        S, tables = self.n_inner_steps, self.tables
        V = v.new_empty(S + 1, *v.shape)
        V[0] = v
        flat = V.view(S + 1, -1)
        post, pre = self._factor_buffers(V)
        W_T = W.mT
        for s in range(1, S + 1):
            x = V[s - 1]
            if self.projection is not None:
                post[s - 1], pre[s - 1] = self.factors(x)
            u = torch.bmm(x.unsqueeze(1), W_T).squeeze(1)  # W x
            if s > 1:
                u = self._add_written(u, x, post[: s - 1], pre[: s - 1])
            r = self._sigma(u)
            if R is not None:
                R[s - 1] = r
            # v^(s) = sum_{l<s} kappa_s^(l) v^(l) + kappa_s^(s) sigma(u)
            earlier, coefficients = flat[:s].T, tables.kappa[s]
            torch.addmv(r.view(-1), earlier, coefficients, beta=tables.kappa_read[s], out=flat[s])
        return V, post, pre

    def written(self, post: Tensor, pre: Tensor) -> Tensor:
        """sum_j d_{S,j} a^(j) b^(j)T [B, N, N] of the sides a, b [S, B, N]."""
        return torch.bmm((post * self._d_written).permute(1, 2, 0), pre.transpose(0, 1))

    def write(self, W: Tensor, written: Tensor) -> Tensor:
        """W~ = c_S W + alpha (*) written, before normalisation."""
        return torch.mul(W, self.tables.c[-1]).addcmul_(written, self.alpha)

    def normalize(self, W: Tensor) -> Tensor:
        """W_t of W~."""
        return normalize_weights(W, self.rule.normalize, self.rule.cap, self.rule.normalize_axis)

    def advance(self, W: Tensor, post: Tensor, pre: Tensor) -> Tensor:
        """W_t of W_{t-1} and of what the step writes."""
        return self.normalize(self.write(W, self.written(post, pre)))

    def _add_written(self, Wx: Tensor, x: Tensor, post: Tensor, pre: Tensor) -> Tensor:
        """c_{s-1} W x + sum_{j<s-1} d_{s-1,j} a^(j) (*) (alpha (b^(j) (*) x))."""
        n = post.shape[0]
        terms = ((pre * x).view(-1, x.shape[-1]) @ self.alpha.T).view_as(post).mul_(post)
        tables = self.tables
        return torch.addmv(Wx.view(-1), terms.view(n, -1).T, tables.d[n], beta=tables.c[n]).view_as(
            x
        )

    def _factor_buffers(self, V: Tensor) -> tuple[Tensor, Tensor]:
        sources = V[:-1]
        if self.projection is None:
            return sources, sources
        Y = torch.empty_like(sources)
        return (Y, sources) if self.rule.project == 'post' else (sources, Y)
