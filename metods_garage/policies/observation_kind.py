"""Refusing observations that are not vectors."""

from __future__ import annotations

from typing import Any

import akro

__all__ = ['require_flat_box']


def require_flat_box(env_spec: Any, policy: str) -> None:
    """Refuses anything but observations that are vectors of numbers.

    garage's workers hand observations on in the form that the environment gives them, and a policy
    that flattened some of them while acting would meet the others in :meth:`forward`.

    Raises:
        ValueError: If the observation space is not a Box with one dimension; names the space and
            what flattens it.
    """
    space = env_spec.observation_space
    if not isinstance(space, akro.Box) or len(space.shape) != 1:
        raise ValueError(
            f'{policy} needs observations that are vectors (akro.Box with one dimension), but the '
            f'environment has {space}: wrap it in metods_garage.envs.MetaRLObservation, which '
            f'flattens them, and build the policy from the specification of the wrapped environment'
        )
