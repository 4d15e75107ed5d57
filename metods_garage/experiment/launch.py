"""What every launcher and baseline shares: options, samplers, and how a run ends."""

import contextlib
import dataclasses
import errno
import functools
import os
import pathlib
import re
from collections.abc import Callable, Iterator
from typing import Any

from metods_garage.envs import Benchmark, make_benchmark
from metods_garage.experiment.configuration import RunConfiguration, command
from metods_garage.experiment.interruption import (
    Interrupted,
    end_worker_processes,
    interruptible,
)
from metods_garage.experiment.protocol import Protocol
from metods_garage.experiment.run_folder import RunFolder, default_run_dir
from metods_garage.experiment.task_protocols import find_protocol
from metods_garage.experiment.watchful_sampler import WatchfulSampler, WorkerFailed

import click
import torch
from garage.sampler import LocalSampler, Sampler

SAMPLERS = ('local', 'multiprocessing', 'ray')


@dataclasses.dataclass(frozen=True)
class LaunchOptions:
    """The options that every launcher and baseline takes.

    Attributes:
        protocol (Protocol): Budget and evaluation.
        seed (int): Seed of training.
        device (str): 'cpu', 'cuda' or 'cuda:<n>'.
        sampler (str): 'local', 'multiprocessing' or 'ray'.
        workers (int): Workers that sample.
        ray_address (str or None): Address of a Ray cluster; None starts one on this machine.
        run_dir (pathlib.Path or None): The run's folder; None is its default below `runs`.
        resume (bool): Whether to go on with the run in that folder.
        overwrite (bool): Whether to replace the run in that folder.
        verbose (bool): Whether to print every iteration's table.
        accelerate (bool): Whether Meta-World's environments are accelerated.

    """

    protocol: Protocol
    seed: int = 1
    device: str = 'cpu'
    sampler: str = 'local'
    workers: int = 1
    ray_address: str | None = None
    run_dir: pathlib.Path | None = None
    resume: bool = False
    overwrite: bool = False
    verbose: bool = False
    accelerate: bool = True

    def as_execution(self) -> dict[str, Any]:
        """How the run is computed, as plain data."""
        return {
            'device': self.device,
            'sampler': self.sampler,
            'workers': self.workers,
            'accelerate': self.accelerate,
        }

    def sampler_class(self) -> type[Sampler]:
        """The sampler of garage that `--sampler` asks for, ready to be constructed."""
        if self.sampler == 'multiprocessing':
            return WatchfulSampler
        if self.sampler == 'ray':
            return _ray_sampler(self.ray_address)
        return LocalSampler


_OPTIONS = (
    click.option(
        '--protocol',
        'protocol_name',
        default='quick',
        show_default=True,
        help='Budget and evaluation: paper, quick, smoke; on Meta-World also pilot.',
    ),
    click.option(
        '--total-steps',
        type=click.IntRange(min=0),
        default=None,
        help="Training steps, in place of the protocol's; the protocol is then recorded "
        'under a name of its own.',
    ),
    click.option(
        '--evaluate-every',
        type=click.IntRange(min=1),
        default=None,
        help="Training steps between two evaluations, in place of the protocol's.",
    ),
    click.option(
        '--seed',
        type=click.IntRange(0, 2**31),
        default=1,
        show_default=True,
        help='Seed of training.',
    ),
    click.option(
        '--device',
        default='cpu',
        show_default=True,
        help='Where networks are trained: cpu, cuda, cuda:1, ...',
    ),
    click.option(
        '--sampler',
        type=click.Choice(SAMPLERS),
        default=None,
        help='Sampler of garage; by default local for 1 worker, else multiprocessing.',
    ),
    click.option(
        '--workers',
        type=click.IntRange(min=1),
        default=None,
        help='Workers that sample; by default one per core, at most 4.',
    ),
    click.option(
        '--ray-address',
        default=None,
        help='Ray cluster for --sampler ray; by default one is started here.',
    ),
    click.option(
        '--accelerate/--no-accelerate',
        default=True,
        show_default=True,
        help="Step Meta-World's environments faster, with the same results to the last bit.",
    ),
    click.option(
        '--run-dir',
        type=click.Path(file_okay=False, path_type=pathlib.Path),
        default=None,
        help="The run's folder; by default runs/<benchmark>/<method>/seed_<seed>.",
    ),
    click.option('--resume', is_flag=True, help='Go on with the run in that folder.'),
    click.option('--overwrite', is_flag=True, help='Replace the run in that folder.'),
    click.option('--verbose', is_flag=True, help="Print every iteration's table."),
)


def launch_options_on(benchmark: str) -> Callable[[Callable], Callable]:
    """Add the shared options to a click command, which receives them as its first argument.

    Args:
        benchmark: Name of the benchmark, whose protocols `--protocol` chooses from. The command's
            own options stand in it in braces: 'maze-{size}'.

    Returns:
        A decorator of functions whose first argument is a `LaunchOptions`, for `@click.command()`.

    """

    def with_benchmark(function: Callable) -> Callable:
        @functools.wraps(function)
        def with_options(
            protocol_name: str,
            total_steps: int | None,
            evaluate_every: int | None,
            device: str,
            sampler: str | None,
            workers: int | None,
            **others: Any,
        ) -> Any:
            own = {name: others.pop(name) for name in _PLAIN}
            sampler, workers = _choose_sampler(sampler, workers, device)
            options = LaunchOptions(
                protocol=find_protocol(
                    protocol_name, total_steps, evaluate_every, benchmark.format(**others)
                ),
                device=find_device(device),
                sampler=sampler,
                workers=workers,
                **own,
            )
            return function(options, **others)

        for option in reversed(_OPTIONS):
            with_options = option(with_options)
        return with_options

    return with_benchmark


def launch_options(function: Callable) -> Callable:
    """`launch_options_on` Meta-World, whose benchmarks all have the same protocols."""
    return launch_options_on('ml10')(function)


_PLAIN = ('seed', 'ray_address', 'accelerate', 'run_dir', 'resume', 'overwrite', 'verbose')


def _choose_sampler(sampler: str | None, workers: int | None, device: str) -> tuple[str, int]:
    on_cpu = device == 'cpu'
    # Neither a forked process nor a Ray worker can use the GPU of this one.
    if sampler not in (None, 'local') and not on_cpu:
        raise click.UsageError(
            f'--sampler {sampler} can not act on --device {device}: use --sampler local, '
            f'which makes one batched call for all trials'
        )
    workers = workers or (min(4, _usable_cores()) if on_cpu and sampler != 'local' else 1)
    return sampler or ('multiprocessing' if workers > 1 and on_cpu else 'local'), workers


def find_device(name: str) -> str:
    """Check that torch can compute on a device.

    Args:
        name: 'cpu', 'cuda' or 'cuda:<n>'.

    Returns:
        The name.

    Raises:
        click.UsageError: If it can't.

    """
    if not re.fullmatch(r'cpu|cuda(:\d+)?', name):
        raise click.UsageError(
            f'device {name!r} can not be used here: choose cpu, cuda or cuda:<n>'
        )
    try:
        torch.zeros(1, device=name)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        reason = str(error).splitlines()[0]
        raise click.UsageError(
            f'device {name!r} can not be used here ({reason}): choose cpu, or cuda on a machine '
            f'with an NVIDIA GPU and a torch built for it'
        ) from None
    return name


def find_benchmark(name: str, options: LaunchOptions) -> Benchmark:
    """The benchmark of a name.

    Args:
        name: As `make_benchmark` takes it.
        options: The shared options, which say whether it is accelerated.

    Returns:
        The benchmark.

    Raises:
        click.UsageError: If there is none.

    """
    try:
        return make_benchmark(name, accelerated=options.accelerate)
    except (ValueError, KeyError) as error:
        raise click.UsageError(str(error)) from None


def refuse_small_budget(options: LaunchOptions, method: str, first_iteration: int) -> None:
    """Refuse a budget that does not buy one iteration, before a run folder is made.

    Args:
        options: The shared options.
        method: Name of the method.
        first_iteration: Training steps of the first iteration, warm-up included.

    Raises:
        click.UsageError: If it does not; names the smallest budget that does.

    """
    protocol = options.protocol
    if protocol.total_training_steps < first_iteration:
        raise click.UsageError(
            f'the budget of {protocol.total_training_steps:,} training steps is smaller than one '
            f'iteration of {first_iteration:,}: the smallest one for {method} with these settings '
            f'on protocol {protocol.name} is --total-steps {first_iteration}'
        )


@contextlib.contextmanager
def open_run(
    options: LaunchOptions, *, benchmark: str, method: str, settings: dict[str, Any]
) -> Iterator[RunFolder]:
    """Open the run's folder, and end the run in order whatever happens within.

    Args:
        options: The shared options.
        benchmark: Name of the benchmark.
        method: Name of the method.
        settings: The method's own settings, as plain data.

    Yields:
        The run's folder, into which dowel logs.

    Raises:
        click.ClickException: With one line that says what went wrong: an input that does not fit,
            a full disk, a number that is not finite.
        SystemExit: If SIGINT or SIGTERM stopped the run, with 128 + signal.

    """
    configuration = RunConfiguration(
        benchmark=benchmark,
        method=method,
        seed=options.seed,
        protocol=options.protocol,
        settings=settings,
        execution=options.as_execution(),
    )
    run_dir = options.run_dir or default_run_dir('runs', benchmark, method, options.seed)
    run = RunFolder(
        run_dir,
        configuration,
        resume=options.resume,
        overwrite=options.overwrite,
        verbose=options.verbose,
    )
    with interruptible():
        try:
            with run:
                yield run
        except BaseException as error:
            # Python waits at its end for processes that nobody has ended.
            end_worker_processes()
            told = _told(error, run)
            if told is None:
                raise
            raise told from None


def _told(error: BaseException, run: RunFolder) -> BaseException | None:
    """The end of a run in words for its user; None for what only a traceback explains."""
    if isinstance(error, Interrupted):
        click.echo(f'\ninterrupted by {error.name}. {_remedy(run)}', err=True)
        return SystemExit(128 + error.signum)
    if isinstance(error, FloatingPointError):
        return click.ClickException(f'training diverged: {error}. {_remedy(run)}')
    if isinstance(error, WorkerFailed):
        return click.ClickException(f'{error}\n{_remedy(run)}')
    if isinstance(error, OSError) and error.errno in _DISK_ERRORS:
        return click.ClickException(
            f'can not write to {error.filename or run.path}: {error.strerror}. Make room, then '
            f'go on. {_remedy(run)}'
        )
    return None


_DISK_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS, errno.EACCES)


def _remedy(run: RunFolder) -> str:
    if not run.snapshot_path.exists():
        return f'There is no complete snapshot yet; start again with:\n  {command("--overwrite")}'
    return (
        f'The last complete snapshot is {run.snapshot_path}; go on from it with:\n'
        f'  {command("--resume")}'
    )


def _usable_cores() -> int:
    if hasattr(os, 'sched_getaffinity'):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _ray_sampler(address: str | None) -> type[Sampler]:
    from metods_garage.experiment.lasting_ray_sampler import LastingRaySampler

    import ray  # seconds to import, and only this sampler needs it

    if not ray.is_initialized():
        ray.init(address=address, log_to_driver=False)
    return LastingRaySampler
