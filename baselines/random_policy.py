#!/usr/bin/env python3
"""Evaluate uniformly random actions under a protocol: the floor of every comparison.

python baselines/random_policy.py --benchmark ml10
"""

from typing import Any

from metods_garage.experiment import (
    LaunchOptions,
    MetaAlgorithmEvaluator,
    ProtocolTrainer,
    find_benchmark,
    launch_options_on,
    open_run,
    show_results,
    within_horizon,
)

import akro
import click
import numpy as np
from bundled import benchmark_option, one_local_worker, refuse_devices
from garage import EnvSpec, EpisodeBatch
from garage.np.algos import MetaRLAlgorithm
from garage.np.policies import Policy
from garage.trainer import Trainer


class UniformPolicy(Policy):
    """Actions drawn uniformly from the whole action space.

    They come from NumPy's global generator, which the evaluator seeds for each trial: a trial has
    the same actions whenever it is evaluated.

    Args:
        env_spec (EnvSpec): Specification of the environment, with Box or Discrete actions.

    """

    def __init__(self, env_spec: EnvSpec) -> None:
        self._env_spec = env_spec

    @property
    def env_spec(self) -> EnvSpec:
        """EnvSpec: Specification of the environment."""
        return self._env_spec

    def get_action(self, observation: np.ndarray) -> tuple[Any, dict[str, Any]]:
        """Draw one action [A], or the number of one."""
        space = self._env_spec.action_space
        if isinstance(space, akro.Discrete):
            return int(np.random.randint(space.n)), {}  # noqa: NPY002 - seeded per trial
        return np.random.uniform(space.low, space.high), {}  # noqa: NPY002 - seeded per trial

    def get_actions(self, observations: np.ndarray) -> tuple[np.ndarray, dict[str, Any]]:
        """Draw one action per observation, [B, A]."""
        return np.stack([self.get_action(observation)[0] for observation in observations]), {}


class RandomMetaRL(MetaRLAlgorithm):
    """A meta-RL algorithm that learns nothing and adapts to nothing.

    Args:
        policy (Policy): The policy that it always has.

    """

    def __init__(self, policy: Policy) -> None:
        self.policy = policy

    def train(self, trainer: Trainer) -> None:
        """Take no step."""

    def get_exploration_policy(self) -> Policy:
        """The policy."""
        return self.policy

    def adapt_policy(
        self, exploration_policy: Policy, exploration_episodes: EpisodeBatch
    ) -> Policy:
        """The policy, whatever it has seen."""
        return exploration_policy


@click.command()
@benchmark_option
@launch_options_on('{benchmark_name}')
def random_policy(options: LaunchOptions, benchmark_name: str) -> None:
    """Evaluate uniformly random actions under a protocol."""
    options = one_local_worker(options, 'random_policy')
    refuse_devices(options, 'random_policy', 'there is nothing to compute')
    protocol, benchmark = options.protocol, find_benchmark(benchmark_name, options)
    with open_run(options, benchmark=benchmark_name, method='random_policy', settings={}) as run:
        wrapper = within_horizon(protocol)
        trainer = ProtocolTrainer(run, MetaAlgorithmEvaluator(benchmark, protocol, wrapper))
        if not trainer.restore():
            env = benchmark.example_env(wrapper)
            trainer.setup(RandomMetaRL(UniformPolicy(env.spec)), env)
        trainer.train()
    show_results(run)


if __name__ == '__main__':
    random_policy()
