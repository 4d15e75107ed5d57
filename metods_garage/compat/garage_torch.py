"""garage's torch distributions under current torch."""

from types import ModuleType
from typing import Any

from metods_garage.compat.adjustment import Adjustment, replace


def construct_validly(tanh_normal: ModuleType) -> None:
    """Declare TanhNormal's constraints, and never build it with a scale of 0."""
    import torch

    def _from_distribution(cls: Any, new_normal: Any) -> Any:
        new = cls(torch.zeros(1), torch.ones(1))
        new._normal = new_normal
        return new

    tanh_normal.TanhNormal.arg_constraints = {}
    replace(tanh_normal.TanhNormal, '_from_distribution', classmethod(_from_distribution))


ADJUSTMENTS = (
    Adjustment(
        name='tanh-normal',
        module='garage.torch.distributions.tanh_normal',
        apply=construct_validly,
        reason='torch 1.8 and later validate arguments: TanhNormal.expand builds a Normal of '
        'scale 0, which is an error, and every construction warns that it declares no constraints.',
        upstream_issue='https://github.com/rlworkgroup/garage/issues/2248',
    ),
)
