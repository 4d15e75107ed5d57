"""Errors that say where the first number that is not finite stands."""

from __future__ import annotations

import math

import torch

__all__ = ['check_gradients', 'check_trials']


def check_trials(
    name: str, x: torch.Tensor, valid: torch.Tensor, rows: torch.Tensor | None = None
) -> None:
    """Refuses NaN and infinity on the real steps of a batch of trials.

    Args:
        name: What the numbers are.
        x: ``[B, T, ...]``.
        valid: True on the real steps, ``[B, T]`` bool.
        rows: Where these trials stand in the meta-batch, ``[B]``; None: they are all of it.

    Raises:
        FloatingPointError: If a real step holds NaN or infinity; names its trial and step.
    """
    bad = ~torch.isfinite(x.detach()).flatten(2).all(-1) if x.ndim > 2 else ~torch.isfinite(x)
    bad = bad & valid
    if bool(bad.any()):
        trial, step = bad.nonzero()[0].tolist()
        number = trial if rows is None else int(rows[trial])
        raise FloatingPointError(
            f'{name} is not finite at step {step} of trial {number} (the first of '
            f'{int(bad.sum())} such steps; counted from 0 within the meta-batch): '
            f'{x[trial, step].tolist()}. The parameters are those of the last complete update'
        )


def check_gradients(module: torch.nn.Module, norm: float) -> None:
    """Refuses a gradient that is not finite.

    Args:
        module: Whose parameters were differentiated.
        norm: The gradient's global norm.

    Raises:
        FloatingPointError: If the norm is NaN or infinite; names the parameters.
    """
    if math.isfinite(norm):
        return
    names = [
        name
        for name, p in module.named_parameters()
        if p.grad is not None and not bool(torch.isfinite(p.grad).all())
    ]
    raise FloatingPointError(
        f'the gradient is not finite in {names or "its global norm alone"} (norm {norm}). The '
        f'parameters are those of the last complete update. A smaller learning rate, or a core '
        f"whose synaptic weights are bounded (normalize='cap'), keeps long trials finite"
    )
