"""Records what the synapses of a trained run do: `python -m metods_garage.record_synapses RUN`.

`python -m metods_garage.report synapses RUN`, which draws it, starts this where it is missing.
"""

import json
import pathlib

import click


@click.command()
@click.argument('run', type=click.Path(exists=True, file_okay=False, path_type=pathlib.Path))
@click.argument('out', type=click.Path(dir_okay=False, path_type=pathlib.Path))
@click.option(
    '--trials',
    type=click.IntRange(min=1),
    default=50,
    show_default=True,
    help='Evaluation trials, spread evenly over the tasks.',
)
def record(run: pathlib.Path, out: pathlib.Path, trials: int) -> None:
    """Let the last snapshot of RUN act, and write what its synapses do to OUT."""
    from metods_garage.experiment.atomic_file import write_atomically
    from metods_garage.experiment.synapse_recording import record_synapses
    from metods_garage.experiment.watched_trials import TrainedRun

    trained = TrainedRun.read(run)
    record = record_synapses(
        trained.evaluator,
        trained.policy,
        trials,
        benchmark=_benchmark(run),
        training_steps=trained.training_steps,
    )
    out.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(out, record.to_bytes())


def _benchmark(run: pathlib.Path) -> str:
    try:
        return str(json.loads((run / 'config.json').read_text())['benchmark'])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise click.ClickException(f'{run / "config.json"} can not be read: {error!r}') from None


if __name__ == '__main__':
    record()
