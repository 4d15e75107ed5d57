"""The table of benchmarks: a new one is a file beside this and a line here."""

from collections.abc import Callable
from difflib import get_close_matches
from functools import cache, partial

from metods_garage.envs.bandit import BanditBenchmark
from metods_garage.envs.benchmark import Benchmark, EvaluationTask
from metods_garage.envs.meta_world import MetaWorldBenchmark

import metaworld

__all__ = ['BENCHMARKS', 'Benchmark', 'EvaluationTask', 'make_benchmark']

BENCHMARKS: dict[str, Callable[[str], Benchmark]] = {
    'bandit-2': BanditBenchmark,
    'ml10': partial(MetaWorldBenchmark, make=metaworld.ML10),
    'ml45': partial(MetaWorldBenchmark, make=metaworld.ML45),
    **{
        f'ml1-{task}': partial(MetaWorldBenchmark, make=partial(metaworld.ML1, task))
        for task in metaworld.ML1.ENV_NAMES
    },
}


@cache
def make_benchmark(name: str) -> Benchmark:
    """The benchmark of a name: the same object each time, as drawing goals takes seconds.

    Args:
        name: One of `BENCHMARKS`: 'bandit-2', 'ml10', 'ml45', 'ml1-push-v3', ...

    Returns:
        The benchmark. Its goals are drawn when they are first asked for.

    Raises:
        ValueError: If there is no such benchmark.
    """
    if name not in BENCHMARKS:
        raise ValueError(_unknown(name))
    return BENCHMARKS[name](name)


def _unknown(name: str) -> str:
    others = [known for known in BENCHMARKS if not known.startswith('ml1-')]
    choices = f'There are {", ".join(others)}, and ml1-<task> for each task of ML1.'
    nearest = get_close_matches(name.lower(), BENCHMARKS, n=3, cutoff=0.5)
    hint = f' Did you mean {" or ".join(nearest)}?' if nearest else ''
    return f'unknown benchmark {name!r}.{hint} {choices}'
