#!/usr/bin/env python3
"""Evaluate a strategy that somebody wrote down, on the instances that trained agents meet.

python baselines/strategies.py --benchmark bandit-10-5 --strategy gittins
python baselines/strategies.py --benchmark maze-8 --strategy oracle --protocol paper
"""

from collections.abc import Callable
from typing import Any

from metods_garage.envs import EnvMaker, EvaluationTask
from metods_garage.envs.strategies import (
    UCB1,
    BestArm,
    GittinsIndex,
    HarlowOptimum,
    Played,
    ShortestPath,
    Strategy,
    ThompsonSampling,
    WinStayLoseShift,
    play,
)
from metods_garage.experiment import (
    Evaluation,
    Evaluator,
    LaunchOptions,
    ProtocolTrainer,
    find_benchmark,
    launch_options_on,
    open_run,
    show_results,
    task_family,
)

import click
from bundled import benchmark_option, one_local_worker, refuse_devices
from garage import EpisodeBatch
from garage.np.algos import MetaRLAlgorithm
from garage.np.policies import Policy
from garage.trainer import Trainer

# By family of tasks; an oracle looks at what is hidden.
STRATEGIES: dict[str, dict[str, Callable[[], Strategy]]] = {
    'harlow': {'oracle': HarlowOptimum},
    'maze': {'oracle': ShortestPath},
    'bandit': {
        'gittins': GittinsIndex,
        'oracle': BestArm,
        'thompson': ThompsonSampling,
        'ucb1': UCB1,
        'win-stay-lose-shift': WinStayLoseShift,
    },
}


class StrategyEvaluator(Evaluator):
    """Plays a strategy on all tasks at once, each from the seed that an agent's trial has."""

    def evaluate(self, algo: Any, tasks: list[EvaluationTask]) -> Evaluation:
        """Play; see `Evaluator.evaluate`.

        Args:
            algo: A `Written`.
            tasks: The tasks, of one kind.

        Returns:
            The rows, in the order of the tasks, and the steps taken.

        """
        make = tasks[0].env_update.env_type
        assert isinstance(make, EnvMaker)
        played = play(
            make.vector(len(tasks)),
            algo.make(),
            tasks=[task.env_update.task for task in tasks],
            seeds=[task.environment_seed for task in tasks],
            seed=self.protocol.evaluation_seed,
            max_steps=self.horizon,
        )
        rows = [_row(task, played, number) for number, task in enumerate(tasks)]
        return Evaluation(rows, int(played.lengths.sum()))

    def _trials(self, algo: MetaRLAlgorithm, tasks: list[EvaluationTask]) -> Any:
        raise NotImplementedError('strategies play all tasks at once: call evaluate')


def _row(task: EvaluationTask, played: Played, number: int) -> dict[str, Any]:
    return {
        'split': task.split,
        'task': task.task,
        'goal': task.goal,
        'episode': 0,
        'phase': 'test',
        'return': float(played.returns[number]),
        'success': '' if played.success is None else int(played.success[number]),
        'length': int(played.lengths[number]),
    }


class Written(MetaRLAlgorithm):
    """A strategy in the place of an algorithm: there is nothing to train.

    Args:
        make (Callable): Makes the strategy.

    """

    def __init__(self, make: Callable[[], Strategy]) -> None:
        self.make = make

    def train(self, trainer: Trainer) -> None:
        """Take no step."""

    def get_exploration_policy(self) -> Policy:
        """There is none."""
        raise NotImplementedError('a strategy is no policy: it plays vector environments')

    def adapt_policy(
        self, exploration_policy: Policy, exploration_episodes: EpisodeBatch
    ) -> Policy:
        """There is none."""
        raise NotImplementedError('a strategy is no policy: it plays vector environments')


def find_strategy(benchmark_name: str, name: str) -> Callable[[], Strategy]:
    """What makes a strategy for a benchmark.

    Args:
        benchmark_name: Name of the benchmark.
        name: Name of the strategy.

    Returns:
        The class of the strategy.

    Raises:
        click.UsageError: If there is none for this benchmark.

    """
    known = STRATEGIES.get(task_family(benchmark_name), {})
    if name not in known:
        others = f'it has {", ".join(known)}' if known else 'nobody wrote one down for it'
        raise click.UsageError(f'there is no strategy {name!r} for {benchmark_name}: {others}')
    return known[name]


@click.command()
@benchmark_option
@click.option(
    '--strategy',
    'name',
    type=click.Choice(sorted({name for known in STRATEGIES.values() for name in known})),
    required=True,
    help='Which one; oracle also in harlow and the mazes.',
)
@launch_options_on('{benchmark_name}')
def strategies(options: LaunchOptions, benchmark_name: str, name: str) -> None:
    """Evaluate a strategy that somebody wrote down."""
    options = one_local_worker(options, 'strategies')
    refuse_devices(options, 'strategies', 'there is no network')
    benchmark = find_benchmark(benchmark_name, options)
    make = find_strategy(benchmark_name, name)
    with open_run(options, benchmark=benchmark_name, method=name, settings={}) as run:
        trainer = ProtocolTrainer(run, StrategyEvaluator(benchmark, options.protocol))
        if not trainer.restore():
            trainer.setup(Written(make), benchmark.example_env())
        trainer.train()
    show_results(run)


if __name__ == '__main__':
    strategies()
