"""The table of benchmarks: a new one is a file beside this and a line here."""

from collections.abc import Callable
from difflib import get_close_matches
from functools import cache, partial

from metods_garage.envs.ant_dir import AntDirEnv
from metods_garage.envs.bandit import BanditEnv, TwoArms
from metods_garage.envs.benchmark import Benchmark, EvaluationTask
from metods_garage.envs.drawn_tasks import DrawnTasks
from metods_garage.envs.env_maker import EnvMaker
from metods_garage.envs.half_cheetah_dir import HalfCheetahDirEnv
from metods_garage.envs.harlow import HarlowEnv
from metods_garage.envs.maze import MazeEnv
from metods_garage.envs.meta_world import MetaWorldBenchmark

import metaworld

__all__ = ['BENCHMARKS', 'Benchmark', 'EvaluationTask', 'make_benchmark']

_RESTLESS = {'n_arms': 10, 'n_pulls': 100, 'redraw_probability': 0.05}

BENCHMARKS: dict[str, Callable[[str], Benchmark]] = {
    'ant-dir': partial(DrawnTasks, make=EnvMaker(AntDirEnv), n_goals=500),
    'bandit-2': TwoArms,
    **{
        f'bandit-{n_pulls}-{n_arms}': partial(
            DrawnTasks, make=EnvMaker(BanditEnv, {'n_arms': n_arms, 'n_pulls': n_pulls})
        )
        for n_pulls in (10, 100, 500)
        for n_arms in (5, 10, 50)
    },
    'cheetah-dir': partial(DrawnTasks, make=EnvMaker(HalfCheetahDirEnv), n_goals=500),
    'harlow': partial(DrawnTasks, make=EnvMaker(HarlowEnv)),
    **{
        f'maze-{size}': partial(DrawnTasks, make=EnvMaker(MazeEnv, {'size': size}))
        for size in (6, 8, 10, 12, 14)
    },
    'ml10': partial(MetaWorldBenchmark, benchmark_class=metaworld.ML10),
    'ml45': partial(MetaWorldBenchmark, benchmark_class=metaworld.ML45),
    **{
        f'ml1-{task}': partial(MetaWorldBenchmark, benchmark_class=metaworld.ML1, arguments=(task,))
        for task in metaworld.ML1.ENV_NAMES
    },
    'restless': partial(DrawnTasks, make=EnvMaker(BanditEnv, _RESTLESS)),
}


def make_benchmark(name: str, *, accelerated: bool = True) -> Benchmark:
    """The benchmark of a name: the same object each time, as drawing goals takes seconds.

    Args:
        name: One of `BENCHMARKS`: 'harlow', 'maze-8', 'bandit-10-5' (10 pulls of 5 arms), 'ml10',
            'ml1-push-v3', ...
        accelerated: Whether Meta-World's environments are accelerated (`accelerate`), which
            changes nothing but their speed.

    Returns:
        The benchmark. Its goals are drawn when they are first asked for.

    Raises:
        ValueError: If there is no such benchmark.
    """
    if name not in BENCHMARKS:
        raise ValueError(_unknown(name))
    return _accelerated(name) if accelerated else _as_installed(name)


@cache
def _accelerated(name: str) -> Benchmark:
    return BENCHMARKS[name](name)


@cache
def _as_installed(name: str) -> Benchmark:
    return _accelerated(name).as_installed()


def _unknown(name: str) -> str:
    others = [known for known in BENCHMARKS if not known.startswith('ml1-')]
    choices = f'There are {", ".join(others)}, and ml1-<task> for each task of ML1.'
    nearest = get_close_matches(name.lower(), BENCHMARKS, n=3, cutoff=0.5)
    hint = f' Did you mean {" or ".join(nearest)}?' if nearest else ''
    return f'unknown benchmark {name!r}.{hint} {choices}'
