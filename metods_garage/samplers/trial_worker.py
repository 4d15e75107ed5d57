"""The worker that collects whole trials, many environments at a time."""

import secrets
from collections.abc import Sequence
from typing import Any

from metods_garage.samplers.global_generators import seeded_global_generators
from metods_garage.samplers.known_chain import INFOS_OF_WRAPPERS
from metods_garage.samplers.lean_rows import DirectRows
from metods_garage.samplers.lone_runs import LoneRuns
from metods_garage.samplers.rows_starter import RowsStarter
from metods_garage.samplers.trial_actor import TrialActor
from metods_garage.samplers.trial_record import TrialRecord, empty_episodes, without_unreported
from metods_garage.samplers.trial_rows import TrialRows
from metods_garage.samplers.trial_slot import TrialSlot, diverged
from metods_garage.samplers.trial_update import TrialUpdate

import numpy as np
from garage import Environment, EpisodeBatch
from garage.sampler import EnvUpdate, Worker


class TrialWorker(Worker):
    """Runs its trials in lockstep, with one batched policy call per step, or one after another.

    Given a list of `TrialUpdate`s, one `rollout` collects all of these trials. The policy is reset
    at the start of the trials and nowhere else. Trials may end at different steps; the policy is
    always called with the full batch. A policy with `lone_trials` (Gaussian MetODS and GRUs on the
    CPU) acts in one trial after another where each has an environment of its own, which is quicker:
    `LoneRuns`.

    As each trial draws from random streams of its own, it is the same in whichever worker it runs,
    up to what the size of a batch changes in the rounding of matrix products (MetODS and GRUs:
    nothing); and a `rollout` that is repeated without an update returns the batch of the one
    before. (garage's MultiprocessingSampler asks its workers again before it stops them.)

    Given an environment or an `EnvUpdate`, as by plain garage, each `rollout` is one trial of it.
    So a policy of this package is tested by garage's own evaluator as it was trained, the last
    action, reward and done carried into each next episode, with

        MetaEvaluator(..., n_exploration_eps=1, worker_class=TrialWorker,
                      worker_args={'episodes_per_trial': k})

    where garage's "episode" is k episodes: they are explored as one trial, and k more are tested
    from the memory that it left (in which the first one starts from zeros for action, reward and
    done). garage's own workers never say where a trial begins, and each episode would.

    A policy whose `get_actions` takes `generators` (all policies of this package do) draws the
    action of trial i from `generators[i]`. Any other garage policy is called plainly and draws
    from the process's global generators (Python's, NumPy's, torch's), which start from the seeds
    of all trials of the `rollout` and are afterwards what they were before: its trials are the same
    whenever the same trials run together. The same holds for `deterministic`; of a plain policy,
    `agent_infos['mean']` is taken.

    Args:
        seed: Seed of the trials that come without one; None for other trials each time.
        max_episode_length: Steps after which an episode ends by timeout; may be infinity.
        worker_number: Number of this worker.
        episodes_per_trial: Episodes of a trial, where its update says nothing else.
        deterministic: Whether actions are the policy's mean (or most probable) ones, where the
            update says nothing else.
        info_keys: Entries of `env_info` to keep, which have to be numbers.
        lean: Whether trials skip the wrappers at each step, or share a vector environment, where
            that is known to give the same (`RowsStarter`). False steps every environment through
            all of its wrappers.

    Raises:
        ValueError: If `episodes_per_trial` is below 1.
    """

    def __init__(
        self,
        *,
        seed: int | None,
        max_episode_length: float,
        worker_number: int,
        episodes_per_trial: int = 1,
        deterministic: bool = False,
        info_keys: Sequence[str] = ('success',),
        lean: bool = True,
    ):
        super().__init__(
            seed=seed, max_episode_length=max_episode_length, worker_number=worker_number
        )
        if episodes_per_trial < 1:
            raise ValueError(f'episodes_per_trial={episodes_per_trial}: a trial has at least one')
        self.agent: Any = None
        self._episodes_per_trial = episodes_per_trial
        self._deterministic = deterministic
        self._info_keys = tuple(info_keys)
        self._slots = [TrialSlot()]
        self._starter = RowsStarter(lean and not INFOS_OF_WRAPPERS.intersection(self._info_keys))
        self._updates: list[TrialUpdate] | None = None
        self._n_plain_trials = 0
        # Without a seed: from the operating system, as processes may be forks of one another.
        self._entropy = secrets.randbits(128) if seed is None else seed
        self._collected: EpisodeBatch | None = None

    @property
    def env(self) -> Environment | None:
        """The environment of the first slot."""
        return self._slots[0].env

    def update_agent(self, agent_update: Any) -> None:
        """Replace the policy or its parameters.

        Args:
            agent_update: A policy; or parameters from `Policy.get_param_values`; or None.
        """
        if agent_update is None:
            return
        self._collected = None
        if isinstance(agent_update, (dict, tuple, np.ndarray)):
            self.agent.set_param_values(agent_update)
        else:
            self.agent = agent_update

    def update_env(
        self, env_update: Sequence[TrialUpdate] | Environment | EnvUpdate | None
    ) -> None:
        """Set the trials of the next `rollout`.

        Args:
            env_update: A list of trials; or an environment or `EnvUpdate`, for one trial of its
                task per `rollout`; or None, for no change.

        Raises:
            TypeError: If a list holds something else than `TrialUpdate`s.
        """
        if env_update is None:
            return
        self._collected = None
        if not isinstance(env_update, (list, tuple)):
            self._slots[0].apply(env_update)
            self._updates = None
            return
        for update in env_update:
            if not isinstance(update, TrialUpdate):
                raise TypeError(
                    f'TrialWorker takes lists of TrialUpdate, not of {type(update).__name__}: '
                    'metods_garage.samplers.obtain_trials makes them'
                )
        self._updates = list(env_update)

    def rollout(self) -> EpisodeBatch:
        """Collect all trials from start to end.

        Returns:
            Their episodes, trial by trial, with `episode_infos` 'trial' and 'episode' (the number
            of the episode within its trial).

        Raises:
            FloatingPointError: If the policy or an environment gives NaN or infinity.
        """
        if self._updates is None:
            return without_unreported(self._collect([self._plain_trial()]))
        if self._collected is None:
            self._collected = self._collect(self._updates)
        return self._collected

    def _collect(self, updates: Sequence[TrialUpdate]) -> EpisodeBatch:
        # The streams of the trials are theirs alone, whatever a policy or environment draws from.
        with seeded_global_generators([update.seed for update in updates]):
            return self._run(updates) if updates else self._nothing()

    def _run(self, updates: Sequence[TrialUpdate]) -> EpisodeBatch:
        rows = self._start(updates)
        slots = rows.slots
        generators = [slot.generator for slot in slots]
        act = TrialActor(self.agent, generators, self._is_deterministic(updates))
        if isinstance(rows, DirectRows) and (lone := act.lone_trials()) is not None:
            return LoneRuns(slots, rows.chains, lone, self._info_keys).episodes()
        record = TrialRecord(slots, self._info_keys)
        while rows.going_on:
            actions, agent_infos = act(record.add_observations(rows.observations))
            self._check_finite(rows, actions, agent_infos)
            rows.step(actions, record.add_decision(actions, agent_infos))
        assert self.env is not None
        return record.episodes(self.env.spec)

    def _check_finite(
        self, rows: TrialRows, actions: np.ndarray, agent_infos: dict[str, np.ndarray]
    ) -> None:
        # Before the environment sees it: a simulator would be blamed for what the policy did, and
        # a categorical policy goes on with action 0.
        given = {'action': actions} | {
            key: agent_infos[key] for key in ('log_prob', 'value') if key in agent_infos
        }
        if np.isfinite(sum(values.sum() for values in given.values())):
            return
        for what, values in given.items():
            finite = np.isfinite(values).reshape(len(rows.slots), -1).all(axis=1)  # [B]
            for row in np.flatnonzero(~finite).tolist():
                if rows.slots[row].active:
                    name = type(self.agent).__name__
                    raise diverged(name, what, rows.place(row), values[row])

    def _start(self, updates: Sequence[TrialUpdate]) -> TrialRows:
        # Slots beyond this meta-batch keep their environments for a larger one.
        while len(self._slots) < len(updates):
            self._slots.append(TrialSlot())
        slots = self._slots[: len(updates)]
        n_episodes = [update.episodes_per_trial or self._episodes_per_trial for update in updates]
        return self._starter.start(slots, updates, n_episodes, self._max_episode_length)

    def _is_deterministic(self, updates: Sequence[TrialUpdate]) -> bool:
        wanted = {
            self._deterministic if update.deterministic is None else update.deterministic
            for update in updates
        }
        if len(wanted) > 1:
            raise ValueError('the trials of one rollout are all deterministic or none is')
        return wanted.pop()

    def _plain_trial(self) -> TrialUpdate:
        entropy = (self._entropy, self._worker_number, self._n_plain_trials)
        seed = int(np.random.SeedSequence(entropy).generate_state(1)[0])
        self._n_plain_trials += 1
        return TrialUpdate(None, trial=self._n_plain_trials - 1, seed=seed)

    def _nothing(self) -> EpisodeBatch:
        if self.env is None:
            raise ValueError(
                f'worker {self._worker_number} has neither a trial nor an environment: give the '
                'sampler an environment when constructing it'
            )
        act = TrialActor(self.agent, [np.random.default_rng(0)], self._deterministic)
        observation_space = self.env.spec.observation_space
        _, agent_infos = act(np.zeros((1, *observation_space.shape), observation_space.dtype))
        return empty_episodes(self.env.spec, agent_infos, self._info_keys)

    def shutdown(self) -> None:
        """Close all environments."""
        for slot in self._slots:
            slot.close()
