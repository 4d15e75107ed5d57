"""The folder that a run leaves behind, from its first line to its last snapshot."""

import json
import os
import pathlib
import shutil
from typing import Any

from metods_garage.experiment.atomic_file import write_atomically
from metods_garage.experiment.configuration import RunConfiguration, circumstances
from metods_garage.experiment.evaluation_csv import EvaluationCsv
from metods_garage.experiment.progress_csv import ProgressCsv
from metods_garage.experiment.snapshot import read_snapshot, write_snapshot

import click
import dowel

_OWN_FILES = (
    'config.json',
    'progress.csv',
    'evaluation.csv',
    'ledger.json',
    'snapshot.bin',
    'evaluator.bin',
    'console.log',
    'events.out.tfevents.*',
    're-evaluation-*',  # tables and films
    'report',
    '*.tmp',
)


class RunFolderError(click.UsageError):
    """A folder that can't be used as asked, and what to do about it."""


def default_run_dir(
    runs: str | os.PathLike, benchmark: str, method: str, seed: int
) -> pathlib.Path:
    """Where a run goes: runs/<benchmark>/<method>/seed_<n>."""
    return pathlib.Path(runs) / benchmark / method / f'seed_{seed}'


class RunFolder:
    """Files of one run; a context within which dowel logs into them.

    Args:
        path (str or os.PathLike): The folder.
        configuration (RunConfiguration): What the run is.
        resume (bool): Whether to go on with the run that is in the folder.
        overwrite (bool): Whether to remove the run that is in the folder. Files that no run
            writes stay.
        verbose (bool): Whether dowel also prints its tables.

    Raises:
        RunFolderError: If the folder holds a run and neither is asked for, or no run or one of
            another configuration and `resume` is.

    """

    def __init__(
        self,
        path: str | os.PathLike,
        configuration: RunConfiguration,
        *,
        resume: bool = False,
        overwrite: bool = False,
        verbose: bool = False,
    ) -> None:
        if resume and overwrite:
            raise RunFolderError('--resume and --overwrite exclude each other')
        self.path = pathlib.Path(path)
        self.configuration = configuration
        self._verbose = verbose
        self._resume = resume
        self._overwrite = overwrite
        self._progress: ProgressCsv | None = None
        self._evaluation: EvaluationCsv | None = None
        self._lock: Any = None

    @property
    def snapshot_path(self) -> pathlib.Path:
        """pathlib.Path: The last complete snapshot."""
        return self.path / 'snapshot.bin'

    @property
    def rows(self) -> dict[str, int]:
        """dict: How much of the growing files there is, for `rewind`."""
        assert self._progress is not None
        assert self._evaluation is not None
        return {
            'progress_rows': self._progress.n_rows,
            'evaluation_bytes': self._evaluation.n_bytes,
        }

    def __enter__(self) -> 'RunFolder':
        self._make_folder()
        self._lock_folder()
        try:
            self._check_content()
            self._log_into_files()
        except BaseException:
            self._unlock()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        dowel.logger.remove_all()
        dowel.tabular.clear()
        self._unlock()

    def read_snapshot(self) -> dict[str, Any] | None:
        """The last complete snapshot, if this run is resumed and has one.

        Returns:
            Its content, or None to start from the beginning.

        Raises:
            SnapshotRefused: If there is one that can't be used.

        """
        if not self._resume or not self.snapshot_path.exists():
            return None
        return read_snapshot(self.snapshot_path, configuration=self.configuration.digest)

    def write_snapshot(self, content: dict[str, Any]) -> None:
        """Replace the last complete snapshot.

        Args:
            content: The new one's content.

        """
        write_snapshot(self.snapshot_path, content, configuration=self.configuration.digest)

    def keep_evaluator(self, evaluator: Any, session: bool) -> None:
        """Keep what evaluates this run, for `python -m metods_garage.evaluate`.

        Args:
            evaluator: The evaluator.
            session: Whether the snapshot needs a TensorFlow session to be read.

        """
        path = self.path / 'evaluator.bin'
        if not path.exists():
            content = {'evaluator': evaluator, 'session': session}
            write_snapshot(path, content, configuration=self.configuration.digest)

    def rewind(self, rows: dict[str, int]) -> None:
        """Cut the growing files to what they were at the snapshot.

        Args:
            rows: `rows` of that time.

        Raises:
            RunFolderError: If a file has lost rows since.

        """
        try:
            self._evaluation = EvaluationCsv(self.path / 'evaluation.csv', rows['evaluation_bytes'])
        except (OSError, ValueError) as error:
            raise RunFolderError(str(error)) from None
        self._log_progress(rows['progress_rows'])

    def append_evaluation(self, rows: list[dict[str, Any]], **shared: Any) -> None:
        """Append the rows of one evaluation.

        Args:
            rows: Rows of the evaluator.
            **shared: The columns that all of them share, beyond those that name the run.

        """
        named = {
            'benchmark': self.configuration.benchmark,
            'protocol': self.configuration.protocol.name,
            'method': self.configuration.method,
            'seed': self.configuration.seed,
        }
        assert self._evaluation is not None
        self._evaluation.append(named | shared | row for row in rows)

    def write_ledger(self, content: dict[str, Any]) -> None:
        """Replace ledger.json.

        Args:
            content: The ledger as plain data.

        """
        self._write_json('ledger.json', content)

    def _make_folder(self) -> None:
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise RunFolderError(f'can not make {self.path}: {error.strerror}') from None

    def _check_content(self) -> None:
        recorded = self.path / 'config.json'
        if not recorded.exists():
            if self._resume:
                raise RunFolderError(
                    f'{self.path} holds no run to resume: leave --resume out to start one'
                )
            self._start_anew()
        elif self._overwrite:
            self._start_anew()
        elif self._resume:
            self._check_same_configuration(recorded)
        else:
            raise RunFolderError(
                f'{self.path} already holds a run: add --resume to go on with it, --overwrite to '
                f'replace it, or name another folder with --run-dir'
            )

    def _start_anew(self) -> None:
        for pattern in _OWN_FILES:
            for path in self.path.glob(pattern):
                _remove(path)
        self._write_json('config.json', self.configuration.as_dict() | circumstances())

    def _check_same_configuration(self, recorded: pathlib.Path) -> None:
        try:
            differences = self.configuration.differences(json.loads(recorded.read_text()))
        except (ValueError, OSError) as error:
            raise RunFolderError(f'{recorded} is damaged ({error})') from None
        if differences:
            raise RunFolderError(
                f'{self.path} holds a run of another configuration ({"; ".join(differences)}): '
                f'use the options of that run, or another --run-dir'
            )

    def _log_into_files(self) -> None:
        self._evaluation = EvaluationCsv(self.path / 'evaluation.csv', self._kept_bytes())
        dowel.logger.remove_all()
        dowel.tabular.clear()
        dowel.logger.add_output(dowel.TextOutput(str(self.path / 'console.log')))
        dowel.logger.add_output(dowel.TensorBoardOutput(str(self.path), x_axis='TotalEnvSteps'))
        if self._verbose:
            dowel.logger.add_output(dowel.StdOutput())
        # Until `rewind` says how many rows are good, all of them stay.
        self._log_progress(keep_rows=10**9 if self._resume else 0)

    def _kept_bytes(self) -> int:
        path = self.path / 'evaluation.csv'
        keep = self._resume and self.snapshot_path.exists() and path.exists()
        return path.stat().st_size if keep else 0

    def _log_progress(self, keep_rows: int) -> None:
        self._progress = ProgressCsv(self.path / 'progress.csv', keep_rows)
        dowel.logger.remove_output_type(ProgressCsv)
        dowel.logger.add_output(self._progress)

    def _write_json(self, name: str, content: dict[str, Any]) -> None:
        text = json.dumps(content, indent=2, sort_keys=True) + '\n'
        write_atomically(self.path / name, text.encode())

    def _lock_folder(self) -> None:
        try:
            import fcntl  # only POSIX has it; elsewhere nothing is locked
        except ImportError:
            return
        self._lock = open(self.path / '.lock', 'w', encoding='utf-8')
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._unlock()
            raise RunFolderError(
                f'another process is running in {self.path}: wait for it, or name another folder '
                f'with --run-dir'
            ) from None

    def _unlock(self) -> None:
        if self._lock is not None:
            self._lock.close()
            self._lock = None


def _remove(path: pathlib.Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()
