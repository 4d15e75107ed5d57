#!/usr/bin/env python3
"""How much of the environments' own speed is left when MetODS samples a meta-batch of ML10?

Steps per second of whole trials, policy and bookkeeping and transport included, against

(a) the same accelerated environments on as many cores, given the very actions that the trials took
    and nothing else to do, one trial after another as well: in lockstep they are slower, as they
    drive each other's state out of the processor's cache;
(b) garage's LocalSampler and DefaultWorker with the same policy on Meta-World as it is installed.

First an equality gate: the trials of workers in this process and in others, on accelerated
environments and on installed ones through all of their wrappers, are the same to the last bit.
Then all sides in turn, several times; the best of each counts. Seconds are those of the clock, so
the machine should have nothing else to do; for 1 worker those of the processor are shown too.

    OMP_NUM_THREADS=1 python benchmarks/sampling.py   # 20 trials of 500 steps; minutes
    OMP_NUM_THREADS=1 python benchmarks/sampling.py --trials 10    # the launchers' meta-batch
"""

import contextlib
import io
import json
import multiprocessing
import time
from collections.abc import Callable, Sequence
from typing import Any

from metods_garage.envs import EpisodeHorizon, MetaRLObservation, make_benchmark
from metods_garage.experiment.watchful_sampler import WatchfulSampler
from metods_garage.policies import GaussianMetODSPolicy
from metods_garage.samplers import TrialWorker, obtain_trials
from metods_garage.samplers.trial_slot import trial_streams

import click
import numpy as np
import torch
from garage import EpisodeBatch
from garage.sampler import DefaultWorker, LocalSampler

WANTED = 0.85  # of (a)


def tasks_of(n_trials: int, horizon: int, accelerated: bool) -> list[Any]:
    """A meta-batch of ML10, the same classes and goals in every call."""

    def wrapper(env: Any, _task: Any) -> Any:
        return MetaRLObservation(EpisodeHorizon(env, horizon))

    benchmark = make_benchmark('ml10', accelerated=accelerated)
    return benchmark.train_sampler(wrapper, seed=1).sample(n_trials)


def make_policy(env_spec: Any) -> GaussianMetODSPolicy:
    """The policy of launchers/ml10_metods.py, after its first statistics."""
    torch.manual_seed(0)
    policy = GaussianMetODSPolicy(
        env_spec, n_neurons=100, n_inner_steps=4, normalize='cap', cap=0.4, alpha_scale=1e-3,
        normalize_observations=True, scale_rewards=True,
    )  # fmt: skip
    seen = torch.randn(4, 10, env_spec.observation_space.flat_dim)
    policy.update_observation_statistics(seen, torch.ones(4, 10, dtype=torch.bool))
    return policy


class Trials:
    """Trials of a policy from a sampler.

    Args:
        sampler_class: A sampler of garage.
        n_workers: Its workers.
        tasks: The meta-batch.
        policy: The policy.
        episodes: Episodes to a trial.
        **worker_args: Of the TrialWorker.
    """

    def __init__(
        self,
        sampler_class: type,
        n_workers: int,
        tasks: list[Any],
        policy: Any,
        episodes: int,
        **worker_args: Any,
    ):
        self._tasks, self._policy = tasks, policy
        env = tasks[0]()
        self._sampler = sampler_class(
            policy,
            env,
            max_episode_length=env.spec.max_episode_length,
            n_workers=n_workers,
            seed=1,
            worker_class=TrialWorker,
            worker_args={'episodes_per_trial': episodes} | worker_args,
        )

    def __call__(self) -> EpisodeBatch:
        """Sample the meta-batch."""
        parameters = self._policy.get_param_values()
        with contextlib.redirect_stdout(io.StringIO()):
            return obtain_trials(self._sampler, parameters, self._tasks, range(len(self._tasks)))

    def close(self) -> None:
        """End the workers."""
        self._sampler.shutdown_worker()


def equality_gate(n_trials: int = 4, horizon: int = 60) -> None:
    """Exits unless every way of sampling gives the same trials.

    Raises:
        AssertionError: If they differ.
    """
    accelerated = tasks_of(n_trials, horizon, accelerated=True)
    installed = tasks_of(n_trials, horizon, accelerated=False)
    policy = make_policy(accelerated[0]().spec)
    batches = []
    for sampler_class, tasks, lean in (
        (LocalSampler, installed, False),
        (LocalSampler, accelerated, True),
        (WatchfulSampler, accelerated, True),
    ):
        trials = Trials(sampler_class, 2, tasks, policy, 2, lean=lean)
        batches.append(trials())
        trials.close()
    for batch in batches[1:]:
        for name in ('observations', 'actions', 'rewards', 'lengths', 'step_types'):
            np.testing.assert_array_equal(getattr(batch, name), getattr(batches[0], name))
        np.testing.assert_array_equal(batch.env_infos['success'], batches[0].env_infos['success'])


class Environments:
    """(a): the environments alone, shared out over processes as the trials are.

    Args:
        n_processes: How many; 1 is this process.
        tasks: The meta-batch.
        actions: Those of each trial, [trials, steps, A].
        horizon: Steps to an episode.
    """

    def __init__(self, n_processes: int, tasks: list[Any], actions: np.ndarray, horizon: int):
        shares = np.array_split(np.arange(len(tasks)), n_processes)
        self._shares = [([tasks[i] for i in share], actions[share], share) for share in shares]
        self._horizon = horizon
        self._connections = []
        for share in self._shares if n_processes > 1 else ():
            ours, theirs = multiprocessing.get_context('fork').Pipe()
            multiprocessing.get_context('fork').Process(
                target=self._serve, args=(theirs, share), daemon=True
            ).start()
            self._connections.append(ours)
        self._step = None if self._connections else self._stepper(*self._shares[0])

    def __call__(self) -> None:
        """Take all steps."""
        if self._step is not None:
            self._step()
            return
        for connection in self._connections:
            connection.send(True)
        for connection in self._connections:
            connection.recv()

    def close(self) -> None:
        """End the processes."""
        for connection in self._connections:
            connection.send(False)

    def _serve(self, connection: Any, share: Any) -> None:
        torch.set_num_threads(1)
        step = self._stepper(*share)
        while connection.recv():
            step()
            connection.send(True)

    def _stepper(
        self, tasks: list[Any], actions: np.ndarray, seeds: Sequence[int]
    ) -> Callable[[], None]:
        envs = [task.env_type() for task in tasks]

        def step() -> None:
            for env, task, seed, trial in zip(envs, tasks, seeds, actions, strict=True):
                env.set_task(task.task)
                env.seed(trial_streams(int(seed))[1])
                for t, action in enumerate(trial):
                    if t % self._horizon == 0:
                        env.reset()
                    env.step(action)

        return step


def plain_garage(tasks: list[Any], policy: Any) -> Callable[[], EpisodeBatch]:
    """(b): one episode on each task by garage's own sampler and worker."""
    sampler = LocalSampler(
        policy,
        tasks[0](),
        max_episode_length=500,
        n_workers=len(tasks),
        seed=1,
        worker_class=DefaultWorker,
    )
    parameters = policy.get_param_values()
    return lambda: sampler.obtain_exact_episodes(1, parameters, tasks)


def best_seconds(sides: dict[str, Callable[[], Any]], repeats: int) -> dict[str, dict[str, float]]:
    """The least seconds of each side, of the clock and of this process's processor."""
    found: dict[str, dict[str, float]] = {}
    for repeat in range(repeats + 1):  # the first one builds environments
        for name, side in sides.items():
            clock, processor = time.perf_counter(), time.process_time()
            side()
            times = {'s': time.perf_counter() - clock, 'cpu': time.process_time() - processor}
            if repeat:
                known = found.setdefault(name, times)
                found[name] = {key: min(known[key], times[key]) for key in times}
    return found


@click.command()
@click.option('--trials', default=20, show_default=True, help='Trials of the meta-batch.')
@click.option('--horizon', default=500, show_default=True, help='Steps to an episode.')
@click.option('--episodes', default=1, show_default=True, help='Episodes to a trial.')
@click.option('--repeats', default=4, show_default=True, help='Rounds, of which the best counts.')
def main(trials: int, horizon: int, episodes: int, repeats: int) -> None:
    """Check, measure, and print the table and a line of JSON."""
    torch.set_num_threads(1)
    equality_gate()
    print('equal: local and multiprocessing, accelerated and installed, lean and through wrappers')
    tasks = tasks_of(trials, horizon, accelerated=True)
    policy = make_policy(tasks[0]().spec)
    n_steps = trials * episodes * horizon
    sides: dict[str, Any] = {'trials, 1 worker': Trials(LocalSampler, 1, tasks, policy, episodes)}
    actions = sides['trials, 1 worker']().actions.reshape(trials, episodes * horizon, -1)
    sides['trials, 2 workers'] = Trials(WatchfulSampler, 2, tasks, policy, episodes)
    for n in (1, 2):
        sides[f'environments, {n} core{"s" * (n > 1)}'] = Environments(n, tasks, actions, horizon)
    garage = plain_garage(tasks_of(trials, horizon, accelerated=False), policy)
    seconds = best_seconds(sides | {'garage, 1 core': garage}, repeats)
    for side in list(sides.values())[1:]:
        side.close()

    rates = {name: n_steps / times['s'] for name, times in seconds.items()}
    rates['garage, 1 core'] /= episodes  # one episode each
    for name, rate in rates.items():
        print(f'{name:>22} {rate:>8,.0f} steps/s')
    of_raw = {
        '1': rates['trials, 1 worker'] / rates['environments, 1 core'],
        '2': rates['trials, 2 workers'] / rates['environments, 2 cores'],
    }
    cpu = seconds['environments, 1 core']['cpu'] / seconds['trials, 1 worker']['cpu']
    of_garage = {
        '1': rates['trials, 1 worker'] / rates['garage, 1 core'],
        '2': rates['trials, 2 workers'] / rates['garage, 1 core'],
    }
    for n in ('1', '2'):
        print(f'{n} worker(s): {of_raw[n]:.0%} of (a), {of_garage[n]:.1f} times (b)')
    print(f'1 worker by processor time: {cpu:.0%} of (a); wanted: {WANTED:.0%}')
    found = {
        'trials': trials,
        'steps': n_steps,
        'equal': True,
        'wanted_of_raw': WANTED,
        'steps_per_second': {name: round(rate) for name, rate in rates.items()},
        'of_raw': {n: round(x, 3) for n, x in of_raw.items()},
        'of_raw_cpu': round(cpu, 3),
        'of_garage': {n: round(x, 2) for n, x in of_garage.items()},
    }
    print(json.dumps(found))


if __name__ == '__main__':
    main()
