"""What garage's bundled algorithms need to keep to a protocol, whichever of them it is."""

import dataclasses
from typing import Any

from metods_garage.envs import Benchmark
from metods_garage.experiment import LaunchOptions, Protocol, find_benchmark

import akro
import click
from click.core import ParameterSource
from garage import EpisodeBatch
from garage.sampler import LocalSampler

# Where the budget does not hold this many iterations of the examples' size, they become smaller.
ITERATIONS_AT_LEAST = 3

benchmark_option = click.option(
    '--benchmark', 'benchmark_name', default='ml10', show_default=True,
    help='ml10, ml45, ml1-push-v3 (any task of ML1), cheetah-dir, ant-dir; with discrete actions '
    'harlow, maze-8 (6 to 14), bandit-10-5 (pulls and arms), restless, bandit-2.',
)  # fmt: skip


def horizon(benchmark: Benchmark, protocol: Protocol) -> int:
    """Steps of an episode."""
    return protocol.horizon or benchmark.horizon


def affordable(budget: int, steps_each: int, wanted: int) -> int:
    """How many parts one iteration has, so that the budget holds a few iterations.

    Args:
        budget: Training steps of the protocol.
        steps_each: Training steps that each part takes (a task, a trial).
        wanted: Parts of an iteration in garage's example.

    Returns:
        `wanted`, or fewer (at least 1).

    """
    return max(1, min(wanted, budget // (ITERATIONS_AT_LEAST * steps_each)))


def refuse_devices(options: LaunchOptions, method: str, reason: str) -> None:
    """Refuse every device but the CPU.

    Args:
        options: The shared options.
        method: Name of the method.
        reason: Why the method computes nowhere else.

    Raises:
        click.UsageError: If another device is asked for.

    """
    if options.device != 'cpu':
        raise click.UsageError(
            f'--device {options.device} is not possible for {method}: {reason}; leave it out'
        )


def refuse_discrete_actions(
    options: LaunchOptions, benchmark_name: str, method: str, reason: str
) -> None:
    """Refuse benchmarks with discrete actions.

    Args:
        options: The shared options.
        benchmark_name: Name of the benchmark.
        method: Name of the method.
        reason: Why the method has no discrete actions.

    Raises:
        click.UsageError: If the benchmark has discrete actions.

    """
    if isinstance(
        find_benchmark(benchmark_name, options).example_env().action_space, akro.Discrete
    ):
        raise click.UsageError(
            f'{benchmark_name} has discrete actions, which {method} can not take: {reason}; '
            f'elman, maml, rl2, rl2_torch and random_policy can'
        )


def one_local_worker(options: LaunchOptions, method: str) -> LaunchOptions:
    """The options with garage's LocalSampler in this process, whatever the number of cores.

    The bundled algorithms ask for a number of steps (`obtain_samples`). Parallel samplers answer
    with the first workers that deliver it and throw away what the others took meanwhile: steps
    that nobody could count.

    Args:
        options: The shared options.
        method: Name of the method.

    Returns:
        The options for one local worker.

    Raises:
        click.UsageError: If the command line asks for another sampler or for more workers.

    """
    source = click.get_current_context().get_parameter_source
    for name, value, only in (
        ('sampler', options.sampler, 'local'),
        ('workers', options.workers, 1),
    ):
        if source(name) == ParameterSource.COMMANDLINE and value != only:
            raise click.UsageError(
                f'--{name} {value} is not possible for {method}: garage samples for it with a '
                f'LocalSampler in one process, so that no step goes uncounted; leave it out'
            )
    return dataclasses.replace(options, sampler='local', workers=1)


class OneRolloutEach(LocalSampler):
    """Takes one rollout of each worker, however short episodes are.

    RL2 asks for as many steps as one trial of each worker has at most. A sampler that goes on until
    it has them gives a worker a second trial where episodes ended early, and RL2 takes both for
    one.
    """

    def obtain_samples(
        self, itr: int, num_samples: int, agent_update: Any, env_update: Any = None
    ) -> EpisodeBatch:
        """One rollout of each worker; see `garage.sampler.LocalSampler`."""
        return self.obtain_exact_episodes(1, agent_update, env_update)
