"""A run's last snapshot, opened to be looked at or evaluated again, and not to be trained."""

import contextlib
import dataclasses
import json
import pathlib
from collections.abc import Iterator
from typing import Any

from metods_garage.experiment.evaluation import Evaluator
from metods_garage.experiment.launch import find_device
from metods_garage.experiment.snapshot import read_snapshot

import click


@dataclasses.dataclass(frozen=True)
class TrainedRun:
    """What a run folder holds of its agent.

    Attributes:
        configuration (dict): Its config.json.
        evaluator (Evaluator): The run's evaluator.
        algo (Any): The algorithm of its last snapshot; its sampler is shut down.
        training_steps (int): Training steps that it had taken.

    """

    configuration: dict[str, Any]
    evaluator: Evaluator
    algo: Any
    training_steps: int

    @property
    def policy(self) -> Any:
        """Any: The algorithm's policy; of a strategy, itself."""
        return getattr(self.algo, 'policy', self.algo)


@contextlib.contextmanager
def open_trained_run(run: pathlib.Path, *, tensorflow: bool = True) -> Iterator[TrainedRun]:
    """Open the last snapshot of a run folder.

    Args:
        run: The folder.
        tensorflow: Whether runs of TensorFlow algorithms are welcome; the session of such a run
            lasts as long as it is open.

    Yields:
        What the folder holds.

    Raises:
        click.ClickException: If a file can't be read, this machine lacks the device that the run
            was trained on, or its networks are TensorFlow's and that is not welcome.

    """
    kept = read_snapshot(run / 'evaluator.bin')
    configuration = read_configuration(run)
    if kept['session'] and not tensorflow:
        raise click.ClickException(
            f'{run} is a run of a TensorFlow algorithm, whose memory is not looked into here: '
            f'choose a run of MetODS'
        )
    _choose_device(run, configuration)
    with _session() if kept['session'] else contextlib.nullcontext():
        saved = read_snapshot(run / 'snapshot.bin')
        sampler = getattr(saved['algo'], '_sampler', None)
        if sampler is not None:
            sampler.shutdown_worker()  # nothing is trained here
        steps = saved['ledger'].training_steps
        yield TrainedRun(configuration, kept['evaluator'], saved['algo'], steps)


def read_configuration(run: pathlib.Path) -> dict[str, Any]:
    """Read a run's config.json.

    Args:
        run: The folder.

    Returns:
        What it says.

    Raises:
        click.ClickException: If it can't be read, or is not a run's.

    """
    try:
        found = dict(json.loads((run / 'config.json').read_text()))
        missing = {'benchmark', 'protocol', 'method', 'seed'} - found.keys()
    except (OSError, ValueError, TypeError) as error:
        raise click.ClickException(f'{run / "config.json"} can not be read: {error}') from None
    if missing:
        raise click.ClickException(f'{run / "config.json"} lacks {", ".join(sorted(missing))}')
    return found


def _choose_device(run: pathlib.Path, configuration: dict[str, Any]) -> None:
    """Have the device at hand that the run was trained on, for its parameters are there."""
    device = configuration.get('execution', {}).get('device', 'cpu')
    try:
        find_device(device)
    except click.UsageError:
        raise click.ClickException(
            f'{run} was trained on {device}, which this machine does not have: open it on one that '
            f'has'
        ) from None
    if device != 'cpu':
        from garage.torch import set_gpu_mode  # PEARL asks it where its tensors are

        set_gpu_mode(True, gpu_id=int(device.partition(':')[2] or 0))


def _session() -> Any:
    import tensorflow as tf

    return tf.compat.v1.Session()
