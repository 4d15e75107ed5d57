"""`python -m metods_garage.report`: tables and figures of runs.

python -m metods_garage.report runs/           the table and the figures of all runs below
python -m metods_garage.report synapses RUN    what the synapses of one trained run do
python -m metods_garage.report paired REFERENCE PATH    differences to a run, task by task
python -m metods_garage.report adaptation PATH    first and later episodes of a trial, goal by goal
python -m metods_garage.report choices PATH    how often Harlow agents choose rightly
"""

import json
import pathlib
import subprocess
import sys

from metods_garage.report import find_runs, make_report, read_run
from metods_garage.report.adaptation import adaptation_table
from metods_garage.report.goal_scores import MEASURES
from metods_garage.report.harlow_choices import choices_table
from metods_garage.report.paired import EPISODES, paired_table
from metods_garage.report.synapse_record import FILE_NAME, SynapseRecord
from metods_garage.report.synapses import report_synapses

import click


class PathOrCommand(click.Group):
    """A group of commands in which a word that is none of them is a path to report on."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the name of the command before what has none; see `click.Command.parse_args`."""
        if args and args[0] not in (*self.commands, *self.get_help_option_names(ctx)):
            args = ['runs', *args]
        return super().parse_args(ctx, args)


measure_option = click.option(
    '--measure',
    type=click.Choice(MEASURES),
    default='return',
    show_default=True,
    help='What is compared.',
)


@click.group(cls=PathOrCommand)
def main() -> None:
    """Report on runs: a PATH is enough, and means `runs PATH`."""


@main.command('runs')
@click.argument('path', type=click.Path(exists=True, file_okay=False))
@click.option('--out', default=None, help='Where to write the files; PATH/report by default.')
def report_on_runs(path: str, out: str | None) -> None:
    """Print the table of every run below PATH and draw its figures."""
    try:
        report = make_report(find_runs(path), out or pathlib.Path(path) / 'report')
    except ValueError as error:
        raise click.ClickException(str(error)) from None
    click.echo(report.table)
    _echo_paths(report.paths)


@main.command('paired')
@click.argument('reference', type=click.Path(exists=True, file_okay=False))
@click.argument('path', type=click.Path(exists=True, file_okay=False))
@measure_option
@click.option(
    '--episodes',
    type=click.Choice(list(EPISODES)),
    default='test',
    show_default=True,
    help='Test episodes of a trial, all but its first, or all.',
)
def report_on_pairs(reference: str, path: str, measure: str, episodes: str) -> None:
    """Print how much more than REFERENCE every run below PATH scored on the same tasks.

    REFERENCE is the folder of one run, or one above the seeds of a method, with each of which the
    run of the same seed is compared.
    """
    try:
        runs, references = (
            [read_run(folder) for folder in find_runs(place)] for place in (path, reference)
        )
        click.echo(paired_table(runs, references, measure, episodes))
    except ValueError as error:
        raise click.ClickException(str(error)) from None


@main.command('adaptation')
@click.argument('path', type=click.Path(exists=True, file_okay=False))
@measure_option
def report_on_adaptation(path: str, measure: str) -> None:
    """Print how much more the later episodes of a trial score than its first."""
    try:
        click.echo(adaptation_table((read_run(folder) for folder in find_runs(path)), measure))
    except ValueError as error:
        raise click.ClickException(str(error)) from None


@main.command('choices')
@click.argument('path', type=click.Path(exists=True, file_okay=False))
def report_on_choices(path: str) -> None:
    """Print how many of choices 2 to 5 are right, of every Harlow run below PATH."""
    try:
        click.echo(choices_table(read_run(folder) for folder in find_runs(path)))
    except ValueError as error:
        raise click.ClickException(str(error)) from None


@main.command('synapses')
@click.argument('run', type=click.Path(exists=True, file_okay=False, path_type=pathlib.Path))
@click.option(
    '--out',
    type=click.Path(file_okay=False, path_type=pathlib.Path),
    default=None,
    help='Where to write the files; RUN/report/synapses by default.',
)
@click.option(
    '--trials',
    type=click.IntRange(min=1),
    default=None,
    help='Evaluation trials to record anew; by default the record that is there, or 50.',
)
def report_on_synapses(run: pathlib.Path, out: pathlib.Path | None, trials: int | None) -> None:
    """Draw what the synapses of RUN do in evaluation trials: W_t, its changes and its energy.

    The trials are recorded once, from the run's last snapshot, to RUN/report/synapses/record.npz.
    """
    path = run / 'report' / 'synapses' / FILE_NAME
    try:
        if trials is not None or not _is_up_to_date(path, run):
            _record(run, path, trials)
        report = report_synapses(SynapseRecord.read(path), out or path.parent)
    except ValueError as error:
        raise click.ClickException(str(error)) from None
    click.echo(report.text)
    _echo_paths(report.paths)


def _is_up_to_date(path: pathlib.Path, run: pathlib.Path) -> bool:
    """Whether there is a record, and the run has not been trained further since."""
    if not path.exists():
        return False
    try:
        trained = json.loads((run / 'ledger.json').read_text())['training_steps']
    except (OSError, ValueError, KeyError, TypeError):
        return True  # a record that was copied without its run
    return bool(SynapseRecord.read(path).training_steps == trained)


def _record(run: pathlib.Path, path: pathlib.Path, trials: int | None) -> None:
    # In a process of its own, as acting needs torch and garage, which nothing else here does.
    words = [sys.executable, '-m', 'metods_garage.record_synapses', str(run), str(path)]
    words += [] if trials is None else ['--trials', str(trials)]
    done = subprocess.run(words, check=False)
    if done.returncode != 0:
        sys.exit(done.returncode)  # it has said why


def _echo_paths(paths: tuple[pathlib.Path, ...]) -> None:
    click.echo('\nwritten:')
    for written in paths:
        click.echo(f'  {written}')


if __name__ == '__main__':
    main()
