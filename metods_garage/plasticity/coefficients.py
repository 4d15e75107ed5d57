"""Initial values of the meta-parameters kappa, beta, alpha, P and W_0."""

from __future__ import annotations

import torch

Tensor = torch.Tensor

#: The kinds of kappa and beta that `initial_coefficients` knows.
COEFFICIENT_KINDS = ('additive', 'random', 'mean')


def initial_coefficients(
    n_inner_steps: int, kind: str = 'additive', *, retention: float = 1.0
) -> Tensor:
    """Coefficients (s, 0..s) for s = 1..S, as kappa and as beta.

    Args:
        n_inner_steps: S, at least 1.
        kind: 'additive', 1 at l = s - 1 and at l = s, else 0: the earlier rule at S = 1, which
            does not grow with S; 'random', N(0, 1) / (s + 1); 'mean', 1 / (s + 1) everywhere.
        retention: For 'additive' coefficients as beta, the share c_S of W_{t-1} that W_t keeps:
            beta_s^(s-1) is its S-th root. 1 keeps all, as D does.

    Returns:
        Coefficients [S, S + 1]; what lies beyond (s, s) in a row is 0 and unused.

    Raises:
        ValueError: If S is below 1, the kind is unknown, or the retention is not in (0, 1] or does
            not apply to the kind.
    """
    if n_inner_steps < 1:
        raise ValueError(f'n_inner_steps is {n_inner_steps}; it must be at least 1')
    if kind not in COEFFICIENT_KINDS:
        raise ValueError(f'coefficients are {kind!r}; they must be one of {COEFFICIENT_KINDS}')
    if not 0.0 < retention <= 1.0 or (retention != 1.0 and kind != 'additive'):
        raise ValueError(
            f'retention is {retention} with {kind!r} coefficients; it must lie in (0, 1], and be 1 '
            "unless they are 'additive'"
        )
    table = torch.zeros(n_inner_steps, n_inner_steps + 1)
    for s in range(1, n_inner_steps + 1):
        if kind == 'additive':
            table[s - 1, s - 1] = retention ** (1.0 / n_inner_steps)
            table[s - 1, s] = 1.0
        elif kind == 'random':
            table[s - 1, : s + 1] = torch.randn(s + 1) / (s + 1)
        else:
            table[s - 1, : s + 1] = 1.0 / (s + 1)
    return table


def initial_alpha(n_neurons: int, scale: float = 0.01, *, random: bool = True) -> Tensor:
    """Plasticity [N, N] of every synapse: scale x N(0, 1), or `scale` everywhere."""
    if random:
        return scale * torch.randn(n_neurons, n_neurons)
    return torch.full((n_neurons, n_neurons), scale)


def xavier_matrix(n_neurons: int) -> Tensor:
    """A matrix [N, N] from Xavier's uniform distribution."""
    return torch.nn.init.xavier_uniform_(torch.empty(n_neurons, n_neurons))
