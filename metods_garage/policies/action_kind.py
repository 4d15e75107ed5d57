"""Refusing a policy whose distribution does not fit the actions."""

from __future__ import annotations

from typing import Any

import akro

__all__ = ['require_box', 'require_discrete']


def require_box(env_spec: Any, policy: str) -> None:
    """Refuses anything but continuous actions.

    Raises:
        ValueError: If the action space is not a Box; names the space and the policy that fits.
    """
    _require(akro.Box, env_spec, policy, policy.replace('Gaussian', 'Categorical'))


def require_discrete(env_spec: Any, policy: str) -> None:
    """Refuses anything but discrete actions.

    Raises:
        ValueError: If the action space is not Discrete; names the space and the policy that fits.
    """
    _require(akro.Discrete, env_spec, policy, policy.replace('Categorical', 'Gaussian'))


def _require(kind: type, env_spec: Any, policy: str, other: str) -> None:
    space = env_spec.action_space
    if not isinstance(space, kind):
        raise ValueError(
            f'{policy} needs actions of akro.{kind.__name__}, but the environment has {space}: '
            f'{other} is for the other kind'
        )
