"""The process's global random generators, for policies that draw from nothing else."""

import contextlib
import random
from collections.abc import Iterator, Sequence

import numpy as np
import torch


@contextlib.contextmanager
def seeded_global_generators(seeds: Sequence[int]) -> Iterator[None]:
    """Run a block on global generators of Python, NumPy and torch that start from seeds.

    Workers that were forked from one process would else draw the same numbers, and the numbers of
    a trial would depend on what its process did before.

    Args:
        seeds: Seeds of the block, as many as there are.

    Yields:
        Nothing. Afterwards the generators are what they were before.
    """
    python, numpy = random.getstate(), np.random.get_state()  # noqa: NPY002
    # A forked process can not use the GPUs of its parent, and there this says False.
    devices = range(torch.cuda.device_count()) if torch.cuda.is_initialized() else ()
    with torch.random.fork_rng(devices):
        one, two, three = np.random.SeedSequence(list(seeds)).generate_state(3).tolist()
        random.seed(one)
        np.random.seed(two)  # noqa: NPY002
        torch.manual_seed(three)
        try:
            yield
        finally:
            random.setstate(python)
            np.random.set_state(numpy)  # noqa: NPY002
