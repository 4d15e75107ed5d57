#!/usr/bin/env python3
"""Train garage's RL2PPO (TensorFlow) under a protocol, with the settings of garage's examples.

pip install "metods_garage[rl2]"
python baselines/rl2.py --benchmark ml10                              # minutes
python baselines/rl2.py --benchmark ml1-push-v3 --protocol paper      # 10 M steps
"""

import contextlib
import io

from metods_garage.experiment import (
    LaunchOptions,
    LedgerSampler,
    MetaAlgorithmEvaluator,
    find_benchmark,
    launch_options_on,
    open_run,
    refuse_small_budget,
    show_results,
    task_family,
    within_horizon,
)

import akro
import click
from bundled import (
    OneRolloutEach,
    affordable,
    benchmark_option,
    horizon,
    one_local_worker,
    refuse_devices,
)
from garage import EpisodeBatch
from garage.np.baselines import LinearFeatureBaseline

try:
    from metods_garage.experiment.tf_trainer import ProtocolTFTrainer

    from garage.tf.algos import RL2PPO
    from garage.tf.algos.rl2 import RL2Env, RL2Worker
    from garage.tf.policies import CategoricalGRUPolicy, GaussianGRUPolicy
except ImportError as error:
    reason = str(error).splitlines()[0]
    raise SystemExit(
        f'rl2 of garage needs TensorFlow, which can not be imported ({reason}): '
        f'pip install "metods_garage[rl2]"'
    ) from None

# garage/examples/tf/rl2_ppo_metaworld_{ml1_push,ml10,ml45}.py
EXAMPLE = {
    'discount': 0.99,
    'gae_lambda': 0.95,
    'lr_clip_range': 0.2,
    'optimizer_args': {'batch_size': 32, 'max_optimization_epochs': 10},
    'stop_entropy_gradient': True,
    'entropy_method': 'max',
    'policy_ent_coeff': 0.02,
    'center_adv': False,
}
HIDDEN_SIZE = 64
META_BATCH = {'ml45': 45}
META_BATCH_ELSEWHERE = 10
# The papers' tasks have short trials: an iteration is to have thousands of steps here too.
META_BATCH_BY_FAMILY = {'harlow': 50, 'maze': 50, 'bandit': 100, 'direction': 20}


def meta_batch_of(benchmark_name: str) -> int:
    """Trials per iteration where the budget holds a few such iterations."""
    family = META_BATCH_BY_FAMILY.get(task_family(benchmark_name), META_BATCH_ELSEWHERE)
    return META_BATCH.get(benchmark_name, family)


class QuietRL2PPO(RL2PPO):
    """RL2PPO without the progress bar that its optimizer prints for each pass over the data."""

    def train_once(self, itr: int, episodes: EpisodeBatch) -> float:
        """Perform one step of policy optimization; see `garage.tf.algos.rl2.RL2`."""
        with contextlib.redirect_stdout(io.StringIO()):
            return super().train_once(itr, episodes)


@click.command()
@benchmark_option
@click.option('--meta-batch', type=click.IntRange(min=1), default=None,
              help="Trials per iteration; by default the example's 10 (ML45: 45; the papers' own "
              'tasks: 20 to 100), or as many as leave room for 3 iterations.')  # fmt: skip
@launch_options_on('{benchmark_name}')
def rl2(options: LaunchOptions, benchmark_name: str, meta_batch: int | None) -> None:
    """Train garage's RL2PPO under a protocol."""
    options = one_local_worker(options, 'rl2')
    refuse_devices(options, 'rl2', "garage's TensorFlow is left on the CPU")
    protocol, benchmark = options.protocol, find_benchmark(benchmark_name, options)
    episode_steps = horizon(benchmark, protocol)
    trial_steps = protocol.episodes_per_trial * episode_steps
    meta_batch = meta_batch or affordable(
        protocol.total_training_steps,
        trial_steps,
        meta_batch_of(benchmark_name),
    )
    iteration_steps = meta_batch * trial_steps
    refuse_small_budget(options, 'rl2', iteration_steps)

    settings = EXAMPLE | {'meta_batch': meta_batch, 'hidden_size': HIDDEN_SIZE}
    with open_run(options, benchmark=benchmark_name, method='rl2', settings=settings) as run:
        wrapper = within_horizon(protocol, lambda env, _task: RL2Env(env))
        evaluator = MetaAlgorithmEvaluator(benchmark, protocol, wrapper)
        with ProtocolTFTrainer(run, evaluator) as trainer:
            if not trainer.restore():
                task_sampler = benchmark.train_sampler(wrapper, seed=options.seed)
                envs = task_sampler.sample(meta_batch)
                env_spec = envs[0]().spec
                discrete = isinstance(env_spec.action_space, akro.Discrete)
                policy_class = CategoricalGRUPolicy if discrete else GaussianGRUPolicy
                policy = policy_class(
                    name='policy',
                    hidden_dim=HIDDEN_SIZE,
                    env_spec=env_spec,
                    state_include_action=False,
                )
                # One worker per trial: RL2 tells trials apart by their workers' numbers.
                sampler = OneRolloutEach(
                    agents=policy,
                    envs=envs,
                    max_episode_length=episode_steps,
                    is_tf_worker=True,
                    n_workers=meta_batch,
                    seed=options.seed,
                    worker_class=RL2Worker,
                    worker_args={'n_episodes_per_trial': protocol.episodes_per_trial},
                )
                algo = QuietRL2PPO(
                    meta_batch_size=meta_batch,
                    task_sampler=task_sampler,
                    env_spec=env_spec,
                    policy=policy,
                    baseline=LinearFeatureBaseline(env_spec=env_spec),
                    sampler=LedgerSampler(sampler, trainer.ledger),
                    episodes_per_trial=protocol.episodes_per_trial,
                    meta_evaluator=None,  # evaluation is the protocol's
                    **EXAMPLE,
                )
                trainer.setup(algo, envs)
            trainer.train(batch_size=iteration_steps)
    show_results(run)


if __name__ == '__main__':
    rl2()
