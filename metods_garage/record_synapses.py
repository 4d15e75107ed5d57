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
    from metods_garage.experiment import read_snapshot
    from metods_garage.experiment.atomic_file import write_atomically
    from metods_garage.experiment.synapse_recording import NoSynapses, record_synapses

    kept = read_snapshot(run / 'evaluator.bin')
    if kept['session']:
        raise NoSynapses(
            f'{run} is a run of a TensorFlow algorithm, without synapses: choose a run of MetODS'
        )
    saved = read_snapshot(run / 'snapshot.bin')
    sampler = getattr(saved['algo'], '_sampler', None)
    if sampler is not None:
        sampler.shutdown_worker()  # nothing is trained here
    record = record_synapses(
        kept['evaluator'],
        getattr(saved['algo'], 'policy', saved['algo']),
        trials,
        benchmark=_benchmark(run),
        training_steps=saved['ledger'].training_steps,
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
