"""Records what the synapses of a trained run do: `python -m metods_garage.record_synapses RUN`.

`python -m metods_garage.report synapses RUN`, which draws it, starts this where it is missing.
"""

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
    from metods_garage.experiment.trained_run import open_trained_run

    with open_trained_run(run, tensorflow=False) as trained:
        record = record_synapses(
            trained.evaluator,
            trained.policy,
            trials,
            benchmark=str(trained.configuration['benchmark']),
            training_steps=trained.training_steps,
        )
    out.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(out, record.to_bytes())


if __name__ == '__main__':
    record()
