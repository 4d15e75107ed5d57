"""The one-dimensional Harlow task: learn from one choice which of two objects pays."""

from typing import Any

from metods_garage.envs.task_env import TaskEnv
from metods_garage.envs.task_vector_env import Task, TaskVectorEnv

import gymnasium
import numpy as np

N_CELLS = 17
DISTANCE = 3  # from the fixation mark to the objects and back, and at most to the first mark
MARK_VALUE = 1.0
MARK_REWARD = 0.2
# Cells that are seen, relative to the agent. Its own is always empty, as what it reaches vanishes,
# so the smaller field leaves out that one.
FIELDS = {9: np.arange(-4, 5), 8: np.array([-4, -3, -2, -1, 1, 2, 3, 4])}
_NOWHERE = -1


class HarlowVectorEnv(TaskVectorEnv):
    """B Harlow episodes at once; see `HarlowEnv` for the task and `TaskVectorEnv` for the calls.

    Args:
        num_envs: Number of rows B.
        n_object_trials: Choices to an episode.
        value_range: Bounds of the objects' values.
        field: Number of cells that are seen, 9 or 8.
        max_steps: Steps after which an episode ends.

    Raises:
        ValueError: If a number is out of range.
    """

    def __init__(
        self,
        num_envs: int,
        n_object_trials: int = 5,
        value_range: tuple[float, float] = (0.0, 1.0),
        field: int = 9,
        max_steps: int = 250,
    ):
        if field not in FIELDS:
            raise ValueError(f'field={field}: it is one of {sorted(FIELDS)} cells')
        if not 0 <= value_range[0] < value_range[1]:
            raise ValueError(f'value_range={value_range}: 0 <= low < high is needed')
        if n_object_trials < 1:
            raise ValueError(f'n_object_trials={n_object_trials}: at least 1 is needed')
        high = max(MARK_VALUE, value_range[1])
        space = gymnasium.spaces.Box(0.0, high, shape=(field,), dtype=np.float32)
        super().__init__(num_envs, space, 2, max_steps)
        self._n_object_trials = n_object_trials
        self._value_range = value_range
        self._field = FIELDS[field]
        self._cells = np.zeros((num_envs, N_CELLS), dtype=np.float32)
        self._values = np.zeros((num_envs, 2), dtype=np.float32)  # of the good and the bad object
        self._sides = np.ones((num_envs, n_object_trials), dtype=np.intp)  # of the good one
        self._at = np.zeros(num_envs, dtype=np.intp)
        self._mark = np.full(num_envs, _NOWHERE)
        self._good = np.full(num_envs, _NOWHERE)
        self._bad = np.full(num_envs, _NOWHERE)
        self._n_choices = np.zeros(num_envs, dtype=np.intp)
        self._failed = np.zeros(num_envs, dtype=bool)  # chose wrongly after the first choice

    @property
    def position(self) -> np.ndarray:
        """The agents' cells, [B]."""
        return self._at.copy()

    @property
    def mark(self) -> np.ndarray:
        """Cells of the fixation marks, [B], -1 where there is none."""
        return self._mark.copy()

    @property
    def good(self) -> np.ndarray:
        """Cells of the objects that pay 1, [B], -1 where there is none."""
        return self._good.copy()

    @property
    def bad(self) -> np.ndarray:
        """Cells of the objects that cost 1, [B], -1 where there is none."""
        return self._bad.copy()

    @property
    def n_choices(self) -> np.ndarray:
        """Choices made so far, [B]."""
        return self._n_choices.copy()

    def draw_task(self, generator: np.random.Generator) -> Task:
        """Draw two values; see `TaskVectorEnv.draw_task`.

        Args:
            generator: All of its randomness.

        Returns:
            {'good': value of the object that pays 1, 'bad': value of the one that costs 1}.
        """
        good = bad = generator.uniform(*self._value_range)
        while bad == good:
            bad = generator.uniform(*self._value_range)
        return {'good': good, 'bad': bad}

    def check_task(self, task: Task) -> None:
        """Refuse equal values and ones out of range; see `TaskVectorEnv.check_task`."""
        low, high = self._value_range
        if task['good'] == task['bad'] or not all(low <= v <= high for v in task.values()):
            raise ValueError(f'task {task}: two different values within {self._value_range}')

    def _begin(self, row: int, task: Task, generator: np.random.Generator) -> None:
        distance = int(generator.integers(1, DISTANCE + 1))
        sides = 1 - 2 * generator.integers(0, 2, size=1 + self._n_object_trials)
        self._values[row] = task['good'], task['bad']
        self._sides[row] = sides[1:]
        self._at[row] = N_CELLS // 2
        self._mark[row] = N_CELLS // 2 + distance * sides[0]
        self._good[row] = self._bad[row] = _NOWHERE
        self._cells[row] = 0
        self._cells[row, self._mark[row]] = MARK_VALUE
        self._n_choices[row] = 0
        self._failed[row] = False

    def _advance(self, actions: np.ndarray, live: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        # A row that is over does not move, and nothing is ever where the agent stands.
        move = (2 * actions - 1) * live
        at = self._at = (self._at + move) % N_CELLS
        fixated, right, wrong = at == self._mark, at == self._good, at == self._bad
        chosen = right | wrong
        if fixated.any():
            self._show_objects(np.flatnonzero(fixated))
        if chosen.any():
            self._failed |= wrong & (self._n_choices > 0)
            self._n_choices += chosen
            self._show_mark(np.flatnonzero(chosen), move)
        ended = chosen & (self._n_choices == self._n_object_trials)
        return MARK_REWARD * fixated + right - wrong, ended

    def _show_objects(self, rows: np.ndarray) -> None:
        at, step = self._at[rows], DISTANCE * self._sides[rows, self._n_choices[rows]]
        self._cells[rows, at] = 0
        self._mark[rows] = _NOWHERE
        self._good[rows], self._bad[rows] = (at + step) % N_CELLS, (at - step) % N_CELLS
        self._cells[rows, self._good[rows]] = self._values[rows, 0]
        self._cells[rows, self._bad[rows]] = self._values[rows, 1]

    def _show_mark(self, rows: np.ndarray, move: np.ndarray) -> None:
        self._cells[rows] = 0
        self._good[rows] = self._bad[rows] = _NOWHERE
        self._mark[rows] = (self._at[rows] - DISTANCE * move[rows]) % N_CELLS
        self._cells[rows, self._mark[rows]] = MARK_VALUE

    def _observations(self) -> np.ndarray:
        seen = (self._at[:, np.newaxis] + self._field) % N_CELLS
        return self._cells[self._rows[:, np.newaxis], seen]

    def _infos(self) -> dict[str, np.ndarray]:
        return {'success': self._terminated & ~self._failed}

    def frame(self, row: int = 0) -> np.ndarray:
        """The ring, cut open opposite the agent; see `TaskVectorEnv.frame`.

        The upper line has the cells, the brighter the higher the value, the field of view in grey
        and the fixation mark in green. The lower line has the agent in red.
        """
        here = np.arange(N_CELLS) - N_CELLS // 2
        cells = (self._at[row] + here) % N_CELLS
        image = np.zeros((2, N_CELLS, 3), dtype=np.uint8)
        image[0] = np.where(np.isin(here, self._field), 48, 0)[:, np.newaxis]
        level = self._cells[row, cells] / max(MARK_VALUE, self._value_range[1])
        filled = level > 0
        image[0, filled] = np.rint(64 + 191 * level[filled])[:, np.newaxis]
        image[0, cells == self._mark[row]] = 0, 255, 0
        image[1, N_CELLS // 2] = 255, 0, 0
        return image


class HarlowEnv(TaskEnv):
    """Learn from the outcome of one choice which of two objects pays (D, sections 4.1 and B.3).

    The agent moves one cell to the left (action 0) or to the right (action 1) on a ring of 17
    cells, and sees the `field` cells around it. At first there is a fixation mark (value 1) 1 to 3
    cells away. When reached it pays 0.2 and vanishes, and two objects, each a value, appear 3 cells
    to either side, on random sides. Reaching one of them pays +1 or -1, always the same for the
    same value; all cells are cleared and the mark appears 3 cells back the way. The episode ends
    (terminated) with the last choice, or is cut (truncated) after `max_steps`.

    As the first choice is a coin toss and all others can be right, at most 5.0 can be expected at 5
    choices and 6.2 at 6, in 29 and 35 steps.

    The task is {'good': value that pays 1, 'bad': value that costs 1}. `info['success']` is True on
    the last step of an episode in which every choice after the first one was right.

    Args:
        n_object_trials: Choices to an episode: 5, or 6, at which an optimal episode has the 35
            steps that D reports.
        value_range: Bounds between which values are uniform: (0, 1), or the papers' (0, 5) and
            (0, 100).
        field: Number of cells that are seen: 9, or 8 without the agent's own, which is always
            empty.
        max_steps: Steps after which an episode is cut.
        task: The task of every episode; None for a new one in each.
        render_mode: None or 'rgb_array'.

    Raises:
        ValueError: If a number is out of range.
    """

    vector_type = HarlowVectorEnv

    def __init__(
        self,
        n_object_trials: int = 5,
        value_range: tuple[float, float] = (0.0, 1.0),
        field: int = 9,
        max_steps: int = 250,
        task: Task | None = None,
        render_mode: str | None = None,
    ):
        batch: Any = HarlowVectorEnv(1, n_object_trials, value_range, field, max_steps)
        super().__init__(batch, task, render_mode)
