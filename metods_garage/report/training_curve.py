"""What a run's own log says of training episodes: progress.csv in, a curve out."""

from __future__ import annotations

import csv
import dataclasses
import pathlib

import numpy as np

#: What is drawn of training, and the columns of progress.csv that may have it: ours, or garage's.
TRAINING_MEASURES = {
    'success': ('MetaTrain/SuccessRate', 'Average/SuccessRate'),
    'return': ('MetaTrain/AverageReturn', 'Average/AverageReturn'),
}
#: Methods whose log is of the episodes after adaptation; that of the others is of whole trials.
LOG_ADAPTED_EPISODES = ('maml', 'pearl')
_STEPS = 'TotalEnvSteps'


@dataclasses.dataclass(frozen=True)
class TrainingCurve:
    """The mean of a measure over the training episodes of every iteration.

    Attributes:
        steps (np.ndarray): Training steps at the end of the iterations, ascending.
        values (np.ndarray): The mean of each.

    """

    steps: np.ndarray
    values: np.ndarray

    def smoothed(self, width: float) -> TrainingCurve:
        """Means over the iterations of each span of so many training steps.

        Args:
            width: The span, the same for curves that are to be compared: a mean over fewer
                iterations is noisier.

        Returns:
            The curve of means; spans without an iteration are left out.

        """
        spans = np.ceil(self.steps / width)
        starts = np.flatnonzero(np.diff(spans, prepend=-1))
        lengths = np.diff([*starts, len(self.steps)])
        return TrainingCurve(
            np.add.reduceat(self.steps, starts) / lengths,
            np.add.reduceat(self.values, starts) / lengths,
        )


def read_training_curve(folder: pathlib.Path, measure: str) -> TrainingCurve | None:
    """Read the curve of one run.

    Args:
        folder: The run folder.
        measure: A key of `TRAINING_MEASURES`.

    Returns:
        The curve; None where the run logs no such thing, or has no log.

    Raises:
        ValueError: If the log is damaged; names the file and the row.

    """
    path, columns = folder / 'progress.csv', TRAINING_MEASURES[measure]
    if not path.exists():
        return None
    found = {}
    with open(path, newline='', encoding='utf-8') as file:
        for number, row in enumerate(csv.DictReader(file), start=2):
            value = next((row[column] for column in columns if row.get(column)), None)
            if value is None or not row.get(_STEPS):
                continue
            try:
                found[float(row[_STEPS])] = float(value)
            except ValueError as error:
                raise ValueError(f'{path}, line {number}, is damaged: {error}') from None
    if not found:
        return None
    steps = sorted(found)
    return TrainingCurve(np.array(steps), np.array([found[n] for n in steps]))
