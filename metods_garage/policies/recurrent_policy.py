"""The stateful shell that makes a recurrent actor-critic a garage policy."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from metods_garage.modules import (
    ActingStep,
    GaussianPolicyHead,
    RecurrentActorCritic,
    RewardScaler,
    State,
    can_act,
    select_state,
)
from metods_garage.policies import memory
from metods_garage.policies.action_draw import (
    draw,
    draw_categorical,
    gaussian_infos,
    standard_normal,
)
from metods_garage.policies.lone_trials import LoneTrials
from metods_garage.policies.observation_kind import require_flat_box

import numpy as np
import torch
from garage.torch.policies import Policy
from torch.distributions import Categorical, Distribution

if TYPE_CHECKING:
    from metods_garage.policies.adapted_policy import AdaptedPolicy

__all__ = ['RecurrentPolicy']


class RecurrentPolicy(Policy):
    """A policy that remembers: one recurrent state per trial, carried from action to action.

    The memory is emptied by :meth:`reset` and by nothing else. A sampler that resets at the start
    of each episode (every one of garage's) makes each episode a trial of its own; a
    :class:`~metods_garage.samplers.TrialWorker` resets at the start of a trial.

    Acting (:meth:`get_action`, :meth:`get_actions`) takes one step of many trials and uses the
    memory. :meth:`forward` takes many steps of many trials, always from an empty memory, and leaves
    the memory of acting alone: it is what a loss is computed from.

    Args:
        env_spec: Specification of the environment, the spaces among it.
        actor_critic: Embedding, core and heads.
        scale_rewards: Whether algorithms divide rewards by a running scale, kept with the policy.
        dtype: Of parameters and memory, torch.float32 or (for exact comparisons) torch.float64.
        device: Where parameters and memory live.
        name: Name of the policy, the prefix of what is logged about it.

    Raises:
        ValueError: If observations are not vectors (a Box with one dimension).
    """

    def __init__(
        self,
        env_spec: Any,
        actor_critic: RecurrentActorCritic,
        *,
        scale_rewards: bool = False,
        dtype: torch.dtype = torch.float32,
        device: torch.device | str = 'cpu',
        name: str = 'RecurrentPolicy',
    ) -> None:
        require_flat_box(env_spec, name)
        super().__init__(env_spec, name)
        self._actor_critic = actor_critic
        self._reward_scaler = RewardScaler(discount=1.0) if scale_rewards else None
        self._samples_memory = actor_critic.core.samples_initial_state
        self._memory: State | None = None
        self._observation_size = env_spec.observation_space.flat_dim
        self._acting_step: ActingStep | None = None
        # Where the core samples its initial state: the seed of each trial's, which are to draw, and
        # which started from a state that the caller put in, so that no seed replays them.
        self._seeds = np.zeros(0, dtype=np.int64)
        self._undrawn = np.zeros(0, dtype=bool)
        self._put_in = np.zeros(0, dtype=bool)
        self.to(device)
        if dtype != torch.float32:  # else running statistics keep the float64 that they need
            self.to(dtype)

    @property
    def env_spec(self) -> Any:
        """garage.EnvSpec: Specification of the environment."""
        return self._env_spec

    @property
    def actor_critic(self) -> RecurrentActorCritic:
        """Embedding, core and heads."""
        return self._actor_critic

    @property
    def reward_scaler(self) -> RewardScaler | None:
        """The running scale of the rewards, or None where rewards are taken as they are."""
        return self._reward_scaler

    @property
    def dtype(self) -> torch.dtype:
        """Floating point type of the parameters."""
        return next(self.parameters()).dtype

    @property
    def device(self) -> torch.device:
        """Where the parameters are."""
        return next(self.parameters()).device

    def reset(self, do_resets: Sequence[bool] | np.ndarray | None = None) -> None:
        """Empties the memory of the marked trials.

        Args:
            do_resets: One boolean per trial; its length sets the number of trials. None stands for
                a single trial, reset.

        Raises:
            ValueError: If the number of trials changes while some are to be kept.
        """
        self.reset_to(None, do_resets)

    def reset_to(
        self, state: State | None, do_resets: Sequence[bool] | np.ndarray | None = None
    ) -> None:
        """Puts a state of the caller's in the place of the memory of the marked trials.

        Args:
            state: State of one trial, or of as many as ``do_resets`` has; None for the empty memory
                of the start of a trial.
            do_resets: As in :meth:`reset`.

        Raises:
            ValueError: If the number of trials changes while some are to be kept.
        """
        mask = np.atleast_1d(np.asarray([True] if do_resets is None else do_resets, dtype=bool))
        with torch.no_grad():
            start = self._actor_critic.initial_state(len(mask)) if state is None else state
            fresh = memory.broadcast(start, len(mask))
            if mask.all():
                self._memory = memory.clone(fresh)
                self._seeds, self._undrawn = np.zeros(len(mask), dtype=np.int64), ~mask
                self._put_in = ~mask
            else:
                self._memory = self._merged(mask, fresh)
        self._undrawn[mask] = state is None and self._samples_memory
        self._put_in[mask] = state is not None

    def clone_state(self) -> State:
        """A copy of the memory reached so far.

        Raises:
            RuntimeError: If the policy has neither been reset nor acted.
        """
        if self._memory is None:
            raise RuntimeError('the policy has no memory yet: call reset() or act first')
        return memory.clone(self._memory)

    def adapted(self, state: State | None = None) -> AdaptedPolicy:
        """A policy of its own that starts from a memory each time it is reset.

        Args:
            state: The memory to return to; None takes the one reached so far.
        """
        from metods_garage.policies.adapted_policy import AdaptedPolicy

        return AdaptedPolicy(self, self.clone_state() if state is None else state)

    def get_action(
        self, observation: Any, *, deterministic: bool = False
    ) -> tuple[Any, dict[str, np.ndarray]]:
        """Takes one step of a single trial.

        Args:
            observation: An observation, ``[O]``.
            deterministic: Take the mean or the most probable action instead of drawing one.

        Returns:
            The action, and its information as in :meth:`get_actions` without the batch dimension.

        Raises:
            ValueError: If the observation has another size than the space.
        """
        actions, infos = self.get_actions([observation], deterministic=deterministic)
        return actions[0], {key: value[0] for key, value in infos.items()}

    def get_actions(
        self,
        observations: Any,
        generators: Sequence[np.random.Generator] | None = None,
        *,
        deterministic: bool = False,
    ) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """Takes one step of each of ``B`` trials.

        Args:
            observations: ``B`` observations, ``[B, O]`` or a list of them.
            generators: One generator per trial, for its action; None draws from torch's global one.
            deterministic: Take the mean or the most probable action instead of drawing one.

        Returns:
            Actions, ``[B]`` (discrete) or ``[B, A]``, and a dict of arrays: ``log_prob`` ``[B]``
            and ``value`` ``[B]``; ``memory_norm`` ``[B]``, the Euclidean norm of each trial's
            memory after the step; for a Gaussian ``mean`` and ``log_std`` ``[B, A]``; for a core
            that samples its initial state ``memory_seed`` ``[B]``, the seed to replay it from,
            unless some trial started from a state that was put in.

        Raises:
            ValueError: If an observation has another size than the space, or if the number of
                observations is not the number of trials in memory.
        """
        flat = self._as_rows(observations)
        if self._memory is None:
            self.reset([True] * len(flat))
        assert self._memory is not None
        if memory.n_trials(self._memory) != len(flat):
            raise ValueError(
                f'got {len(flat)} observations while the memory holds '
                f'{memory.n_trials(self._memory)} trials: call reset([True] * {len(flat)}) to '
                f'start as many'
            )
        with torch.no_grad():
            if self._undrawn.any():
                self._draw_memory(generators)
            held = memory.tensors(self._memory)[0]
            if held.device.type == 'cpu' and self._can_act_without_torch:
                return self._act_without_torch(flat, generators, deterministic)
            x = torch.as_tensor(flat, dtype=held.dtype, device=held.device)
            dist, value, self._memory = self._actor_critic.step(x, self._memory)
            head = self._actor_critic.policy_head
            action = head.most_likely(dist) if deterministic else draw(dist, generators)
            infos = self._infos(dist, action, value)
        return action.cpu().numpy(), {key: info.cpu().numpy() for key, info in infos.items()}

    def lone_trials(
        self, generators: Sequence[np.random.Generator], *, deterministic: bool = False
    ) -> LoneTrials | None:
        """Acts in one trial after another instead of taking a step of each at a time.

        Args:
            generators: One per trial in memory, for its actions.
            deterministic: As in :meth:`get_actions`.

        Returns:
            The trials, which go on from the memory and then leave theirs in it; None where this
            policy does not act by compiled code on continuous actions.
        """
        head = self._actor_critic.policy_head
        held = None if self._memory is None else memory.tensors(self._memory)[0]
        if (
            held is None
            or held.device.type != 'cpu'
            or len(held) != len(generators)
            or not isinstance(head, GaussianPolicyHead)
            or not self._can_act_without_torch
        ):
            return None
        with torch.no_grad():
            if self._undrawn.any():
                self._draw_memory(generators)
        assert self._memory is not None
        return LoneTrials(
            type(self).__name__,
            self._compiled_step(),
            head.log_std.detach().numpy(),
            self._memory,
            generators,
            deterministic=deterministic,
            n_seen=self._observation_size,
            seeds=self._seeds.copy() if self._tells_seeds else None,
        )

    def forward(
        self,
        observations: torch.Tensor,
        reset: torch.Tensor | None = None,
        valid: torch.Tensor | None = None,
        memory_seeds: Sequence[int] | np.ndarray | None = None,
        cuts: Sequence[int] = (),
    ) -> tuple[Distribution, dict[str, torch.Tensor]]:
        """Replays whole trials, each from an empty memory.

        Args:
            observations: ``[B, T, O]``, padded at the end where trials differ in length.
            reset: True where the memory is emptied before a step, ``[B, T]`` bool; None: only
                before the first.
            valid: True on the real steps, ``[B, T]`` bool; None: all of them.
            memory_seeds: For a core that samples its initial state: ``agent_infos['memory_seed']``
                of each trial, ``[B]``; None samples anew.
            cuts: Steps in ascending order, from 1 to ``T - 1``, before which the memory is taken
                as it is: no gradient passes through it to earlier steps.

        Returns:
            A batch ``[B, T]`` of action distributions, and a dict with ``value`` ``[B, T]`` and
            ``features`` ``[B, T, N]``. What stands at padded steps means nothing.

        Raises:
            ValueError: If the observations are not ``[B, T, O]``.
        """
        self._check_trials(observations, reset, valid)
        x = observations.to(device=self.device, dtype=self.dtype)
        reset = None if reset is None else reset.to(x.device)
        if valid is not None and not bool(valid.all()):
            x, reset = self._without_padding(x, reset, valid.to(x.device))
        start = None
        if self._samples_memory and memory_seeds is not None:
            start = memory.drawn(self._actor_critic, memory_seeds)
        dist, value, features, _ = self._actor_critic.unroll(x, start, reset, cuts)
        return dist, {'value': value, 'features': features}

    def final_state(
        self, observations: torch.Tensor, memory_seeds: Sequence[int] | np.ndarray | None = None
    ) -> State:
        """The memory after the last step of whole trials, without gradient.

        Args:
            observations: ``[B, T, O]``, without padding.
            memory_seeds: As in :meth:`forward`.
        """
        self._check_trials(observations, None, None)
        x = observations.to(device=self.device, dtype=self.dtype)
        with torch.no_grad():
            start = None
            if self._samples_memory and memory_seeds is not None:
                start = memory.drawn(self._actor_critic, memory_seeds)
            *_, state = self._actor_critic.unroll(x, start, None)
        return memory.clone(state)

    def update_observation_statistics(
        self, observations: torch.Tensor, valid: torch.Tensor
    ) -> None:
        """Updates what observations are normalised with, where that is switched on.

        Called by the algorithm after it has optimised, and by nothing else: the statistics that
        actions were drawn with are then those that the trial is replayed with.

        Args:
            observations: ``[B, T, O]``.
            valid: True on the real steps, ``[B, T]`` bool.
        """
        normalizer = self._actor_critic.observation_normalizer
        if normalizer is not None:
            normalizer.update(observations, valid)

    def update_reward_statistics(
        self, rewards: torch.Tensor, valid: torch.Tensor, discount: float
    ) -> None:
        """Updates what rewards are scaled by, where that is switched on.

        No action depends on it, so that an algorithm calls it before it computes the targets of
        these very trials: the first ones are then not learned at another scale than all later ones.

        Args:
            rewards: Rewards of whole trials as the environment gave them, ``[B, T]``.
            valid: True on the real steps, ``[B, T]`` bool.
            discount: gamma, of the return that rewards are scaled by.
        """
        if self._reward_scaler is not None:
            self._reward_scaler.discount = discount
            self._reward_scaler.update(rewards, valid)

    def scaled_rewards(self, rewards: torch.Tensor) -> torch.Tensor:
        """Rewards as the value function learns them: scaled, where that is switched on.

        Args:
            rewards: Rewards as the environment gave them, ``[B, T]``.

        Returns:
            ``[B, T]``.
        """
        return rewards if self._reward_scaler is None else self._reward_scaler(rewards)

    def _merged(self, mask: np.ndarray, fresh: State) -> State:
        """The memory with the marked trials taken from ``fresh``."""
        held = 0 if self._memory is None else memory.n_trials(self._memory)
        if self._memory is None or held != len(mask):
            raise ValueError(
                f'asked to keep trials {np.flatnonzero(~mask).tolist()} of {len(mask)}, but the '
                f'memory holds {held}: reset all of them to change their number'
            )
        mask_there = torch.as_tensor(mask, device=self.device)
        return memory.clone(select_state(mask_there, fresh, self._memory))  # contiguous

    def _draw_memory(self, generators: Sequence[np.random.Generator] | None) -> None:
        """Samples the initial state of the trials that start with this step."""
        for i in np.flatnonzero(self._undrawn).tolist():
            self._seeds[i] = (
                torch.randint(2**31, ()).item()
                if generators is None
                else generators[i].integers(2**31)
            )
        self._memory = self._merged(self._undrawn, memory.drawn(self._actor_critic, self._seeds))
        self._undrawn[:] = False

    def _infos(
        self, dist: Distribution, action: torch.Tensor, value: torch.Tensor
    ) -> dict[str, torch.Tensor]:
        assert self._memory is not None
        infos = {
            'log_prob': dist.log_prob(action),
            'value': value,
            'memory_norm': memory.norms(self._memory),
        }
        if self._tells_seeds:
            infos['memory_seed'] = torch.as_tensor(self._seeds.copy())
        if not isinstance(dist, Categorical):
            infos |= {'mean': dist.mean, 'log_std': dist.stddev.log()}
        return infos

    @functools.cached_property
    def _can_act_without_torch(self) -> bool:
        return can_act(self._actor_critic, self._observation_size)

    def _act_without_torch(
        self,
        flat: np.ndarray,
        generators: Sequence[np.random.Generator] | None,
        deterministic: bool,
    ) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """The same up to rounding, in a fraction of torch's time."""
        if generators is not None and len(generators) != len(flat):
            raise ValueError(
                f'got {len(generators)} generators for {len(flat)} trials: pass one '
                f'np.random.Generator per trial'
            )
        assert self._memory is not None
        act = self._compiled_step()
        x = flat.astype(act.dtype, copy=False)
        noise = standard_normal(len(flat), act.n_drawn, generators, deterministic)
        acted = act(x, noise, self._memory)
        head = self._actor_critic.policy_head
        if isinstance(head, GaussianPolicyHead):
            action = acted.actions
            infos = gaussian_infos(action, acted.outputs, head.log_std.detach().numpy())
        else:
            action, infos = draw_categorical(acted.outputs, generators, deterministic)
        infos |= {'value': acted.values, 'memory_norm': acted.norms}
        if self._tells_seeds:
            infos['memory_seed'] = self._seeds.copy()
        return action, infos

    def _compiled_step(self) -> ActingStep:
        if self._acting_step is None:
            self._acting_step = ActingStep(self._actor_critic)
        return self._acting_step

    @property
    def _tells_seeds(self) -> bool:
        return self._samples_memory and not self._put_in.any()

    def _apply(self, fn: Any, recurse: bool = True) -> Any:
        """Move the parameters, to which the acting step holds views."""
        self._acting_step = None
        self.__dict__.pop('_can_act_without_torch', None)
        return super()._apply(fn, recurse)

    def __getstate__(self) -> dict[str, Any]:
        """All but the views, and but what is so on this machine."""
        state = self.__dict__ | {'_acting_step': None}
        state.pop('_can_act_without_torch', None)
        return state

    def _as_rows(self, observations: Any) -> np.ndarray:
        """Observations as an array ``[B, O]``."""
        if isinstance(observations, torch.Tensor):
            observations = observations.detach().cpu().numpy()
        elif isinstance(observations[0], torch.Tensor):
            observations = [x.detach().cpu().numpy() for x in observations]
        flat = np.asarray(observations)
        flat = flat.reshape(len(flat), -1)
        self._check_size(flat.shape[-1])
        return flat

    def _check_size(self, size: int) -> None:
        expected = self._observation_size
        if size != expected:
            raise ValueError(
                f'got an observation of {size} numbers, but {self.name} was built for {expected}: '
                f'if these include the previous action, reward and done, wrap the environment in '
                f'metods_garage.envs.MetaRLObservation; else build the policy from the '
                f'specification of the environment it acts in'
            )

    def _check_trials(
        self,
        observations: torch.Tensor,
        reset: torch.Tensor | None,
        valid: torch.Tensor | None,
    ) -> None:
        if observations.ndim != 3:
            raise ValueError(
                f'{self.name} takes whole trials [trials, steps, observation], got shape '
                f'{tuple(observations.shape)}: flattened steps have lost the order that its memory '
                f'depends on. An algorithm that flattens time (garage.torch.algos.PPO, VPG, TRPO) '
                f'cannot train it; metods_garage.RecurrentA2C and RecurrentPPO can'
            )
        self._check_size(observations.shape[-1])
        for name, mask in (('reset', reset), ('valid', valid)):
            if mask is not None and mask.shape != observations.shape[:2]:
                raise ValueError(
                    f'{name} has shape {tuple(mask.shape)}, but observations hold '
                    f'{tuple(observations.shape[:2])} [trials, steps]'
                )

    @staticmethod
    def _without_padding(
        x: torch.Tensor, reset: torch.Tensor | None, valid: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Zeros in the padding, and an empty memory at its start.

        Whatever stood there, and however far the memory would have grown on it, nothing infinite
        can then reach a gradient through a factor of zero.
        """
        x = torch.where(valid.unsqueeze(-1), x, 0.0)
        reset = torch.zeros_like(valid) if reset is None else reset.clone()
        reset[:, 1:] |= valid[:, :-1] & ~valid[:, 1:]
        return x, reset
