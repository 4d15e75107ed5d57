"""Errors that say where the first number that is not finite stands."""

from __future__ import annotations

import torch

__all__ = ['check_trials', 'clip_gradients']


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


def clip_gradients(module: torch.nn.Module, max_norm: float) -> float:
    """Scales gradients down to a global norm, and refuses those that are not finite.

    Args:
        module: Whose parameters were differentiated.
        max_norm: The largest global norm that is left as it is.

    Returns:
        The global norm before.

    Raises:
        FloatingPointError: If a gradient is NaN or infinite; names its parameter.
    """
    try:
        norm = torch.nn.utils.clip_grad_norm_(
            module.parameters(), max_norm, error_if_nonfinite=True
        )
    except RuntimeError as error:
        names = [
            name
            for name, p in module.named_parameters()
            if p.grad is not None and not bool(torch.isfinite(p.grad).all())
        ]
        raise FloatingPointError(
            f'the gradient is not finite in {names or "its global norm alone"}. The parameters are '
            f'those of the last complete update. A smaller learning rate, or a core whose synaptic '
            f"weights are bounded (normalize='cap'), keeps long trials finite"
        ) from error
    return norm.item()
