"""The public entry points of the rule, and the one place that picks who computes it."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable

from metods_garage.plasticity.checkpointed import checkpointed_unroll
from metods_garage.plasticity.checks import check_rule, check_unroll
from metods_garage.plasticity.fused import compiled_kernel, fused_unroll, why_not_fused
from metods_garage.plasticity.kernel_cache import KernelCacheError
from metods_garage.plasticity.rearranged import rearranged_unroll
from metods_garage.plasticity.reference import reference_unroll
from metods_garage.plasticity.rule import Projection, Rule

import torch

Tensor = torch.Tensor

_log = logging.getLogger(__name__)

#: backend -> the function that computes an unroll with it
BACKENDS: dict[str, Callable[..., tuple[Tensor, Tensor]]] = {
    'reference': reference_unroll,
    'rearranged': rearranged_unroll,
    'checkpointed': checkpointed_unroll,
    'fused': fused_unroll,
}


def metods_unroll(
    v: Tensor,
    W: Tensor,
    kappa: Tensor,
    beta: Tensor,
    alpha: Tensor | float,
    *,
    reset: Tensor | None = None,
    W0: Tensor | None = None,
    activation: str = 'tanh',
    projection: Projection | None = None,
    project: str = 'pre',
    normalize: str | None = None,
    cap: float = 1.0,
    normalize_axis: str = 'incoming',
    backend: str = 'auto',
) -> tuple[Tensor, Tensor]:
    """Run the MetODS rule (NeurIPS 2022, eq. 3 and 4) over the T steps of B trials.

    At every step, from v^(0) = v_t and W^(0) = W_{t-1}, for s = 1..S:

        v^(s) = sum_{l<s} kappa_s^(l) v^(l) + kappa_s^(s) sigma(W^(s-1) v^(s-1))
        W^(s) = sum_{l<s} beta_s^(l) W^(l) + beta_s^(s) (alpha (*) (v^(s-1) (x) v^(s-1)))

    and out_t = v^(S), W_t = W^(S).

    Args:
        v: Inputs [B, T, N], what the embedding f makes of the observations.
        W: Synaptic weights [B, N, N] before the first step.
        kappa: Read coefficients [S, S + 1]; row s - 1 holds (s, 0..s), the rest is unused.
        beta: Write coefficients [S, S + 1], as kappa.
        alpha: Plasticity of every synapse [N, N], or one scalar for all.
        reset: Boolean [B, T]; True puts `W0` back before that step.
        W0: Weights [N, N] or [B, N, N] that a reset puts back.
        activation: sigma: 'tanh', 'relu', 'softmax' or 'identity'.
        projection: P of the linear write alpha (*) (v (x) P v), a matrix [N, N], or the module of
            the mlp write, mapping [..., N] to [..., N] without randomness. None writes v (x) v.
        project: The side of the outer product that the projection maps: 'pre', as above, or
            'post', alpha (*) (P v (x) v).
        normalize: None, 'l1', 'l2', or 'cap' (an L2 norm of at most `cap`), once per time-step.
        cap: The largest norm that 'cap' allows.
        normalize_axis: 'incoming' (the rows of W) or 'outgoing' weights of each neuron.
        backend: 'reference' (literal, autograd); 'rearranged' (autograd); 'checkpointed'
            (written-out gradient, O(sqrt(T)) copies of W, any device); 'fused' (the same, compiled
            for the CPU; not for softmax, the mlp write or S above 8); or 'auto': 'fused' where it
            covers the call, otherwise 'checkpointed'.

    Returns:
        The outputs [B, T, N] and the weights [B, N, N] after the last step.

    Raises:
        ValueError: If a shape, device or option does not fit.
        TypeError: If a dtype does not fit.
        KernelCacheError: If the compiled kernel can't be kept on disk: with 'fused', and with
            'auto' if there turns out to be no room for it ('auto' goes another way where no folder
            can be written).
    """
    rule = Rule(activation, normalize, cap, normalize_axis, project)
    check_rule(rule)
    check_unroll(v, W, kappa, beta, alpha, projection, reset, W0)
    if backend == 'auto':
        backend = choose_backend(why_not_fused(v, kappa.shape[0], projection, rule))
    if backend not in BACKENDS:
        choices = ', '.join(map(repr, ['auto', *BACKENDS]))
        raise ValueError(f'backend is {backend!r}; it must be one of {choices}')
    compute = BACKENDS[backend]
    return compute(v, W, kappa, beta, alpha, projection, rule, reset, W0)


def metods_step(
    v: Tensor,
    W: Tensor,
    kappa: Tensor,
    beta: Tensor,
    alpha: Tensor | float,
    *,
    activation: str = 'tanh',
    projection: Projection | None = None,
    project: str = 'pre',
    normalize: str | None = None,
    cap: float = 1.0,
    normalize_axis: str = 'incoming',
    backend: str = 'auto',
) -> tuple[Tensor, Tensor]:
    """One step of the MetODS rule.

    Args:
        v: Input [B, N].
        W: Synaptic weights [B, N, N] before the step.
        kappa: As in `metods_unroll`.
        beta: As in `metods_unroll`.
        alpha: As in `metods_unroll`.
        activation: As in `metods_unroll`.
        projection: As in `metods_unroll`.
        project: As in `metods_unroll`.
        normalize: As in `metods_unroll`.
        cap: As in `metods_unroll`.
        normalize_axis: As in `metods_unroll`.
        backend: As in `metods_unroll`.

    Returns:
        v^(S) [B, N] and W^(S) [B, N, N].

    Raises:
        ValueError: If a shape, device or option does not fit.
        TypeError: If a dtype does not fit.
        KernelCacheError: As in `metods_unroll`.
    """
    if v.dim() != 2:
        raise ValueError(f'v has shape {tuple(v.shape)}; [B, N] is expected')
    out, W = metods_unroll(
        v.unsqueeze(1),
        W,
        kappa,
        beta,
        alpha,
        activation=activation,
        projection=projection,
        project=project,
        normalize=normalize,
        cap=cap,
        normalize_axis=normalize_axis,
        backend=backend,
    )
    return out.squeeze(1), W


@functools.cache
def choose_backend(why_not: str | None) -> str:
    """The backend for 'auto', logged once for each reason not to take the compiled kernel."""
    if why_not is None:
        try:
            compiled_kernel()
        except KernelCacheError as error:
            _log.warning("plasticity: 'checkpointed', several times slower, because %s", error)
            return 'checkpointed'
        _log.info("plasticity: 'fused', the compiled kernel")
        return 'fused'
    _log.info("plasticity: 'checkpointed' instead of the compiled kernel, because %s", why_not)
    return 'checkpointed'
