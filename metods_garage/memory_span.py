"""How long a trained agent can remember: `python -m metods_garage.memory_span RUN [RUN ...]`."""

import csv
import pathlib

import click


@click.command()
@click.argument(
    'runs',
    nargs=-1,
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=pathlib.Path),
)
@click.option(
    '--trials',
    type=click.IntRange(min=2),
    default=10,
    show_default=True,
    help='Evaluation trials whose memories are exchanged.',
)
@click.option(
    '--out',
    type=click.Path(file_okay=False, path_type=pathlib.Path),
    default=None,
    help='Where to write the rows and the figure; RUN/report of the first run by default.',
)
def memory_span(runs: tuple[pathlib.Path, ...], trials: int, out: pathlib.Path | None) -> None:
    """Exchange the memories of trials of each RUN, and print what is left of the difference.

    The last snapshot of each RUN acts in evaluation trials. After a quarter of a trial it goes on
    twice with the inputs that it had, once from its own memory and once from that of another trial.
    """
    from metods_garage.experiment.memory_span import measure_memory_span
    from metods_garage.experiment.trained_run import open_trained_run
    from metods_garage.report import read_run
    from metods_garage.report.memory_span_figure import draw_memory_spans
    from metods_garage.report.tables import aligned

    out = out or runs[0] / 'report'
    spans, rows = {}, []
    for folder in runs:
        run = read_run(folder)
        label = folder.as_posix()
        with open_trained_run(folder, tensorflow=False) as trained:
            spans[label] = measure_memory_span(trained.evaluator, trained.policy, trials)
        head = [label, run.benchmark, run.method, run.seed, trained.training_steps]
        rows += [[*head, one.steps, one.left, one.kl] for one in spans[label]]
    out.mkdir(parents=True, exist_ok=True)
    with open(out / 'memory_span.csv', 'w', newline='', encoding='utf-8') as file:
        writer = csv.writer(file, lineterminator='\n')
        head = ['run', 'benchmark', 'method', 'seed', 'training_steps']
        writer.writerow([*head, 'steps', 'left', 'kl'])
        writer.writerows(rows)
    draw_memory_spans(spans, out / 'memory_span.png')
    table = [['run', 'steps since', 'difference left', 'KL of actions, nats']]
    for label, found in spans.items():
        table += [[label, str(x.steps), f'{100 * x.left:.1f} %', f'{x.kl:.2g}'] for x in found]
    click.echo(aligned(table))
    click.echo(f'\nwritten:\n  {out / "memory_span.csv"}\n  {out / "memory_span.png"}')


if __name__ == '__main__':
    memory_span()
