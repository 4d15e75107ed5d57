"""Refusals of inputs that do not fit the rule, each naming the offending value."""

from __future__ import annotations

from collections.abc import Iterable

from metods_garage.plasticity.activations import ACTIVATIONS
from metods_garage.plasticity.normalization import NORMALIZATIONS, NORMALIZE_AXES
from metods_garage.plasticity.rule import Projection, Rule

import torch

Tensor = torch.Tensor


def check_rule(rule: Rule) -> None:
    """Check the options of the rule.

    Raises:
        ValueError: If an option has a value that is not among its choices.
    """
    _check_choice('activation', rule.activation, tuple(ACTIVATIONS))
    _check_choice('normalize', rule.normalize, NORMALIZATIONS)
    _check_choice('normalize_axis', rule.normalize_axis, tuple(NORMALIZE_AXES))
    _check_choice('project', rule.project, ('pre', 'post'))
    if not rule.cap > 0:
        raise ValueError(f'cap is {rule.cap}; it must be a positive number')


def check_unroll(
    v: Tensor,
    W: Tensor,
    kappa: Tensor,
    beta: Tensor,
    alpha: Tensor | float,
    projection: Projection | None,
    reset: Tensor | None,
    W0: Tensor | None,
) -> None:
    """Check the tensors of an unroll; see `metods_unroll` for the shapes.

    Raises:
        ValueError: If a shape or a device is wrong, or `reset` comes without `W0`.
        TypeError: If a dtype is wrong, or the projection is neither a tensor nor a module.
    """
    if v.dim() != 3:
        raise ValueError(f'v has shape {tuple(v.shape)}; [B, T, N] is expected')
    B, T, N = v.shape
    if T == 0 or N == 0:
        raise ValueError(f'v has shape {tuple(v.shape)}; T and N must be at least 1')
    _check_floating('v', v)
    _check_tensor('W', W, v, [(B, N, N)])
    _check_coefficients(kappa, beta, v)
    if isinstance(alpha, Tensor):
        _check_tensor('alpha', alpha, v, [(N, N), ()])
    _check_projection(projection, v, N)
    if W0 is not None:
        _check_tensor('W0', W0, v, [(N, N), (B, N, N)])
    if reset is not None:
        _check_reset(reset, W0, v)


def refuse_second_derivative() -> None:
    """Called by a written-out backward pass, which nothing differentiates.

    Raises:
        RuntimeError: If the gradient is asked for with `create_graph=True`.
    """
    if torch.is_grad_enabled():
        raise RuntimeError(
            'the written-out gradient of the MetODS rule was asked for with create_graph=True, but '
            "has no second derivative; use backend='rearranged' or backend='reference'"
        )


def refuse_forward_derivative(tensors: Iterable[Tensor | None]) -> None:
    """Called where tensors become arrays, which would leave their tangents behind unnoticed.

    Raises:
        RuntimeError: If one of the tensors has a tangent.
    """
    for x in tensors:
        if x is not None and torch.autograd.forward_ad.unpack_dual(x).tangent is not None:
            raise RuntimeError(
                'the compiled MetODS rule has no derivative in forward mode; use '
                "backend='rearranged' or backend='reference'"
            )


def _check_choice(name: str, value: object, choices: tuple[object, ...]) -> None:
    if value not in choices:
        raise ValueError(f'{name} is {value!r}; it must be one of {", ".join(map(repr, choices))}')


def _check_floating(name: str, x: Tensor) -> None:
    if not x.dtype.is_floating_point:
        raise TypeError(f'{name} has dtype {x.dtype}; a floating-point dtype is expected')


def _check_tensor(name: str, x: Tensor, v: Tensor, shapes: list[tuple[int, ...]]) -> None:
    if tuple(x.shape) not in shapes:
        expected = ' or '.join(map(str, shapes))
        raise ValueError(
            f'{name} has shape {tuple(x.shape)}; {expected} is expected beside v of shape '
            f'{tuple(v.shape)}'
        )
    if x.dtype != v.dtype:
        raise TypeError(f'{name} has dtype {x.dtype} but v has {v.dtype}; convert one of them')
    if x.device != v.device:
        raise ValueError(f'{name} is on {x.device} but v is on {v.device}; move one of them')


def _check_coefficients(kappa: Tensor, beta: Tensor, v: Tensor) -> None:
    if kappa.dim() != 2 or kappa.shape[0] < 1:
        raise ValueError(
            f'kappa has shape {tuple(kappa.shape)}; [S, S + 1] with S >= 1 is expected'
        )
    S = kappa.shape[0]
    _check_tensor('kappa', kappa, v, [(S, S + 1)])
    _check_tensor('beta', beta, v, [(S, S + 1)])


def _check_projection(projection: Projection | None, v: Tensor, N: int) -> None:
    if projection is None:
        return
    if isinstance(projection, Tensor):
        _check_tensor('projection', projection, v, [(N, N)])
    elif not isinstance(projection, torch.nn.Module):
        raise TypeError(
            f'projection is a {type(projection).__name__}; it must be an [N, N] tensor, or a '
            'torch.nn.Module mapping [..., N] to [..., N] so that its parameters are known'
        )


def _check_reset(reset: Tensor, W0: Tensor | None, v: Tensor) -> None:
    if W0 is None:
        raise ValueError('reset is given without W0; pass the weights that a reset puts back')
    if tuple(reset.shape) != tuple(v.shape[:2]):
        raise ValueError(
            f'reset has shape {tuple(reset.shape)}; {tuple(v.shape[:2])} is expected beside v of '
            f'shape {tuple(v.shape)}'
        )
    if reset.dtype != torch.bool:
        raise TypeError(f'reset has dtype {reset.dtype}; torch.bool is expected')
    if reset.device != v.device:
        raise ValueError(f'reset is on {reset.device} but v is on {v.device}; move one of them')
