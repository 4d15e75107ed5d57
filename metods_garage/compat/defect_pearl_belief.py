"""PEARL's belief about a task ends with the task.

`get_exploration_policy` promises a policy for one new task, but returns the one policy that PEARL
has, with the posterior inferred from the task before. `MetaEvaluator` then explores test task 2
with the belief about test task 1, and the accumulated context grows over all of them.
"""

from types import ModuleType
from typing import Any

from metods_garage.compat.adjustment import Adjustment, replace


def _pearl_belief(module: ModuleType) -> None:
    def get_exploration_policy(self: Any) -> Any:
        policy = of_any_task(self)
        policy.reset_belief()  # q(z | c) back to the prior, a new z ~ prior, no context
        return policy

    of_any_task = replace(module.PEARL, 'get_exploration_policy', get_exploration_policy)


ADJUSTMENTS = (
    Adjustment(
        name='pearl-belief',
        module='garage.torch.algos.pearl',
        apply=_pearl_belief,
        reason='PEARL.get_exploration_policy never resets the belief, so that each test task is '
        'explored with what was inferred about the one before.',
    ),
)
