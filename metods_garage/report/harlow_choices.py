"""How often a Harlow agent chooses rightly, read off returns.

An episode's return is 0.2 m + R - W after m fixation marks, R right and W wrong choices, and m is
R + W, or one more where the episode was cut before the next choice. That has one solution, except
that an episode of return 0 whose last step is its 5th choice looks like one that was cut without
any: it counts as the latter.
"""

from collections.abc import Iterable, Sequence

from metods_garage.report.bootstrap import Interval, bootstrap_interval
from metods_garage.report.comparisons import compare
from metods_garage.report.rows import EvaluationRow
from metods_garage.report.runs import Run
from metods_garage.report.tables import aligned, format_interval

import numpy as np

N_CHOICES = 5
_MARK_REWARD = 0.2
_PER_UNIT = 5  # marks that pay as much as an object


def count_choices(total_reward: float, length: int, horizon: int = 250) -> tuple[int, int]:
    """Count an episode's right and wrong choices.

    Args:
        total_reward: Return of the episode.
        length: Steps of the episode.
        horizon: Steps after which an episode is cut.

    Returns:
        R and W; R + W < 5 where the episode was cut.

    Raises:
        ValueError: If no episode of 5 choices has this return.

    """
    fifths = round(total_reward / _MARK_REWARD)
    for marks in range(N_CHOICES + 1):
        difference, left = divmod(fifths - marks, _PER_UNIT)
        for made in (marks, marks - 1):
            ended = made == N_CHOICES
            fits = left == 0 and abs(difference) <= made and (made + difference) % 2 == 0
            if fits and (ended or length >= horizon):
                return (made + difference) // 2, (made - difference) // 2
    raise ValueError(f'no Harlow episode of {length} steps has the return {total_reward}')


def right_later_choices(rows: Sequence[EvaluationRow], horizon: int = 250) -> np.ndarray:
    """Right choices after the first one, in expectation over the first, as a share of 4.

    The first choice is right with probability 1/2 whatever an agent does, and a return does not say
    which of the choices were right. So 1/2 is taken off the right ones of each episode that got
    to a choice. Choices that were not made count as wrong.

    Args:
        rows: Episodes.
        horizon: Steps after which an episode is cut.

    Returns:
        [episodes], whose mean estimates the share of right ones among choices 2 to 5 without bias;
        a single one may lie outside of 0 and 1.

    """
    counts = np.array([count_choices(row.total_reward, row.length, horizon) for row in rows])
    return (counts[:, 0] - 0.5 * (counts.sum(axis=1) > 0)) / (N_CHOICES - 1)


def choices_table(runs: Iterable[Run]) -> str:
    """Right choices of the test episodes of Harlow runs, by seed.

    Args:
        runs: Runs; those of other benchmarks are left out.

    Returns:
        The table.

    """
    table = [['method', 'seed', 'training steps', 'episodes', 'choices 2-5 right, in percent',
              'all four right, in percent']]  # fmt: skip
    for comparison in compare(run for run in runs if run.benchmark == 'harlow'):
        horizon = comparison.protocol.get('horizon') or 250
        for line in comparison.evaluated:
            for run in line.runs:
                if run.last is not None:
                    rows = [row for row in run.last.rows if row.phase == 'test']
                    cells = [line.label, str(run.seed), f'{run.training_steps:,}', str(len(rows))]
                    table.append(cells + _shares(rows, horizon))
    return aligned(table)


def _shares(rows: Sequence[EvaluationRow], horizon: int) -> list[str]:
    def shown(scores: np.ndarray) -> str:
        found: Interval = bootstrap_interval(scores[np.newaxis, np.newaxis], rate=True)
        return format_interval(found, 'success')

    solved = np.array([float(row.success or 0) for row in rows])
    return [shown(right_later_choices(rows, horizon)), shown(solved)]
