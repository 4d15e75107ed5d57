"""The read non-linearity sigma, and its vector-Jacobian product in terms of its own output."""

from __future__ import annotations

from collections.abc import Callable

import torch

Tensor = torch.Tensor


def _softmax(u: Tensor) -> Tensor:
    return torch.softmax(u, dim=-1)


def _identity(u: Tensor) -> Tensor:
    return u


def _tanh_vjp(r: Tensor, g: Tensor) -> Tensor:
    return torch.addcmul(g, g * r, r, value=-1)  # g (1 - r^2)


def _relu_vjp(r: Tensor, g: Tensor) -> Tensor:
    return g * (r > 0)


def _softmax_vjp(r: Tensor, g: Tensor) -> Tensor:
    return r * (g - (g * r).sum(-1, keepdim=True))


def _identity_vjp(r: Tensor, g: Tensor) -> Tensor:
    return g


#: name -> sigma
ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    'tanh': torch.tanh,
    'relu': torch.relu,
    'softmax': _softmax,
    'identity': _identity,
}

#: name -> (r, g) -> (d sigma / d u)^T g at r = sigma(u)
ACTIVATION_VJPS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    'tanh': _tanh_vjp,
    'relu': _relu_vjp,
    'softmax': _softmax_vjp,
    'identity': _identity_vjp,
}
