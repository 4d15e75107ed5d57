"""A garage Trainer that keeps to a protocol."""

import time
from collections.abc import Iterator
from typing import Any

from metods_garage.experiment.evaluation import Evaluator
from metods_garage.experiment.ledger import Ledger
from metods_garage.experiment.progress import Progress
from metods_garage.experiment.random_state import capture_random_state, restore_random_state
from metods_garage.experiment.run_folder import RunFolder

import numpy as np
from dowel import logger, tabular
from garage.experiment.deterministic import set_seed
from garage.experiment.snapshotter import SnapshotConfig
from garage.trainer import ExperimentStats, NotSetupError, TrainArgs, Trainer


class ProtocolSteps:
    """What makes a garage trainer keep to a protocol; mixed into Trainer and TFTrainer.

    Training goes on until the ledger has reached the budget, in whole iterations. At the borders
    between iterations, the trainer evaluates where the protocol says so and writes a snapshot, so
    that a run that is stopped at any moment loses at most the unfinished iteration.

    Args:
        run (RunFolder): The run's folder, entered.
        evaluator (Evaluator): Evaluates the algorithm.

    Attributes:
        ledger (Ledger): The run's account, for a `LedgerSampler`. A restored trainer has the
            restored one.

    """

    #: Whether what it trains needs a TensorFlow session, to be read from a snapshot as well.
    session = False

    def __init__(self, run: RunFolder, evaluator: Evaluator) -> None:
        super().__init__(SnapshotConfig(str(run.path), 'none', 1))  # type: ignore[call-arg]
        self._run = run
        self._protocol = run.configuration.protocol
        self._evaluator = evaluator
        self._evaluated: list[int] = []
        self._finished = False
        self._progress: Progress | None = None
        self._seconds = 0.0
        self.ledger = Ledger(self._protocol.total_training_steps)

    def restore(self) -> bool:  # type: ignore[override]
        """Go on from the run's last complete snapshot, if the run is resumed.

        Returns:
            Whether there was one; if not, `setup` has to follow.

        Raises:
            SnapshotRefused: If the snapshot can't be used.
            RunFolderError: If files of the run have lost rows.

        """
        set_seed(self._run.configuration.seed)
        saved = self._run.read_snapshot()
        if saved is None:
            self._run.rewind({'progress_rows': 0, 'evaluation_bytes': 0})
            return False
        self._run.rewind(saved['rows'])
        self.setup(saved['algo'], saved['env'])  # type: ignore[attr-defined]
        self._stats: ExperimentStats = saved['stats']
        self.ledger = saved['ledger']
        self._evaluated = saved['evaluated']
        self._finished = saved['finished']
        self._seconds = saved['seconds']
        # Last, as constructing workers seeds the process.
        restore_random_state(saved['random_state'])
        self._write_ledger()  # a kill may have come between the snapshot and its ledger
        logger.log(f'resumed at {self.ledger.training_steps:,} training steps')
        return True

    def train(self, *, batch_size: int | None = None) -> Any:  # type: ignore[override]
        """Train to the end of the budget, and evaluate once more.

        Args:
            batch_size: Steps that a garage algorithm asks for where it names no number itself.

        Returns:
            What the algorithm's `train` returned; None if the run was finished before.

        Raises:
            NotSetupError: If neither `setup` nor `restore` came before.

        """
        if not self._has_setup:  # type: ignore[attr-defined]
            raise NotSetupError('call restore() or setup() before train()')
        if self._finished:
            print(f'{self._run.path} is already finished; nothing is left to train', flush=True)
            return None
        self._train_args = TrainArgs(
            n_epochs=None,
            batch_size=batch_size,
            plot=False,
            store_episodes=False,
            pause_for_plot=False,
            start_epoch=0,
        )
        self._run.keep_evaluator(self._evaluator, self.session)
        self._progress = Progress(self.ledger.budget, self.ledger.training_steps)
        try:
            self._start_worker()  # type: ignore[attr-defined]
            returned = self._algo.train(self)  # type: ignore[attr-defined]
            self._finish()
        finally:
            self._progress.close()
        self._shutdown_worker()  # type: ignore[attr-defined]
        self._evaluator.close()
        return returned

    def step_epochs(self) -> Iterator[int]:
        """Step through iterations until the budget is spent.

        Yields:
            int: The next iteration.

        """
        self.step_itr = self._stats.total_itr
        self.step_episode = None
        while not self.ledger.spent:
            self._evaluate_if_due()
            began, before = time.monotonic(), self.ledger.training_steps
            with logger.prefix(f'iteration #{self.step_itr} | '):
                yield self.step_itr
            if self.ledger.training_steps == before:
                raise RuntimeError(
                    'an iteration took no training step that the ledger has seen: give the '
                    "algorithm a LedgerSampler with this trainer's ledger"
                )
            self._end_iteration(time.monotonic() - began, before)
            self.save()

    def save(self, epoch: int | None = None) -> None:
        """Write a snapshot of everything that the rest of the run depends on.

        Args:
            epoch: Unused; garage's trainers have it.

        """
        self._run.write_snapshot(
            {
                'algo': self._algo,  # type: ignore[attr-defined]
                'env': self._env,  # type: ignore[attr-defined]
                'stats': self._stats,
                'ledger': self.ledger,
                'evaluated': self._evaluated,
                'finished': self._finished,
                'seconds': self._seconds,
                'rows': self._run.rows,
                'random_state': capture_random_state(),
            }
        )
        self._write_ledger()

    def _write_ledger(self) -> None:
        self._run.write_ledger(
            self.ledger.as_dict()
            | {
                'iterations': self._stats.total_itr,
                'training_seconds': round(self._seconds, 3),
                'finished': self._finished,
            }
        )

    def _evaluate_if_due(self) -> None:
        """Evaluate at every border that is the first one at or past a multiple of the cadence."""
        due = self.ledger.training_steps // self._protocol.evaluation_every
        if due not in self._evaluated:
            self._evaluate('interim')
            self._evaluated = [*self._evaluated, due]
            self.save()

    def _finish(self) -> None:
        self._evaluate('final')
        self._finished = True
        self.save()

    def _evaluate(self, kind: str) -> None:
        began = time.monotonic()
        tasks = self._evaluator.chosen_tasks(kind)
        outcome = self._evaluator.evaluate(self._algo, tasks)  # type: ignore[attr-defined]
        self.ledger.count_evaluation(outcome.steps)
        self._run.append_evaluation(
            outcome.rows, training_steps=self.ledger.training_steps, kind=kind
        )
        line = f'{kind} evaluation at {self.ledger.training_steps:,} steps: '
        line += f'{_summary(outcome.rows)}, {outcome.steps:,} steps'
        self._say(f'{line} in {time.monotonic() - began:.0f} s')

    def _end_iteration(self, seconds: float, before: int) -> None:
        self._stats.total_itr = self.step_itr
        self._stats.total_epoch += 1
        self._stats.total_env_steps = self.ledger.training_steps
        self._seconds += seconds
        tabular.record('Iteration', self.step_itr)
        tabular.record('TotalEnvSteps', self.ledger.training_steps)
        tabular.record('IterationSeconds', seconds)
        tabular.record('StepsPerSecond', (self.ledger.training_steps - before) / seconds)
        logger.log(tabular)
        logger.dump_all(self.step_itr)
        tabular.clear()
        if self._progress is not None:
            self._progress.advance(self.ledger.training_steps)

    def _say(self, text: str) -> None:
        logger.log(text)
        if self._progress is not None:
            self._progress.say(text)


class ProtocolTrainer(ProtocolSteps, Trainer):
    """A garage Trainer that keeps to a protocol; see `ProtocolSteps`."""


def _summary(rows: list[dict[str, Any]]) -> str:
    parts = []
    for split in dict.fromkeys(row['split'] for row in rows):
        tests = [row for row in rows if row['split'] == split and row['phase'] == 'test']
        part = f'{split} return {np.mean([row["return"] for row in tests]):.1f}'
        if all(row['success'] != '' for row in tests):
            part += f', success {100 * np.mean([row["success"] for row in tests]):.0f} %'
        parts.append(part)
    return '; '.join(parts)
