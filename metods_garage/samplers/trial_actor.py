"""How a policy is asked for the actions of many trials."""

import inspect
from collections.abc import Sequence
from typing import Any

import numpy as np


class TrialActor:
    """Calls a policy for B trials, from whose start it is reset, once, on construction.

    Args:
        agent: A garage policy. Where its `get_actions` takes `generators`, action i is drawn from
            generator i; where it doesn't, it draws from the process's global generators.
        generators: One for each trial.
        deterministic: Whether to take the mean (or most probable) actions: by the policy's own
            `deterministic` where it has it, else from its `agent_infos['mean']`.
    """

    def __init__(self, agent: Any, generators: Sequence[np.random.Generator], deterministic: bool):
        self._agent = agent
        known = inspect.signature(agent.get_actions).parameters
        self._options: dict[str, Any] = {}
        if 'generators' in known:
            self._options['generators'] = list(generators)
        if deterministic and 'deterministic' in known:
            self._options['deterministic'] = True
        self._takes_mean = deterministic and 'deterministic' not in known
        agent.reset(np.ones(len(generators), dtype=bool))

    def lone_trials(self) -> Any:
        """The trials one after another; None of a policy that can't act in one at a time."""
        lone_trials = getattr(self._agent, 'lone_trials', None)
        return None if lone_trials is None else lone_trials(**self._options)

    def __call__(self, observations: np.ndarray) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """Take one step of each trial.

        Args:
            observations: [B, O*].

        Returns:
            Actions [B, A*] and agent infos, arrays [B, ...].

        Raises:
            TypeError: If deterministic actions are asked of a policy that has none.
        """
        actions, agent_infos = self._agent.get_actions(observations, **self._options)
        if self._takes_mean:
            if 'mean' not in agent_infos:
                raise TypeError(
                    f'{type(self._agent).__name__} has no deterministic actions: its get_actions '
                    "takes no `deterministic` and its agent_infos have no 'mean'"
                )
            actions = agent_infos['mean']
        return np.asarray(actions), {key: np.asarray(info) for key, info in agent_infos.items()}
