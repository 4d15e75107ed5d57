#!/usr/bin/env python3
"""Train garage's PEARL under a protocol, with the settings of garage's own examples.

python baselines/pearl.py --benchmark ml10                              # minutes
python baselines/pearl.py --benchmark ml1-push-v3 --protocol paper      # 10 M steps, days
"""

import dataclasses

from metods_garage.envs import Benchmark
from metods_garage.envs.task_update import EnvWrapper
from metods_garage.experiment import (
    LaunchOptions,
    LedgerSampler,
    MetaAlgorithmEvaluator,
    Protocol,
    find_benchmark,
    launch_options_on,
    open_run,
    refuse_small_budget,
    show_results,
    within_horizon,
)

import click
from bundled import (
    ITERATIONS_AT_LEAST,
    affordable,
    benchmark_option,
    horizon,
    one_local_worker,
    refuse_discrete_actions,
)
from garage import EpisodeBatch
from garage.envs import normalize
from garage.sampler import LocalSampler
from garage.torch import set_gpu_mode
from garage.torch.algos import PEARL
from garage.torch.algos.pearl import PEARLWorker
from garage.torch.embeddings import MLPEncoder
from garage.torch.policies import ContextConditionedPolicy, TanhGaussianMLPPolicy
from garage.torch.q_functions import ContinuousMLPQFunction
from parts_of_episodes import PartEvaluator, PartWorker, adapt_option, find_adaptation
from pearl_log import PEARLTrainer, ReportingPEARL

# garage/examples/torch/pearl_metaworld_{ml1_push,ml10,ml45}.py
BATCH_SIZE = 256
EXAMPLE = {
    'meta_batch_size': 16,
    'batch_size': BATCH_SIZE,
    'embedding_batch_size': 64,
    'embedding_mini_batch_size': 64,
    'reward_scale': 10.0,
}
TRAIN_TASKS = {'ml10': 10, 'ml45': 45}
TRAIN_TASKS_ELSEWHERE = 50
LATENT_SIZE = 7
ENCODER_SIZES = (200, 200, 200)
NETWORK_SIZES = [300, 300, 300]


@dataclasses.dataclass(frozen=True)
class Sizes:
    """How much PEARL samples and computes per iteration, in the names of garage's PEARL."""

    num_train_tasks: int
    num_initial_steps: int
    num_tasks_sample: int
    num_steps_prior: int
    num_extra_rl_steps_posterior: int
    num_steps_per_epoch: int

    def warm_up(self, episode_steps: int) -> int:
        """Training steps before the first iteration."""
        return self.num_train_tasks * _whole_episodes(self.num_initial_steps, episode_steps)

    def iteration(self, episode_steps: int) -> int:
        """Training steps of one iteration."""
        return self.num_tasks_sample * (
            _whole_episodes(self.num_steps_prior, episode_steps)
            + _whole_episodes(self.num_extra_rl_steps_posterior, episode_steps)
        )


def choose_sizes(benchmark_name: str, protocol: Protocol, episode_steps: int) -> Sizes:
    """The example's sizes where the budget holds a few such iterations, else small ones.

    Args:
        benchmark_name: Name of the benchmark.
        protocol: The protocol.
        episode_steps: Steps of an episode.

    Returns:
        The sizes.

    """
    tasks = TRAIN_TASKS.get(benchmark_name, TRAIN_TASKS_ELSEWHERE)
    example = Sizes(
        num_train_tasks=tasks,
        num_initial_steps=4000,
        num_tasks_sample=15,
        num_steps_prior=750,
        num_extra_rl_steps_posterior=750,
        num_steps_per_epoch=4000,
    )
    budget = protocol.total_training_steps
    wanted = example.warm_up(episode_steps) + ITERATIONS_AT_LEAST * example.iteration(episode_steps)
    if budget >= wanted:
        return example
    return Sizes(
        num_train_tasks=affordable(budget, 2 * episode_steps, min(tasks, 10)),
        num_initial_steps=2 * episode_steps,
        num_tasks_sample=affordable(budget, 2 * episode_steps, 5),
        num_steps_prior=episode_steps,
        num_extra_rl_steps_posterior=episode_steps,
        num_steps_per_epoch=50 if episode_steps >= 100 else 5,
    )


def _whole_episodes(steps: int, episode_steps: int) -> int:
    # A sampler delivers whole episodes: 750 steps are 2 episodes of 500.
    return -(-steps // episode_steps) * episode_steps


class PEARLPartWorker(PartWorker, PEARLWorker):
    """Draws z anew for each part of an episode: from the prior, then from the posterior."""

    def rollout(self) -> EpisodeBatch:
        """Collect the next part; see `PartWorker`."""
        self.agent.sample_from_belief()
        return super().rollout()


class NoEvaluation:
    """In the place of PEARL's own evaluator: evaluation is the protocol's."""

    def evaluate(self, algo: PEARL) -> None:
        """Do nothing."""


@click.command()
@benchmark_option
@adapt_option
@launch_options_on('{benchmark_name}')
def pearl(options: LaunchOptions, benchmark_name: str, adapt_at: int | None) -> None:
    """Train garage's PEARL under a protocol."""
    evaluation_processes = options.workers
    options = one_local_worker(options, 'pearl')
    refuse_discrete_actions(options, benchmark_name, 'pearl', 'its actor is a squashed Gaussian')
    protocol, benchmark = options.protocol, find_benchmark(benchmark_name, options)
    episode_steps = horizon(benchmark, protocol)
    adapt_at = find_adaptation(protocol, episode_steps, adapt_at)
    sizes = choose_sizes(benchmark_name, protocol, episode_steps)
    first_iteration = sizes.warm_up(episode_steps) + sizes.iteration(episode_steps)
    refuse_small_budget(options, 'pearl', first_iteration)

    set_gpu_mode(
        options.device.startswith('cuda'), gpu_id=int(options.device.partition(':')[2] or 0)
    )
    settings = EXAMPLE | dataclasses.asdict(sizes)
    settings |= {
        'latent_size': LATENT_SIZE,
        'encoder_sizes': ENCODER_SIZES,
        'network_sizes': NETWORK_SIZES,
    }
    if adapt_at is not None:
        settings['adapt_at'] = adapt_at
    with open_run(options, benchmark=benchmark_name, method='pearl', settings=settings) as run:
        wrapper = within_horizon(protocol, lambda env, _task: normalize(env))
        evaluator = _evaluator(benchmark, protocol, wrapper, adapt_at, evaluation_processes)
        trainer = PEARLTrainer(run, evaluator)
        if not trainer.restore():
            task_sampler = benchmark.train_sampler(wrapper, seed=options.seed)
            tasks = task_sampler.sample(sizes.num_train_tasks)
            env = tasks[0]()
            augmented_env = PEARL.augment_env_spec(env.spec, LATENT_SIZE)
            sampler = LocalSampler(
                agents=None,
                envs=env,
                max_episode_length=episode_steps,
                n_workers=1,
                seed=options.seed,
                worker_class=PEARLWorker,
            )
            algo = ReportingPEARL(
                env=tasks,
                inner_policy=TanhGaussianMLPPolicy(augmented_env, hidden_sizes=NETWORK_SIZES),
                qf=ContinuousMLPQFunction(augmented_env, hidden_sizes=NETWORK_SIZES),
                vf=ContinuousMLPQFunction(
                    PEARL.get_env_spec(env.spec, LATENT_SIZE, 'vf'), hidden_sizes=NETWORK_SIZES
                ),
                sampler=LedgerSampler(sampler, trainer.ledger),
                test_env_sampler=task_sampler,
                num_test_tasks=1,
                policy_class=ContextConditionedPolicy,
                encoder_class=MLPEncoder,
                latent_dim=LATENT_SIZE,
                encoder_hidden_sizes=ENCODER_SIZES,
                **dataclasses.asdict(sizes),
                **EXAMPLE,
            )
            algo._evaluator = NoEvaluation()
            algo.to()
            trainer.setup(algo, env)
        trainer.train(batch_size=BATCH_SIZE)
    show_results(run)


def _evaluator(
    benchmark: Benchmark,
    protocol: Protocol,
    wrapper: EnvWrapper,
    adapt_at: int | None,
    n_processes: int,
) -> MetaAlgorithmEvaluator:
    worker_args = {'deterministic': not protocol.sampled_actions, 'accum_context': True}
    if adapt_at is None:
        return MetaAlgorithmEvaluator(
            benchmark,
            protocol,
            wrapper,
            worker_class=PEARLWorker,
            worker_args=worker_args,
            n_processes=n_processes,
        )
    return PartEvaluator(
        benchmark,
        protocol,
        wrapper,
        worker_class=PEARLPartWorker,
        worker_args=worker_args | {'adapt_at': adapt_at},
        n_processes=n_processes,
    )


if __name__ == '__main__':
    pearl()
