"""An iteration of the ML10 launcher taken apart, for the benchmarks that time it."""

import functools
import time
from collections.abc import Callable
from typing import Any

from metods_garage.algos import RecurrentPPO
from metods_garage.envs import Benchmark
from metods_garage.experiment.recipes import find_recipe
from metods_garage.experiment.watchful_sampler import WatchfulSampler
from metods_garage.plasticity import fused
from metods_garage.policies import GaussianMetODSPolicy
from metods_garage.samplers import TrialWorker

import torch
from garage.sampler import LocalSampler, RaySampler

_OF_THE_POLICY = (
    'normalize', 'cap', 'alpha_scale', 'alpha_spread', 'init_std', 'learn_std',
    'normalize_observations', 'scale_rewards',
)  # fmt: skip

#: --sampler -> garage's sampler
SAMPLERS = {'local': LocalSampler, 'multiprocessing': WatchfulSampler, 'ray': RaySampler}


class Stopwatch:
    """Seconds by name, of each without those that were measured inside it."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._inner = [0.0]

    def wrap(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """`function`, measured under a name whenever it is called."""

        @functools.wraps(function)
        def measured(*args: Any, **kwargs: Any) -> Any:
            self._inner.append(0.0)
            start = time.perf_counter()
            try:
                return function(*args, **kwargs)
            finally:
                total = time.perf_counter() - start
                own = total - self._inner.pop()
                self._inner[-1] += total
                self.seconds[name] = self.seconds.get(name, 0.0) + own

        return measured


def measure(algo: RecurrentPPO, watch: Stopwatch) -> None:
    """Put the watch on the parts of an iteration."""
    algo._sample_trials = watch.wrap('sampling', algo._sample_trials)
    algo._targets = watch.wrap('targets', algo._targets)
    algo._replay = watch.wrap('losses', algo._replay)
    algo.policy.forward = watch.wrap('embedding and heads, forward', algo.policy.forward)
    algo._train_once = watch.wrap('logging, statistics and the rest', algo._train_once)
    algo._optimizer.step = watch.wrap('optimizer', algo._optimizer.step)
    torch.Tensor.backward = watch.wrap('embedding and heads, backward', torch.Tensor.backward)
    problem = fused._Problem
    problem.forward = watch.wrap('rule, forward', problem.forward)
    problem.backward = watch.wrap('rule, backward', problem.backward)


def ml10_ppo(
    benchmark: Benchmark, wrapper: Any, *, episodes: int, sampler: str, workers: int, epochs: int
) -> RecurrentPPO:
    """Recurrent PPO of MetODS with the settings of `launchers/ml10_metods.py`."""
    env, recipe = benchmark.example_env(wrapper), find_recipe('ml10')
    torch.manual_seed(0)
    policy = GaussianMetODSPolicy(
        env.spec,
        n_neurons=recipe['neurons'],
        n_inner_steps=recipe['inner_steps'],
        **{name: recipe[name] for name in _OF_THE_POLICY},
    )
    trials = SAMPLERS[sampler](
        agents=policy, envs=env, max_episode_length=env.spec.max_episode_length,
        n_workers=1 if sampler == 'local' else workers, seed=1, worker_class=TrialWorker,
        worker_args={'episodes_per_trial': episodes},
    )  # fmt: skip
    return RecurrentPPO(
        policy, trials, benchmark.train_sampler(wrapper, seed=1),
        meta_batch_size=recipe['meta_batch'], episodes_per_trial=episodes, n_epochs=epochs,
        n_minibatches=recipe['minibatches'], learning_rate=recipe['learning_rate'],
        learning_rate_factors={'alpha': recipe['alpha_rate'], 'beta': recipe['beta_rate']},
        entropy_coeff=recipe['entropy'], value_coeff=recipe['value'],
        discount=recipe['discount'], gae_lambda=recipe['gae_lambda'],
        gradient_steps=recipe['gradient_steps'],
    )  # fmt: skip
