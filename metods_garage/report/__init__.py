"""Run folders in, tables and figures out; reads files only and imports no torch."""

from metods_garage.report._report import Report, make_report
from metods_garage.report.bootstrap import Interval, bootstrap_interval
from metods_garage.report.runs import Run, find_runs, read_run

__all__ = [
    'Interval',
    'Report',
    'Run',
    'bootstrap_interval',
    'find_runs',
    'make_report',
    'read_run',
]
