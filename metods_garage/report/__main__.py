"""`python -m metods_garage.report runs/`: the table and the figures of all runs below a folder."""

import pathlib

from metods_garage.report import find_runs, make_report

import click


@click.command()
@click.argument('path', type=click.Path(exists=True, file_okay=False))
@click.option('--out', default=None, help='Where to write the files; PATH/report by default.')
def main(path: str, out: str | None) -> None:
    """Print the table of every run below PATH and draw its figures."""
    try:
        report = make_report(find_runs(path), out or pathlib.Path(path) / 'report')
    except ValueError as error:
        raise click.ClickException(str(error)) from None
    click.echo(report.table)
    click.echo('\nwritten:')
    for written in report.paths:
        click.echo(f'  {written}')


if __name__ == '__main__':
    main()
