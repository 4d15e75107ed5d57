"""How long what an agent remembers lasts: the same inputs, from two memories, until they agree."""

import dataclasses
from collections.abc import Sequence
from typing import Any

from metods_garage.experiment.evaluation import Evaluator
from metods_garage.experiment.watched_trials import act_on_trials, memory_at_start
from metods_garage.modules import RecurrentActorCritic, State
from metods_garage.policies import RecurrentPolicy, memory
from metods_garage.samplers import TrialBatch

import click
import torch

_PER_DECADE = (1, 2, 5)
_MEMORIES_FROM = 0.25  # of the trial


@dataclasses.dataclass(frozen=True)
class MemorySpan:
    """What is left, some steps later, of the difference between two memories.

    Attributes:
        steps (int): Steps since the memories were exchanged.
        left (float): Norm of the difference between the two after these steps, as a share of what
            it was; mean over trials whose memories differed. Of the first tensor of a memory: W, or
            the activity of a recurrent network.
        kl (float): Kullback-Leibler divergence between the actions' distributions in the last of
            these steps, in nats; mean over trials.

    """

    steps: int
    left: float
    kl: float


class NoMemory(click.ClickException):
    """An agent whose memory can't be looked at, or trials that are too short for it."""


def measure_memory_span(evaluator: Evaluator, policy: Any, n_trials: int) -> list[MemorySpan]:
    """Let each trial go on from the memory of another one, on the inputs that it had itself.

    Trials are those of an evaluation, on held-out tasks where the protocol has them. After a
    quarter of the shortest, each is continued twice with its own observations (which hold previous
    action and reward): from its own memory and from that of the trial before it in order. How fast
    the two become one says how long the agent can remember anything.

    Args:
        evaluator: The run's evaluator.
        policy: The trained policy, of any recurrent core.
        n_trials: About how many trials.

    Returns:
        The difference after 1, 2, 5, 10, ... steps, as far as the shortest trial goes.

    Raises:
        NoMemory: If the policy is not recurrent, the trials are too few or too short, or their
            memories the same.

    """
    if not isinstance(policy, RecurrentPolicy):
        raise NoMemory(
            f'{type(policy).__name__} carries nothing from step to step that could be looked at: '
            f'choose a run of MetODS or of baselines/rl2_torch.py'
        )
    episodes = act_on_trials(evaluator, policy, n_trials)
    trials = TrialBatch.from_episodes(episodes)
    shortest = int(trials.lengths.min())
    start = int(shortest * _MEMORIES_FROM)
    if len(trials.lengths) < 2 or start < 1:
        raise NoMemory(
            f'{len(trials.lengths)} trials, of {shortest} steps at least, are too few or too short '
            f'to exchange memories: use more --trials'
        )
    seen = trials.observations[:, :shortest].to(device=policy.device, dtype=policy.dtype)
    with torch.no_grad():
        own = memory_at_start(policy, episodes)
        _, _, _, own = policy.actor_critic.unroll(seen[:, :start], own)
        return _differences(policy.actor_critic, seen[:, start:], own)


def _differences(
    actor_critic: RecurrentActorCritic, seen: torch.Tensor, own: State
) -> list[MemorySpan]:
    other = memory.permuted(own, torch.arange(seen.shape[0]).roll(1))
    before = _distance(own, other)
    differ = before > 0
    if not differ.any():
        raise NoMemory(
            'the memories of these trials are the same after a quarter of them: nothing that a '
            'trial meets is kept so long, if anything is kept at all'
        )
    found, done = [], 0
    for steps in _lags(seen.shape[1]):
        part = seen[:, done:steps]
        mine, _, _, own = actor_critic.unroll(part, own)
        theirs, _, _, other = actor_critic.unroll(part, other)
        kl = torch.distributions.kl_divergence(mine, theirs)[:, -1].mean()
        left = (_distance(own, other) / before)[differ].mean()
        found.append(MemorySpan(steps, float(left), float(kl)))
        done = steps
    return found


def _lags(n_steps: int) -> Sequence[int]:
    lags = [k * 10**decade for decade in range(len(str(n_steps))) for k in _PER_DECADE]
    return [lag for lag in lags if lag <= n_steps]


def _distance(one: State, other: State) -> torch.Tensor:
    """Between the first tensors of two states, [B]."""
    difference = memory.tensors(one)[0] - memory.tensors(other)[0]
    return difference.flatten(1).norm(dim=1)
