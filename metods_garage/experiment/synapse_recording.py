"""Lets a trained agent act on evaluation tasks, and keeps what its synapses do meanwhile."""

from typing import Any

from metods_garage.experiment.evaluation import Evaluator
from metods_garage.experiment.watched_trials import act_on_trials, memory_at_start
from metods_garage.modules import ArxivCore, RecurrentActorCritic, State, select_state
from metods_garage.policies import RecurrentPolicy, memory
from metods_garage.report.synapse_record import SynapseRecord
from metods_garage.samplers import TrialBatch

import click
import numpy as np
import torch

_LARGEST = 2**20  # numbers of the kept weights, 4 MiB
_FEWEST_MOMENTS = 16  # of a trial whose weights are kept


class NoSynapses(click.ClickException):
    """An agent whose memory is no matrix of weights."""


def record_synapses(
    evaluator: Evaluator, policy: Any, n_trials: int, *, benchmark: str, training_steps: int
) -> SynapseRecord:
    """Run evaluation trials and keep their weights.

    Trials are those of an evaluation, with the same tasks and seeds, on held-out tasks where the
    protocol has them. The weights are those of a replay, with the same parameters, of what was
    seen.

    Args:
        evaluator: The run's evaluator.
        policy: The trained policy.
        n_trials: About how many trials: every task name has equally many goals.
        benchmark: Name of the benchmark.
        training_steps: Training steps of the policy.

    Returns:
        The record, of at most 4 MiB of weights.

    Raises:
        NoSynapses: If the policy has none.

    """
    _require_synapses(policy)
    episodes = act_on_trials(evaluator, policy, n_trials)
    trials = TrialBatch.from_episodes(episodes)
    kept = moments_to_keep(trials.lengths.numpy(), policy.actor_critic.core.output_size)
    with torch.no_grad():
        replayed = _replay(policy, trials, memory_at_start(policy, episodes), kept)
    return SynapseRecord(
        benchmark=benchmark,
        training_steps=training_steps,
        valid=trials.valid.numpy(),
        rewards=trials.rewards.numpy().astype(np.float32),
        actions=trials.actions.numpy(),
        episode_start=trials.episode_start.numpy(),
        **replayed,
    )


def moments_to_keep(lengths: np.ndarray, n_neurons: int) -> np.ndarray:
    """Choose the moments whose weights are kept: all of them if they are not too many.

    Args:
        lengths: Steps of the trials, int [B].
        n_neurons: Number N of neurons.

    Returns:
        Bool [B, T + 1]. Of a trial that is kept at all, start and end and evenly what is between.

    """
    allowed = max(_LARGEST // n_neurons**2, 2)
    n_trials, n_steps = len(lengths), int(lengths.max())
    kept = np.arange(n_steps + 1) <= lengths[:, np.newaxis]
    if kept.sum() <= allowed:
        return kept
    kept[:] = False
    n_kept = min(max(allowed // _FEWEST_MOMENTS, 1), n_trials)
    for trial in np.linspace(0, n_trials - 1, n_kept).round().astype(int):
        moments = np.linspace(0, lengths[trial], allowed // n_kept)
        kept[trial, moments.round().astype(int)] = True
    return kept


def _require_synapses(policy: Any) -> None:
    if not isinstance(policy, RecurrentPolicy):
        raise NoSynapses(
            f'{type(policy).__name__} has no synapses that change within a trial: choose a run of '
            f'MetODS, as the launchers leave it under runs/<benchmark>/metods_*'
        )
    core = policy.actor_critic.core
    shape = tuple(memory.tensors(core.initial_state(1))[0].shape)
    if shape != (1, core.output_size, core.output_size):
        raise NoSynapses(
            f'the memory of {type(core).__name__} is activity {list(shape[1:])}, no matrix of '
            f'synaptic weights: choose a run of MetODS, as the launchers leave it under '
            f'runs/<benchmark>/metods_*'
        )


def _replay(
    policy: RecurrentPolicy, trials: TrialBatch, state: State, kept: np.ndarray
) -> dict[str, Any]:
    """What a record holds of the replay: a step at a time, as weights of all steps are too much."""
    seen = trials.observations.to(device=policy.device, dtype=policy.dtype)
    valid, actions = trials.valid.to(policy.device), trials.actions.to(policy.device)
    actor_critic = policy.actor_critic
    old = _weights(actor_critic, state)
    moments = [(0, old, torch.zeros_like(old[:, 0]))]
    variation = np.zeros(trials.valid.shape, dtype=np.float32)
    error = 0.0
    for t in range(seen.shape[1]):
        dist, _, v, following = actor_critic.unroll(seen[:, t : t + 1], state)
        state = select_state(valid[:, t], following, state)
        now = _weights(actor_critic, state)
        variation[:, t] = (now - old).abs().sum((1, 2)).cpu().numpy()
        again = dist.log_prob(actions[:, t : t + 1])[:, 0].cpu()
        difference = (again - trials.log_prob[:, t]).abs()
        error = max(error, float(difference[trials.valid[:, t]].max()))
        if kept[:, t + 1].any():
            moments.append((t + 1, now, v[:, 0]))
        old = now
    return {'variation': variation, 'replay_error': error} | _in_order(moments, kept)


def _weights(actor_critic: RecurrentActorCritic, state: State) -> torch.Tensor:
    """W [B, N, N] of a state, such that W v is read."""
    W = memory.tensors(state)[0]
    # The arXiv rule reads h w: its w_ij leads from i to j.
    return W.mT if isinstance(actor_critic.core, ArxivCore) else W


def _in_order(
    moments: list[tuple[int, torch.Tensor, torch.Tensor]], kept: np.ndarray
) -> dict[str, np.ndarray]:
    """Weights and activity of the kept moments, trial by trial."""
    steps = [step for step, _, _ in moments]
    trial, column = np.nonzero(kept[:, steps])
    weights = [moments[c][1][b].cpu().numpy() for b, c in zip(trial, column, strict=True)]
    activity = [moments[c][2][b].cpu().numpy() for b, c in zip(trial, column, strict=True)]
    return {
        'weights': np.stack(weights).astype(np.float32),
        'weight_trial': trial,
        'weight_step': np.array(steps)[column],
        'activity': np.stack(activity).astype(np.float32),
    }
