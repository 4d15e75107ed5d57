"""Meta-World's task names from version 1 and 2."""

import functools
from types import ModuleType
from typing import Any

from metods_garage.compat.adjustment import Adjustment


def successor(env_name: str) -> str:
    """The name that Meta-World 3 has for the task `env_name`: 'push-v1' is 'push-v3'."""
    base, _, version = env_name.rpartition('-v')
    return f'{base}-v3' if version in ('1', '2') else env_name


def accept_old_names(metaworld: ModuleType) -> None:
    """Let `ML1` and `MT1` take the '-v1' and '-v2' names of garage's examples."""
    for benchmark in (metaworld.ML1, metaworld.MT1):
        _accept_old_names(benchmark)


def _accept_old_names(benchmark: Any) -> None:
    init = benchmark.__init__

    @functools.wraps(init)
    def __init__(self: Any, env_name: str, *args: Any, **kwargs: Any) -> None:
        init(self, successor(env_name), *args, **kwargs)

    benchmark.__init__ = __init__


ADJUSTMENTS = (
    Adjustment(
        name='metaworld-names',
        module='metaworld',
        apply=accept_old_names,
        reason="Meta-World 3 knows only '-v3' names; garage's examples say '-v1' and '-v2'.",
    ),
)
