#!/usr/bin/env python3
"""Train garage's MAMLTRPO under a protocol, with the settings of garage's own examples.

python baselines/maml.py --benchmark ml10                              # minutes
python baselines/maml.py --benchmark ml1-push-v3 --protocol paper      # 10 M steps
python baselines/maml.py --benchmark cheetah-dir                       # adapts at step 100 of 200
"""

from typing import Any

from metods_garage.envs import Benchmark
from metods_garage.envs.task_update import EnvWrapper
from metods_garage.experiment import (
    LaunchOptions,
    LedgerSampler,
    MetaAlgorithmEvaluator,
    Protocol,
    ProtocolTrainer,
    find_benchmark,
    launch_options_on,
    open_run,
    refuse_small_budget,
    show_results,
    within_horizon,
)

import akro
import click
import torch
from bundled import (
    OneRolloutEach,
    affordable,
    benchmark_option,
    horizon,
    one_local_worker,
    refuse_devices,
)
from categorical_mlp_policy import CategoricalMLPPolicy
from garage import Environment, EnvSpec
from garage.envs import normalize
from garage.sampler import LocalSampler
from garage.torch.algos import MAMLTRPO
from garage.torch.policies import GaussianMLPPolicy
from garage.torch.policies.stochastic_policy import StochasticPolicy
from garage.torch.value_functions import GaussianMLPValueFunction
from parts_of_episodes import PartEvaluator, PartWorker, adapt_option, find_adaptation

# garage/examples/torch/maml_trpo_metaworld_{ml1_push,ml10,ml45}.py
EXAMPLE = {'discount': 0.99, 'gae_lambda': 1.0, 'inner_lr': 0.1, 'num_grad_updates': 1}
POLICY_SIZES = (100, 100)
VALUE_FUNCTION_SIZES = (32, 32)
META_BATCH = {'ml45': 45}
META_BATCH_ELSEWHERE = 20


def wrapper_of(benchmark_name: str) -> EnvWrapper | None:
    """The wrapper that the example of this benchmark puts around environments."""
    if benchmark_name == 'ml45':
        return lambda env, _task: normalize(env, expected_action_scale=10.0)
    return None


@click.command()
@benchmark_option
@click.option('--meta-batch', type=click.IntRange(min=1), default=None,
              help="Tasks per iteration; by default the example's 20 (ML45: 45), or as many as "
              'leave room for 3 iterations.')  # fmt: skip
@adapt_option
@launch_options_on('{benchmark_name}')
def maml(
    options: LaunchOptions, benchmark_name: str, meta_batch: int | None, adapt_at: int | None
) -> None:
    """Train garage's MAMLTRPO under a protocol."""
    evaluation_processes = options.workers
    options = one_local_worker(options, 'maml')
    refuse_devices(options, 'maml', "garage's MAMLTRPO computes on the CPU only")
    protocol, benchmark = options.protocol, find_benchmark(benchmark_name, options)
    episode_steps = horizon(benchmark, protocol)
    adapt_at = find_adaptation(protocol, episode_steps, adapt_at)
    # Each task is sampled before and after each adaptation.
    steps_per_task = (EXAMPLE['num_grad_updates'] + 1) * protocol.episodes_per_trial * episode_steps
    if adapt_at is not None:
        steps_per_task = episode_steps
    meta_batch = meta_batch or affordable(
        protocol.total_training_steps,
        steps_per_task,
        META_BATCH.get(benchmark_name, META_BATCH_ELSEWHERE),
    )
    refuse_small_budget(options, 'maml', meta_batch * steps_per_task)

    settings = EXAMPLE | {
        'meta_batch': meta_batch,
        'policy_sizes': POLICY_SIZES,
        'value_function_sizes': VALUE_FUNCTION_SIZES,
    }
    if adapt_at is not None:
        settings['adapt_at'] = adapt_at
    with open_run(options, benchmark=benchmark_name, method='maml', settings=settings) as run:
        wrapper = within_horizon(protocol, wrapper_of(benchmark_name))
        trainer = ProtocolTrainer(
            run, _evaluator(benchmark, protocol, wrapper, adapt_at, evaluation_processes)
        )
        if not trainer.restore():
            env = benchmark.example_env(wrapper)
            policy = _policy(env.spec)
            sampler = _sampler(policy, env, episode_steps, options.seed, adapt_at)
            algo = MAMLTRPO(
                env=env,
                policy=policy,
                sampler=LedgerSampler(sampler, trainer.ledger),
                task_sampler=benchmark.train_sampler(wrapper, seed=options.seed),
                value_function=GaussianMLPValueFunction(
                    env_spec=env.spec,
                    hidden_sizes=VALUE_FUNCTION_SIZES,
                    hidden_nonlinearity=torch.tanh,
                    output_nonlinearity=None,
                ),
                meta_batch_size=meta_batch,
                meta_evaluator=None,  # evaluation is the protocol's
                **EXAMPLE,
            )
            trainer.setup(algo, env)
        trainer.train(
            batch_size=protocol.episodes_per_trial * episode_steps,
        )
    show_results(run)


def _policy(env_spec: EnvSpec) -> StochasticPolicy:
    if isinstance(env_spec.action_space, akro.Discrete):
        return CategoricalMLPPolicy(env_spec, POLICY_SIZES)
    return GaussianMLPPolicy(
        env_spec=env_spec,
        hidden_sizes=POLICY_SIZES,
        hidden_nonlinearity=torch.tanh,
        output_nonlinearity=None,
    )


def _sampler(
    policy: StochasticPolicy, env: Environment, episode_steps: int, seed: int, adapt_at: int | None
) -> LocalSampler:
    shared: dict[str, Any] = {
        'agents': policy,
        'envs': env,
        'max_episode_length': episode_steps,
        'n_workers': 1,
        'seed': seed,
    }
    if adapt_at is None:
        return LocalSampler(**shared)
    return OneRolloutEach(worker_class=PartWorker, worker_args={'adapt_at': adapt_at}, **shared)


def _evaluator(
    benchmark: Benchmark,
    protocol: Protocol,
    wrapper: EnvWrapper,
    adapt_at: int | None,
    n_processes: int,
) -> MetaAlgorithmEvaluator:
    if adapt_at is None:
        return MetaAlgorithmEvaluator(benchmark, protocol, wrapper, n_processes=n_processes)
    return PartEvaluator(
        benchmark,
        protocol,
        wrapper,
        worker_class=PartWorker,
        worker_args={'adapt_at': adapt_at},
        n_processes=n_processes,
    )


if __name__ == '__main__':
    maml()
