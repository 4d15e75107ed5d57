"""What a run prints at its end."""

from metods_garage.experiment.run_folder import RunFolder

import click


def show_results(run: RunFolder) -> None:
    """Print the table of a run and where its files and figures are.

    Args:
        run: The folder of a finished run.

    """
    from metods_garage.report import make_report  # matplotlib takes a second to import

    report = make_report([run.path], run.path / 'report')
    click.echo(f'\n{report.table}\n\nwritten:')
    for path in (run.path / 'evaluation.csv', run.path / 'progress.csv', *report.paths):
        click.echo(f'  {path}')
