"""Mazes with an invisible target that has to be found and then found again."""

from functools import cache

from metods_garage.envs.task_env import TaskEnv
from metods_garage.envs.task_vector_env import Task, TaskVectorEnv

import gymnasium
import numpy as np

HIT_REWARD = 10.0


class MazeVectorEnv(TaskVectorEnv):
    """B mazes at once; see `MazeEnv` for the task and `TaskVectorEnv` for the calls.

    Args:
        num_envs: Number of rows B.
        size: Size of the maze, even and at least 6.
        max_steps: Steps to an episode.

    Raises:
        ValueError: If a number is out of range.
    """

    def __init__(self, num_envs: int, size: int = 8, max_steps: int = 100):
        if size < 6 or size % 2:
            raise ValueError(f'size={size}: it is an even number from 6 on; the board has size - 1')
        space = gymnasium.spaces.Box(0.0, 1.0, shape=(9,), dtype=np.float32)
        super().__init__(num_envs, space, 4, max_steps)
        self._size = size
        side = self._side = size - 1
        self._moves = np.array([-side, side, -1, 1])  # up, down, left, right on the flat board
        self._patch = np.add.outer([-side, 0, side], [-1, 0, 1]).ravel()
        n_free = 2 * ((size - 2) // 2) ** 2 - 1  # cells of the lattice and the doors of its tree
        self._walls = np.ones((num_envs, side * side), dtype=np.float32)
        self._target = np.zeros(num_envs, dtype=np.intp)
        self._starts = np.zeros((num_envs, n_free), dtype=np.intp)
        self._n_starts = np.ones(num_envs, dtype=np.intp)
        self._where = np.zeros((num_envs, max_steps + 1))  # uniform numbers that choose the starts
        self._at = np.full(num_envs, side + 1, dtype=np.intp)
        self._hit = np.zeros(num_envs, dtype=bool)

    @property
    def walls(self) -> np.ndarray:
        """The boards, bool [B, size - 1, size - 1]."""
        return self._walls.astype(bool).reshape(-1, self._side, self._side)

    @property
    def target(self) -> np.ndarray:
        """Row and column of each target, [B, 2]."""
        return np.stack(np.divmod(self._target, self._side), axis=1)

    @property
    def position(self) -> np.ndarray:
        """Row and column of each agent, [B, 2]."""
        return np.stack(np.divmod(self._at, self._side), axis=1)

    def draw_task(self, generator: np.random.Generator) -> Task:
        """Draw a maze and its target; see `TaskVectorEnv.draw_task`.

        Args:
            generator: All of its randomness.

        Returns:
            {'walls': bool [size - 1, size - 1], 'target': (row, column)}.
        """
        walls = lattice_maze(self._size, generator)
        free = np.flatnonzero(~walls)
        target = divmod(int(free[generator.integers(len(free))]), self._side)
        return {'walls': walls, 'target': target}

    def check_task(self, task: Task) -> None:
        """Refuse boards without a border, or where nobody can start."""
        walls = np.asarray(task['walls'], dtype=bool)
        if walls.shape != (self._side, self._side):
            raise ValueError(f'walls of shape {walls.shape}: size {self._size} has {self._side}^2')
        if not (walls[[0, -1]].all() and walls[:, [0, -1]].all()):
            raise ValueError('the border of a maze is walls all around')
        n_free, n_places = np.count_nonzero(~walls), self._starts.shape[1]
        if not 2 <= n_free <= n_places:
            raise ValueError(f'{n_free} free cells: a maze of this size has 2 to {n_places}')
        row, column = task['target']
        if not (0 <= row < self._side and 0 <= column < self._side) or walls[row, column]:
            raise ValueError(f'target {task["target"]} is no free cell')

    def _begin(self, row: int, task: Task, generator: np.random.Generator) -> None:
        walls = np.asarray(task['walls'], dtype=bool).ravel()
        target = task['target'][0] * self._side + task['target'][1]
        starts = np.flatnonzero(~walls)
        starts = starts[starts != target]
        self._walls[row] = walls
        self._target[row] = target
        self._n_starts[row] = len(starts)
        self._starts[row, : len(starts)] = starts
        self._where[row] = generator.random(self.max_steps + 1)
        self._at[row] = starts[int(self._where[row, -1] * len(starts))]
        self._hit[row] = False

    def _advance(self, actions: np.ndarray, live: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        ahead = self._at + self._moves[actions] * live
        blocked = self._walls[self._rows, ahead] > 0
        at = np.where(blocked, self._at, ahead)
        self._hit = at == self._target  # nobody starts there, so never in a row that is over
        hits = np.flatnonzero(self._hit)
        if len(hits):
            chosen = self._where[hits, self._n_steps[hits]] * self._n_starts[hits]
            at[hits] = self._starts[hits, chosen.astype(np.intp)]
        self._at = at
        return HIT_REWARD * self._hit, np.zeros(self.num_envs, dtype=bool)

    def _observations(self) -> np.ndarray:
        return self._walls[self._rows[:, np.newaxis], self._at[:, np.newaxis] + self._patch]

    def _infos(self) -> dict[str, np.ndarray]:
        return {'success': self._hit}

    def frame(self, row: int = 0) -> np.ndarray:
        """Walls in black, the target in green, the agent in red; see `TaskVectorEnv.frame`."""
        image = np.full((self._side**2, 3), 255, dtype=np.uint8)
        image[self._walls[row] > 0] = 0
        image[self._at[row] + self._patch] //= 2
        image[self._at[row] + self._patch] += 64  # the field of view, in greys
        image[self._target[row]] = 0, 160, 0
        image[self._at[row]] = 255, 0, 0
        return image.reshape(self._side, self._side, 3)


class MazeEnv(TaskEnv):
    """Find an invisible target in a new maze, again and again (D, sections 4.2 and B.4).

    The agent moves up, down, left or right (actions 0 to 3) by one cell; a move against a wall
    leaves it where it is. Reaching the target pays 10 and puts the agent on a random free cell
    other than the target. It sees the walls among the 3 x 3 cells around it, row by row, and so
    neither the target nor where it is. The episode is cut (truncated) after `max_steps`.

    The maze is a random spanning tree of a lattice (`lattice_maze`) on a board with size - 1 cells
    to a side, the border included. Uniformly random actions earn 34, 10, 4.7, 2.8 and 1.5 at the
    sizes 6 to 14, the shortest ways 393, 216, 149, 110 and 87.

    The task is {'walls': bool [size - 1, size - 1], 'target': (row, column)}. `info['success']` is
    True on the steps that reach the target.

    Args:
        size: The papers' size of the maze: 6, 8, 10, 12, 14 or any even number from 6 on.
        max_steps: Steps to an episode.
        task: The task of every episode; None for a new one in each.
        render_mode: None or 'rgb_array'.

    Raises:
        ValueError: If a number is out of range.
    """

    vector_type = MazeVectorEnv

    def __init__(
        self,
        size: int = 8,
        max_steps: int = 100,
        task: Task | None = None,
        render_mode: str | None = None,
    ):
        super().__init__(MazeVectorEnv(1, size, max_steps), task, render_mode)


def lattice_maze(size: int, generator: np.random.Generator) -> np.ndarray:
    """Draw a maze by Prim's algorithm with random choices.

    Cells of odd row and odd column are joined one by one to the maze, each time through a random
    one of the walls between the maze and what is not yet in it.

    D puts a wall on every cell that has none among its 8 neighbours. In a lattice no cell is like
    this, as the cells of even row and even column are all walls.

    Args:
        size: Size of the maze, even.
        generator: All of its randomness.

    Returns:
        Where the walls are, bool [size - 1, size - 1], with a border.
    """
    neighbours = _lattice(size)
    # no more walls than this are ever chosen, as each is listed once, from the side reached first
    draws = generator.random(1 + sum(map(len, neighbours)) // 2).tolist()
    walls = np.ones((size - 1) ** 2, dtype=bool)
    cells, doors = [], []
    joined = [False] * len(neighbours)
    frontier: list[tuple[int, int]] = []
    here = int(draws.pop() * len(neighbours))
    while True:
        joined[here] = True
        cells.append(here)
        frontier += [(there, door) for there, door in neighbours[here] if not joined[there]]
        while frontier:
            chosen = int(draws.pop() * len(frontier))
            frontier[chosen], frontier[-1] = frontier[-1], frontier[chosen]
            here, door = frontier.pop()
            if not joined[here]:
                doors.append(door)
                break
        else:
            break
    n = (size - 2) // 2
    row, column = np.divmod(cells, n)
    walls[(2 * row + 1) * (size - 1) + 2 * column + 1] = False
    walls[doors] = False
    return walls.reshape(size - 1, size - 1)


@cache
def _lattice(size: int) -> list[list[tuple[int, int]]]:
    """For each cell of the lattice its neighbours, and the flat board's cell between the two."""
    n, side = (size - 2) // 2, size - 1

    def door(row: int, column: int, down: int, right: int) -> int:
        return (2 * row + 1 + down) * side + 2 * column + 1 + right

    return [
        [
            ((row + down) * n + column + right, door(row, column, down, right))
            for down, right in ((-1, 0), (1, 0), (0, -1), (0, 1))
            if 0 <= row + down < n and 0 <= column + right < n
        ]
        for row in range(n)
        for column in range(n)
    ]
