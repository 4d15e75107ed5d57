#!/usr/bin/env python3
"""Train garage's MAMLTRPO under a protocol, with the settings of garage's own examples.

python baselines/maml.py --benchmark ml10                              # minutes
python baselines/maml.py --benchmark ml1-push-v3 --protocol paper      # 10 M steps
"""

from metods_garage.envs.task_update import EnvWrapper
from metods_garage.experiment import (
    LaunchOptions,
    LedgerSampler,
    MetaAlgorithmEvaluator,
    ProtocolTrainer,
    find_benchmark,
    launch_options_on,
    open_run,
    refuse_small_budget,
    show_results,
    within_horizon,
)

import click
import torch
from bundled import (
    affordable,
    benchmark_option,
    horizon,
    one_local_worker,
    refuse_devices,
    refuse_discrete_actions,
)
from garage.envs import normalize
from garage.sampler import LocalSampler
from garage.torch.algos import MAMLTRPO
from garage.torch.policies import GaussianMLPPolicy
from garage.torch.value_functions import GaussianMLPValueFunction

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
@launch_options_on('{benchmark_name}')
def maml(options: LaunchOptions, benchmark_name: str, meta_batch: int | None) -> None:
    """Train garage's MAMLTRPO under a protocol."""
    options = one_local_worker(options, 'maml')
    refuse_devices(options, 'maml', "garage's MAMLTRPO computes on the CPU only")
    refuse_discrete_actions(
        options, benchmark_name, 'maml', 'garage has no categorical policy in torch'
    )
    protocol, benchmark = options.protocol, find_benchmark(benchmark_name, options)
    episode_steps = horizon(benchmark, protocol)
    # Each task is sampled before and after each adaptation.
    steps_per_task = (EXAMPLE['num_grad_updates'] + 1) * protocol.episodes_per_trial * episode_steps
    meta_batch = meta_batch or affordable(
        protocol.total_training_steps,
        steps_per_task,
        META_BATCH.get(benchmark_name, META_BATCH_ELSEWHERE),
    )
    iteration_steps = meta_batch * steps_per_task
    refuse_small_budget(options, 'maml', iteration_steps)

    settings = EXAMPLE | {
        'meta_batch': meta_batch,
        'policy_sizes': POLICY_SIZES,
        'value_function_sizes': VALUE_FUNCTION_SIZES,
    }
    with open_run(options, benchmark=benchmark_name, method='maml', settings=settings) as run:
        wrapper = within_horizon(protocol, wrapper_of(benchmark_name))
        trainer = ProtocolTrainer(run, MetaAlgorithmEvaluator(benchmark, protocol, wrapper))
        if not trainer.restore():
            env = benchmark.example_env(wrapper)
            policy = GaussianMLPPolicy(
                env_spec=env.spec,
                hidden_sizes=POLICY_SIZES,
                hidden_nonlinearity=torch.tanh,
                output_nonlinearity=None,
            )
            value_function = GaussianMLPValueFunction(
                env_spec=env.spec,
                hidden_sizes=VALUE_FUNCTION_SIZES,
                hidden_nonlinearity=torch.tanh,
                output_nonlinearity=None,
            )
            sampler = LocalSampler(
                agents=policy,
                envs=env,
                max_episode_length=episode_steps,
                n_workers=1,
                seed=options.seed,
            )
            algo = MAMLTRPO(
                env=env,
                policy=policy,
                sampler=LedgerSampler(sampler, trainer.ledger),
                task_sampler=benchmark.train_sampler(wrapper, seed=options.seed),
                value_function=value_function,
                meta_batch_size=meta_batch,
                meta_evaluator=None,  # evaluation is the protocol's
                **EXAMPLE,
            )
            trainer.setup(algo, env)
        trainer.train(
            batch_size=protocol.episodes_per_trial * episode_steps,
        )
    show_results(run)


if __name__ == '__main__':
    maml()
