"""What the kernel is given: constants, and tuples of arrays, so that no call has many arguments.

Arrays are C-contiguous and of one dtype. n is N up to whole vectors, and what is beyond N is zero:
a silent neuron without synapses, which stays silent. Only what a norm multiplies by may be another
number there, as it meets nothing but zeros.
"""

from __future__ import annotations

from typing import NamedTuple

from metods_garage.plasticity.kernel.simd import aligned_zeros, padded

import numpy as np

# sigma
TANH, RELU, IDENTITY = range(3)
# the side of the outer product that the projection maps
NO_PROJECTION, PROJECT_PRE, PROJECT_POST = range(3)
# normalisation
NOT_NORMALIZED, L1, L2, CAP = range(4)

#: Rows of W that are taken back through a write together.
BLOCK_OF_ROWS = 16


class Coefficients(NamedTuple):
    """The meta-parameters.

    Attributes:
        kappa: Read coefficients [S, S + 1].
        c: What is left of W_{t-1} after each write [S + 1]; see `write_tables`.
        d: What is there of each written matrix after each write [S + 1, S].
        alpha: Plasticity [N, n].
        alpha_T: Its transpose [N, n].
        P: The projection [N, n], or [0, 0].
        P_T: Its transpose [N, n], or [0, 0].
    """

    kappa: np.ndarray
    c: np.ndarray
    d: np.ndarray
    alpha: np.ndarray
    alpha_T: np.ndarray
    P: np.ndarray
    P_T: np.ndarray


class Form(NamedTuple):
    """The options of the rule, as the constants above.

    Attributes:
        activation: TANH, RELU or IDENTITY.
        projection: NO_PROJECTION, PROJECT_PRE or PROJECT_POST.
        normalize: NOT_NORMALIZED, L1, L2 or CAP.
        outgoing: Whether a norm is taken over columns of W rather than rows.
        cap: The largest norm that CAP allows.
    """

    activation: int
    projection: int
    normalize: int
    outgoing: bool
    cap: float


class Kept(NamedTuple):
    """What a forward pass keeps for the backward pass, or arrays with T = 0 that keep nothing.

    Attributes:
        R: What each read gave, r_1..r_S [B, T, S, N].
        scale: What the norm multiplied by after each step [B, T, N], or [B, T, 0] without a norm.
        W: The weights before every `length`-th step, and before its reset [B, T / length, N, N].
        length: Steps from one to the next.
    """

    R: np.ndarray
    scale: np.ndarray
    W: np.ndarray
    length: int


class Gradients(NamedTuple):
    """What a backward pass adds to, trial by trial, so that threads never share a sum.

    Attributes:
        v: bar v [B, T, N]; this one is set.
        W: bar W [B, N, N], holding that of W_T when the pass begins.
        W0: bar W_0 [B, N, N].
        kappa: bar kappa [B, S, S + 1], float64.
        c: bar c [B, S + 1], float64.
        d: bar d [B, S + 1, S], float64.
        alpha: bar alpha [B, N, N], or [B, 0, 0] if it is not wanted.
        P: bar P [B, N, N], or [B, 0, 0].
    """

    v: np.ndarray
    W: np.ndarray
    W0: np.ndarray
    kappa: np.ndarray
    c: np.ndarray
    d: np.ndarray
    alpha: np.ndarray
    P: np.ndarray


class Scratch(NamedTuple):
    """A thread's memory: the rebuilt activations of up to K steps, and what is summed up over them
    at their end. `forward` uses the first step of it.

    P numbers the pairs (s, j) with j < s - 1. M, A, Q and Y_bar are [K, P or S, n].

    Attributes:
        V: v^(0..S) [K, S + 1, n].
        Y: The projections of v^(0..S-1) [K, S, n].
        W: The weights before each step, and before its reset; then those after the last
            [K + 1, N, n].
        reset_W: W_0 [N, n].
        scale: What the norm multiplied by [n].
        pull: The other half of the norm's gradient [n].
        M: m = b^(j) (*) x_s of each pair.
        A: alpha m of each pair.
        Q: q = d_{s-1,j} a^(j) (*) bar u_s of each pair.
        Y_bar: Gradients of the projections.
        V_bar: bar v^(0..S) of one step [S + 1, n].
        U_bar: c_{s-1} bar u_s of one step [S, n].
        G: bar W [N, n].
        H: Some rows of alpha (*) G of one step [BLOCK_OF_ROWS, n].
        alpha_bar: bar alpha [N, n].
        P_bar: bar P [N, n].
        sides: d_{S,j} a^(j) of one step [S, n].
        rows: Scratch [3, n].
        products: Products of a matrix with vectors of one step [S, n].
        more_products: As `products`.
    """

    V: np.ndarray
    Y: np.ndarray
    W: np.ndarray
    reset_W: np.ndarray
    scale: np.ndarray
    pull: np.ndarray
    M: np.ndarray
    A: np.ndarray
    Q: np.ndarray
    Y_bar: np.ndarray
    V_bar: np.ndarray
    U_bar: np.ndarray
    G: np.ndarray
    H: np.ndarray
    alpha_bar: np.ndarray
    P_bar: np.ndarray
    sides: np.ndarray
    rows: np.ndarray
    products: np.ndarray
    more_products: np.ndarray


def new_scratch(K, S, N, dtype):
    """Memory for stretches of up to K steps of S inner steps of N neurons."""
    n, pairs = padded(N, dtype), max(1, S * (S - 1) // 2)  # with S = 1 there are no pairs
    shapes = {
        'V': (K, S + 1, n),
        'Y': (K, S, n),
        'W': (K + 1, N, n),
        'reset_W': (N, n),
        'scale': (n,),
        'pull': (n,),
        'M': (K, pairs, n),
        'A': (K, pairs, n),
        'Q': (K, pairs, n),
        'Y_bar': (K, S, n),
        'V_bar': (S + 1, n),
        'U_bar': (S, n),
        'G': (N, n),
        'H': (BLOCK_OF_ROWS, n),
        'alpha_bar': (N, n),
        'P_bar': (N, n),
        'sides': (S, n),
        'rows': (3, n),
        'products': (S, n),
        'more_products': (S, n),
    }
    return Scratch(**{name: aligned_zeros(shape, dtype) for name, shape in shapes.items()})


def padded_matrix(x):
    """The same rows, padded to whole vectors."""
    out = aligned_zeros((x.shape[0], padded(x.shape[1], x.dtype)), x.dtype)
    out[:, : x.shape[1]] = x
    return out
