"""What recurrent A2C and recurrent PPO share: everything but the loss and the epochs."""

from __future__ import annotations

import abc
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from metods_garage.algos.advantages import (
    explained_variance,
    generalized_advantages,
    standardized,
)
from metods_garage.algos.finiteness import check_trials, clip_gradients
from metods_garage.algos.task_order import sample_tasks
from metods_garage.algos.trial_performance import log_trials
from metods_garage.policies import AdaptedPolicy, ExplorationPolicy, RecurrentPolicy
from metods_garage.samplers import TrialBatch, obtain_trials

import numpy as np
import torch
from dowel import tabular
from garage import log_performance
from garage.experiment.deterministic import get_seed
from garage.np.algos import MetaRLAlgorithm

__all__ = ['RecurrentMetaRL']

_SEEDS = 2**32  # NumPy's legacy generator takes seeds below this
_LEAST_SHARE = 0.01  # of step size and entropy weight that annealing leaves


@dataclass(frozen=True)
class _Targets:
    """A meta-batch of trials, with what the losses compare them to."""

    trials: TrialBatch
    advantages: torch.Tensor  # [B, T]
    returns: torch.Tensor  # [B, T]
    memory_seeds: np.ndarray | None  # [B], where the core samples its initial state


class RecurrentMetaRL(MetaRLAlgorithm, abc.ABC):
    """Meta-learning through the memory of a recurrent policy.

    Each iteration samples a meta-batch of trials, replays them from their start, and follows the
    gradient of the loss through the entire trial, unless `gradient_steps` cuts it. The memory is
    what adapts to a task; the parameters are what is learned over tasks. With a MetODS core this is
    the training of [1], with a GRU core it is RL2 [2].

    The loss of a minibatch of trials is the mean over its real steps of

        policy_loss(log pi(a_t), A_t) + value_coeff * (R_t - V_t)^2 / 2 - entropy_coeff * H_t

    where ``A_t`` runs over the whole trial and ``R_t = A_t + V_t``.

    The replay invariant is logged in each iteration as ``ReplayError``: the largest difference
    between the log-probability of an action when it was sampled and when it is first replayed, with
    unchanged parameters. It is zero up to rounding, or what is optimised is not what acted. Where
    an iteration has several minibatches, it is taken over the trials of the first one: by the
    second the parameters have changed.

    Args:
        policy: The policy to train.
        sampler: A garage sampler whose workers are :class:`~metods_garage.samplers.TrialWorker`.
        task_sampler: A garage ``TaskSampler`` of training tasks.
        meta_batch_size: Trials per iteration.
        episodes_per_trial: Episodes per trial; None: the workers' own number.
        discount: gamma, per step.
        gae_lambda: lambda of generalized advantage estimation.
        learning_rate: Step size of Adam.
        learning_rate_factors: What to multiply it with for some parameters, by the last part of
            their names. Adam moves a number by about the step size, whatever its own size is: steps
            that suit the weights of a perceptron make a plasticity alpha of 0.001 twenty times
            as large in one iteration of twenty updates.
        value_coeff: Weight of the value loss.
        entropy_coeff: Weight of the entropy bonus.
        anneal_steps: Training steps over which the step size and the weight of the entropy bonus
            fall linearly, towards 0 and down to 1 %. None: they stay as they are.
        max_grad_norm: Global norm that gradients are clipped to.
        normalize_advantages: Whether advantages are shifted and scaled to mean 0 and standard
            deviation 1 over the real steps of the meta-batch.
        cut_at_episodes: Whether returns and advantages end with each episode instead of with the
            trial. An episode's end is then not bootstrapped.
        gradient_steps: Through how many steps of memory a gradient passes at most, where it would
            otherwise grow or vanish. The trial is cut into parts of so many steps, each of which
            begins with the memory that the last one has left; where the first cut is is drawn anew
            for each update, so that with 2 steps or more there is none that gradients never
            cross. None, or as many steps as a trial has: no cuts.
        trials_per_pass: Trials that are replayed at a time; gradients add up over the passes of a
            minibatch, so that this bounds memory and changes nothing else. None: all at once.
        seed: Seed of the order of tasks, trials and minibatches. None: garage's global seed, if it
            was set.
        meta_evaluator: A garage ``MetaEvaluator`` to run during training, or None.
        n_epochs_per_eval: Iterations between its evaluations.

    Raises:
        ValueError: If a number is outside its range; names it.

    References:
        [1] Chalvidal, Serre and VanRullen, Meta-Reinforcement Learning with Self-Modifying
        Networks, NeurIPS 2022.
        [2] Duan et al., RL2: Fast Reinforcement Learning via Slow Reinforcement Learning, 2016.
    """

    def __init__(
        self,
        policy: RecurrentPolicy,
        sampler: Any,
        task_sampler: Any,
        *,
        meta_batch_size: int = 32,
        episodes_per_trial: int | None = None,
        discount: float = 0.99,
        gae_lambda: float = 0.95,
        learning_rate: float = 2e-3,
        learning_rate_factors: Mapping[str, float] | None = None,
        value_coeff: float = 0.4,
        entropy_coeff: float = 1e-2,
        anneal_steps: int | None = None,
        max_grad_norm: float = 1.0,
        normalize_advantages: bool = True,
        cut_at_episodes: bool = False,
        gradient_steps: int | None = None,
        trials_per_pass: int | None = None,
        seed: int | None = None,
        meta_evaluator: Any = None,
        n_epochs_per_eval: int = 1,
    ) -> None:
        _check_at_least_one(
            meta_batch_size=meta_batch_size,
            episodes_per_trial=episodes_per_trial,
            gradient_steps=gradient_steps,
            trials_per_pass=trials_per_pass,
            n_epochs_per_eval=n_epochs_per_eval,
            anneal_steps=anneal_steps,
        )
        _check_fractions(discount=discount, gae_lambda=gae_lambda)
        factors = dict(learning_rate_factors or {})
        _check_positive(learning_rate=learning_rate, max_grad_norm=max_grad_norm)
        _check_positive(**{f'learning_rate_factors[{name!r}]': f for name, f in factors.items()})
        self.policy = policy
        self.max_episode_length = policy.env_spec.max_episode_length
        self._sampler = sampler
        self._task_sampler = task_sampler
        self._meta_batch_size = meta_batch_size
        self._episodes_per_trial = episodes_per_trial
        self._discount = discount
        self._gae_lambda = gae_lambda
        self._value_coeff = value_coeff
        self._entropy_coeff = entropy_coeff
        self._anneal_steps = anneal_steps
        self._start = learning_rate, entropy_coeff
        self._max_grad_norm = max_grad_norm
        self._normalize_advantages = normalize_advantages
        self._cut_at_episodes = cut_at_episodes
        self._gradient_steps = gradient_steps
        self._trials_per_pass = trials_per_pass
        self._meta_evaluator = meta_evaluator
        self._n_epochs_per_eval = n_epochs_per_eval
        self._optimizer = _adam(policy, learning_rate, factors)
        self._rng = np.random.default_rng(get_seed() if seed is None else seed)

    @property
    def discount(self) -> float:
        """gamma, per step."""
        return self._discount

    @abc.abstractmethod
    def _policy_loss(
        self, log_prob: torch.Tensor, sampled_log_prob: torch.Tensor, advantages: torch.Tensor
    ) -> torch.Tensor:
        """The loss whose gradient is the policy's.

        Args:
            log_prob: log pi(a_t) under the parameters that are being optimised, ``[B, T]``.
            sampled_log_prob: log pi_old(a_t), when the action was sampled, ``[B, T]``.
            advantages: ``[B, T]``.

        Returns:
            ``[B, T]``.
        """

    @abc.abstractmethod
    def _minibatches(self, n_trials: int) -> list[np.ndarray]:
        """Indices of the trials of each update of one iteration, in order."""

    def train(self, trainer: Any) -> float | None:
        """Trains for as many iterations as the trainer steps through.

        Args:
            trainer: A garage ``Trainer``.

        Returns:
            Average undiscounted return per episode in the last iteration, None if there was none.
        """
        last_return = None
        for _ in trainer.step_epochs():
            self._evaluate(trainer.step_itr)
            self._anneal(trainer.total_env_steps)
            episodes = self._sample_trials()
            trainer.total_env_steps += int(episodes.lengths.sum())
            last_return = self._train_once(trainer.step_itr, episodes)
            trainer.step_itr += 1
        return last_return

    def get_exploration_policy(self) -> ExplorationPolicy:
        """A policy with an empty memory, which it carries through all its episodes on one task."""
        return ExplorationPolicy(self.policy)

    def adapt_policy(
        self, exploration_policy: ExplorationPolicy, exploration_episodes: Any
    ) -> AdaptedPolicy:
        """The policy with the memory that the exploration episodes leave behind.

        The memory is computed from the episodes, and so is right wherever they were sampled.

        Args:
            exploration_policy: What :meth:`get_exploration_policy` returned.
            exploration_episodes: A garage ``EpisodeBatch`` of one task, in the order of sampling.

        Returns:
            A policy that returns to that memory at each of its resets.
        """
        trial = torch.as_tensor(exploration_episodes.observations).unsqueeze(0)
        seeds = exploration_episodes.agent_infos.get('memory_seed')
        policy = exploration_policy.policy
        return policy.adapted(policy.final_state(trial, None if seeds is None else seeds[:1]))

    def _evaluate(self, itr: int) -> None:
        if self._meta_evaluator is not None and itr % self._n_epochs_per_eval == 0:
            self._meta_evaluator.evaluate(self)

    def _anneal(self, n_steps: int) -> None:
        """Sets step size and entropy weight to what they are after so many training steps."""
        if self._anneal_steps is None:
            return
        left = max(1 - n_steps / self._anneal_steps, _LEAST_SHARE)
        learning_rate, self._entropy_coeff = (left * start for start in self._start)
        for group in self._optimizer.param_groups:
            group['lr'] = learning_rate * group.get('factor', 1.0)  # none in older pickles

    def _sample_trials(self) -> Any:
        """A meta-batch of trials, as a garage ``EpisodeBatch``."""
        seed, *seeds = self._rng.integers(_SEEDS, size=1 + self._meta_batch_size).tolist()
        tasks = sample_tasks(self._task_sampler, self._meta_batch_size, seed)
        return obtain_trials(
            self._sampler,
            self.policy.get_param_values(),
            tasks,
            seeds,
            episodes_per_trial=self._episodes_per_trial,
        )

    def _train_once(self, itr: int, episodes: Any) -> float:
        """Updates the policy from a meta-batch of trials and logs what happened.

        Args:
            itr: Iteration number.
            episodes: Whole trials, as a garage ``EpisodeBatch``.

        Returns:
            Average undiscounted return per episode.
        """
        targets = self._targets(episodes)
        steps = [
            self._update(targets, torch.as_tensor(rows, device=self.policy.device))
            for rows in self._minibatches(len(targets.returns))
        ]
        self._log(targets, steps)
        trials = targets.trials
        self.policy.update_observation_statistics(trials.observations, trials.valid)
        log_trials(episodes, 'MetaTrain')
        returns = log_performance(itr, episodes, self._discount, prefix='MetaTrain')
        return float(np.mean(returns))

    def _targets(self, episodes: Any) -> _Targets:
        trials = TrialBatch.from_episodes(episodes).to(self.policy.device, self.policy.dtype)
        for name in ('observations', 'rewards', 'log_prob', 'value'):
            check_trials(name, getattr(trials, name), trials.valid)
        self.policy.update_reward_statistics(trials.rewards, trials.valid, self._discount)
        advantages = generalized_advantages(
            self.policy.scaled_rewards(trials.rewards),
            trials.value,
            trials.valid,
            discount=self._discount,
            lambda_=self._gae_lambda,
            cut=trials.episode_start if self._cut_at_episodes else None,
        )
        returns = advantages + trials.value
        if self._normalize_advantages:
            advantages = standardized(advantages, trials.valid)
        return _Targets(trials, advantages, returns, _memory_seeds(episodes, trials))

    def _update(self, targets: _Targets, rows: torch.Tensor) -> dict[str, float]:
        """One step of the optimizer on the trials of a minibatch."""
        self._optimizer.zero_grad()
        n_steps = int(targets.trials.valid[rows].sum())
        cuts = self._cuts(targets.returns.shape[1])
        means: dict[str, float] = {}
        largest = 0.0
        for part in rows.split(self._trials_per_pass or len(rows)):
            terms, log_ratio = self._replay(targets, part, cuts)
            loss = terms['LossPolicy'] + self._value_coeff * terms['LossValue']
            ((loss - self._entropy_coeff * terms['Entropy']).sum() / n_steps).backward()
            for key, term in terms.items():
                means[key] = means.get(key, 0.0) + term.sum().item() / n_steps
            largest = max(largest, log_ratio.abs().max().item())
        norm = clip_gradients(self.policy, self._max_grad_norm)
        self._optimizer.step()
        return means | {'GradNorm': norm, 'MaxLogRatio': largest}

    def _cuts(self, n_steps: int) -> range:
        """Steps before which an update's gradient does not pass through the memory."""
        if self._gradient_steps is None or self._gradient_steps >= n_steps:
            return range(0)
        return range(1 + self._rng.integers(self._gradient_steps), n_steps, self._gradient_steps)

    def _replay(
        self, targets: _Targets, rows: torch.Tensor, cuts: Sequence[int] = ()
    ) -> tuple[dict[str, torch.Tensor], torch.Tensor]:
        """The terms of the loss and the log-ratio at each step of some trials, zero on padding."""
        trials, valid = targets.trials, targets.trials.valid[rows]
        seeds = None if targets.memory_seeds is None else targets.memory_seeds[rows.cpu()]
        dist, info = self.policy(
            trials.observations[rows], valid=valid, memory_seeds=seeds, cuts=cuts
        )
        # Masked before anything nonlinear: what overflows in the padding would have gradient NaN.
        log_prob = torch.where(valid, dist.log_prob(trials.actions[rows]), 0.0)
        sampled = trials.log_prob[rows]
        log_ratio = (log_prob - sampled).detach()
        terms = {
            'LossPolicy': self._policy_loss(log_prob, sampled, targets.advantages[rows]),
            'LossValue': 0.5 * (targets.returns[rows] - info['value']).square(),
            'Entropy': dist.entropy(),
        } | self._diagnostics(log_ratio)
        for name, term in terms.items():
            check_trials(name, term, valid, rows)
        return {key: torch.where(valid, x, 0.0) for key, x in terms.items()}, log_ratio

    def _diagnostics(self, log_ratio: torch.Tensor) -> dict[str, torch.Tensor]:
        """What else to log the mean of over the real steps, each ``[B, T]``."""
        # An estimate of KL(pi_old, pi) that is never negative: E[ratio - 1 - log ratio]
        return {'ApproxKL': log_ratio.exp() - 1 - log_ratio}

    def _log(self, targets: _Targets, updates: list[dict[str, float]]) -> None:
        trials = targets.trials
        explained = explained_variance(trials.value, targets.returns, trials.valid)
        with tabular.prefix(self.policy.name + '/'):
            # Nothing has been learned before the first minibatch: only there, pi is pi_old.
            tabular.record('ReplayError', updates[0]['MaxLogRatio'])
            for key in updates[0].keys() - {'MaxLogRatio'}:
                tabular.record(key, float(np.mean([update[key] for update in updates])))
            tabular.record('ExplainedVariance', explained.item())
            for key, value in self.policy.actor_critic.core.diagnostics().items():
                tabular.record(key, value)


def _adam(
    policy: torch.nn.Module, learning_rate: float, factors: Mapping[str, float]
) -> torch.optim.Adam:
    groups: dict[float, list[torch.nn.Parameter]] = {}
    unused = set(factors)
    for name, parameter in policy.named_parameters():
        last = name.rpartition('.')[2]
        unused.discard(last)
        groups.setdefault(factors.get(last, 1.0), []).append(parameter)
    if unused:
        raise ValueError(
            f'learning_rate_factors names {sorted(unused)}, but the last parts of the names of '
            f'the parameters of {type(policy).__name__} are '
            f'{sorted({name.rpartition(".")[2] for name, _ in policy.named_parameters()})}'
        )
    return torch.optim.Adam(
        [
            {'params': parameters, 'lr': learning_rate * factor, 'factor': factor}
            for factor, parameters in groups.items()
        ]
    )


def _memory_seeds(episodes: Any, trials: TrialBatch) -> np.ndarray | None:
    """The seed of each trial's initial state, if its policy says that it sampled it."""
    if 'memory_seed' not in episodes.agent_infos:
        return None
    lengths = trials.lengths.cpu().numpy()
    return np.asarray(episodes.agent_infos['memory_seed'])[np.cumsum(lengths) - lengths]


def _check_at_least_one(**numbers: int | None) -> None:
    for name, value in numbers.items():
        if value is not None and value < 1:
            raise ValueError(f'{name} is {value}, but must be at least 1')


def _check_fractions(**numbers: float) -> None:
    for name, value in numbers.items():
        if not 0 <= value <= 1:
            raise ValueError(f'{name} is {value}, but must be between 0 and 1')


def _check_positive(**numbers: float) -> None:
    for name, value in numbers.items():
        if not 0 < value < math.inf:
            raise ValueError(f'{name} is {value}, but must be above 0 and finite')
