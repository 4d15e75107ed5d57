"""The state of every global random generator: captured, restored, and kept from evaluation."""

import contextlib
import random
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch


def capture_random_state() -> dict[str, Any]:
    """Capture the global generators of Python, NumPy and torch, GPUs included.

    Returns:
        Their states, for `restore_random_state`. What TensorFlow's operations draw from lives
        inside its session and can't be captured.

    """
    return {
        'python': random.getstate(),
        'numpy': np.random.get_state(),  # noqa: NPY002
        'torch': torch.get_rng_state(),
        'cuda': torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [],
    }


def restore_random_state(state: dict[str, Any]) -> None:
    """Put captured states back.

    Args:
        state: What `capture_random_state` returned.

    """
    random.setstate(state['python'])
    np.random.set_state(state['numpy'])  # noqa: NPY002
    torch.set_rng_state(state['torch'])
    if state['cuda'] and torch.cuda.is_available():
        torch.cuda.set_rng_state_all(state['cuda'])


@contextlib.contextmanager
def preserved_random_state(seed: int) -> Iterator[None]:
    """Run a block on generators of its own, and leave the global ones as they were.

    Args:
        seed: Seed of the block.

    Yields:
        Nothing.

    """
    state = capture_random_state()
    seeds = _garage_seeds()
    random.seed(seed)
    np.random.seed(seed % 2**32)  # noqa: NPY002
    torch.manual_seed(seed)
    try:
        yield
    finally:
        restore_random_state(state)
        _restore_garage_seeds(seeds)


def _garage_seeds() -> dict[str, Any]:
    # A garage worker seeds the whole process when it is constructed, and garage remembers that.
    module = sys.modules.get('garage.experiment.deterministic')
    return {name: getattr(module, name) for name in ('seed_', 'seed_stream_')} if module else {}


def _restore_garage_seeds(seeds: dict[str, Any]) -> None:
    for name, value in seeds.items():
        setattr(sys.modules['garage.experiment.deterministic'], name, value)
