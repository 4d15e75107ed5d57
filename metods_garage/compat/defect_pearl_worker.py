"""PEARL's worker: one draw per step, and the observation that an episode really ended with.

Both are defects of garage 2021.3.0 that stand in its master branch too, and PEARL's numbers depend
on them: the first makes every evaluation a stochastic one, the second puts one wrong transition
per episode into the replay buffers.
"""

from collections.abc import Callable
from types import ModuleType
from typing import Any

from metods_garage.compat.adjustment import Adjustment, replace

import numpy as np


class _DrawsOnce:
    """A policy for the duration of one step, that draws one action however often it is asked.

    `PEARLWorker.step_episode` asks for an action, puts the mean in its place if it is to be
    deterministic, and then asks again. The second answer is what it had after the first.

    Args:
        agent: The policy.
        deterministic: Whether the worker wants the mean.
    """

    def __init__(self, agent: Any, deterministic: bool) -> None:
        self._agent = agent
        self._deterministic = deterministic
        self._answer: tuple[np.ndarray, dict[str, Any]] | None = None

    def get_action(self, observation: np.ndarray) -> tuple[np.ndarray, dict[str, Any]]:
        """The action `[A]` of this step, and its agent infos."""
        if self._answer is None:
            action, infos = self._agent.get_action(observation)
            self._answer = (infos['mean'] if self._deterministic else action, infos)
        return self._answer

    def __getattr__(self, name: str) -> Any:
        return getattr(self._agent, name)


def _pearl_single_draw(module: ModuleType) -> None:
    worker = module.PEARLWorker

    def step_episode(self: Any) -> bool:
        agent = self.agent
        self.agent = _DrawsOnce(agent, self._deterministic)
        try:
            return step(self)
        finally:
            self.agent = agent

    step: Callable[[Any], bool] = replace(worker, 'step_episode', step_episode)


def _pearl_last_observation(module: ModuleType) -> None:
    worker = module.PEARLWorker

    def step_episode(self: Any) -> bool:
        ended = step(self)
        if ended:
            self._last_observations[-1] = self._env_steps[-1].observation
        return ended

    step: Callable[[Any], bool] = replace(worker, 'step_episode', step_episode)


ADJUSTMENTS = (
    Adjustment(
        name='pearl-single-draw',
        module='garage.torch.algos.pearl',
        apply=_pearl_single_draw,
        reason='PEARLWorker draws a second action after it has put the mean in place of the first, '
        'so that deterministic=True is ignored and every evaluation of PEARL is a sampled one.',
        upstream_issue='https://github.com/rlworkgroup/garage/issues/2246',
    ),
    Adjustment(
        name='pearl-last-observation',
        module='garage.torch.algos.pearl',
        apply=_pearl_last_observation,
        reason='PEARLWorker keeps the observation before the last step as the last one of an '
        'episode that ends by timeout, so that the transition which is bootstrapped there leads '
        'from a state to itself.',
    ),
)
