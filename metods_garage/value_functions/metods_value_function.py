"""Value function that reads a policy's recurrent state."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from metods_garage.policies import RecurrentPolicy

import numpy as np
import torch
from garage.torch.value_functions import ValueFunction

__all__ = ['MetODSValueFunction']


class MetODSValueFunction(ValueFunction):
    """The value head over the same core, and so over the same synaptic state, as the policy's.

    It has no parameters of its own: what it learns, the policy's embedding and plasticity learn
    with it. It works with any :class:`~metods_garage.policies.RecurrentPolicy`.

    Args:
        env_spec: Specification of the environment.
        policy: The policy whose core and value head to read.
        name: Name of the value function, the prefix of what is logged about it.

    Raises:
        ValueError: If the policy was built for observations of another size.
    """

    def __init__(
        self, env_spec: Any, policy: RecurrentPolicy, name: str = 'MetODSValueFunction'
    ) -> None:
        super().__init__(env_spec, name)
        ours = env_spec.observation_space.flat_dim
        theirs = policy.env_spec.observation_space.flat_dim
        if ours != theirs:
            raise ValueError(
                f'the environment gives {ours} numbers per observation, but {policy.name} was '
                f'built for {theirs}: build both from the same env_spec'
            )
        self._policy = policy

    def forward(
        self,
        obs: torch.Tensor,
        reset: torch.Tensor | None = None,
        valid: torch.Tensor | None = None,
        memory_seeds: Sequence[int] | np.ndarray | None = None,
    ) -> torch.Tensor:
        """Values of every step of whole trials.

        Args:
            obs: ``[B, T, O]``.
            reset: As in :meth:`RecurrentPolicy.forward`.
            valid: As in :meth:`RecurrentPolicy.forward`.
            memory_seeds: As in :meth:`RecurrentPolicy.forward`.

        Returns:
            ``[B, T]``.

        Raises:
            ValueError: If the observations are not ``[B, T, O]``.
        """
        return self._policy(obs, reset, valid, memory_seeds)[1]['value']

    def compute_loss(
        self,
        obs: torch.Tensor,
        returns: torch.Tensor,
        reset: torch.Tensor | None = None,
        valid: torch.Tensor | None = None,
        memory_seeds: Sequence[int] | np.ndarray | None = None,
    ) -> torch.Tensor:
        """Half the mean squared error of the values over the real steps.

        Args:
            obs: ``[B, T, O]``.
            returns: ``[B, T]``.
            reset: As in :meth:`RecurrentPolicy.forward`.
            valid: As in :meth:`RecurrentPolicy.forward`.
            memory_seeds: As in :meth:`RecurrentPolicy.forward`.

        Returns:
            Scalar.

        Raises:
            ValueError: If the observations are not ``[B, T, O]`` or the returns not ``[B, T]``.
        """
        values = self(obs, reset, valid, memory_seeds)
        if returns.shape != values.shape:
            raise ValueError(
                f'returns have shape {tuple(returns.shape)}, but values {tuple(values.shape)}: '
                f'both are [trials, steps]'
            )
        squared = (returns.to(values) - values).square()
        return 0.5 * (squared if valid is None else squared[valid.to(values.device)]).mean()
