"""garage's torch distributions and optimizers under current torch."""

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


def restore_completely(optimizer: ModuleType) -> None:
    """Give an unpickled ConjugateGradientOptimizer what torch's own __setstate__ adds."""
    import torch

    def __setstate__(self: Any, state: dict[str, Any]) -> None:
        restore(self, state)
        torch.optim.Optimizer.__setstate__(self, {})

    restore = replace(optimizer.ConjugateGradientOptimizer, '__setstate__', __setstate__)


ADJUSTMENTS = (
    Adjustment(
        name='tanh-normal',
        module='garage.torch.distributions.tanh_normal',
        apply=construct_validly,
        reason='torch 1.8 and later validate arguments: TanhNormal.expand builds a Normal of '
        'scale 0, which is an error, and every construction warns that it declares no constraints.',
        upstream_issue='https://github.com/rlworkgroup/garage/issues/2248',
    ),
    Adjustment(
        name='conjugate-gradient-restore',
        module='garage.torch.optimizers.conjugate_gradient_optimizer',
        apply=restore_completely,
        reason='Since torch 2.0 an optimizer has hooks; ConjugateGradientOptimizer restores its '
        'fields one by one and leaves them out, so that the first step of a resumed TRPO or '
        'MAMLTRPO fails.',
    ),
)
