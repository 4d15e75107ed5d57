"""garage's TensorFlow optimizers under current TensorFlow."""

from types import ModuleType
from typing import Any

from metods_garage.compat.adjustment import Adjustment, replace


def differentiate_before_the_first_run(optimizer: ModuleType) -> None:
    """Build the Hessian-vector product with the graph, and not at its first use."""

    def update_hvp(self: Any, *args: Any, **kwargs: Any) -> None:
        update(self, *args, **kwargs)
        self._hvp_fun['f_hx_plain']  # a lazy dictionary: asking is what builds it

    update = replace(optimizer.PearlmutterHVP, 'update_hvp', update_hvp)


ADJUSTMENTS = (
    Adjustment(
        name='tf-second-derivatives',
        module='garage.tf.optimizers.conjugate_gradient_optimizer',
        apply=differentiate_before_the_first_run,
        reason="the second derivative of a recurrent policy adds outputs to the first one's loop, "
        'which TensorFlow 2 refuses once the session has run it: RL2TRPO fails.',
    ),
)
