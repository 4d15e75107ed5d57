"""Says how far a run is: a bar on a terminal, plain lines elsewhere."""

import sys
import time

import tqdm

_LINES_OF_A_PART = 10


class Progress:
    """Progress of training, in environment steps, or of a long part of it.

    Args:
        budget (int): Training steps of the protocol, or steps of the part.
        start (int): Steps taken before, when resuming.
        part (str): What the steps are steps of, where they are not the environment's: of a part of
            an iteration, whose bar stands below that of training and is gone at its end, and which
            has at most ten lines where there is no bar.

    """

    def __init__(self, budget: int, start: int, part: str = '') -> None:
        self._budget = budget
        self._start = start
        self._part = part
        self._unit = f'{part} steps' if part else 'steps'
        self._began = time.monotonic()
        self._bar = (
            tqdm.tqdm(
                total=budget, initial=start, unit=f' {self._unit}', unit_scale=True, leave=not part
            )
            if sys.stderr.isatty()
            else None
        )

    def advance(self, steps: int) -> None:
        """Show that `steps` steps have been taken.

        Args:
            steps: Steps taken since the run, or its part, began.

        """
        if self._bar is not None:
            self._bar.update(min(steps, self._budget) - self._bar.n)
            return
        if self._part and steps % max(1, self._budget // _LINES_OF_A_PART):
            return
        rate = (steps - self._start) / max(time.monotonic() - self._began, 1e-9)
        left = max(0, self._budget - steps) / rate if rate else float('inf')
        percent = 100 * steps / max(1, self._budget)
        self.say(
            f'{steps:,} of {self._budget:,} {self._unit} ({percent:.0f} %), '
            f'{rate:,.{0 if rate >= 10 else 2}f} steps/s, {_clock(left)} left'
        )

    def say(self, text: str) -> None:
        """Print a line without disturbing the bar.

        Args:
            text: The line.

        """
        if self._bar is not None:
            self._bar.write(text)
        else:
            print(text, flush=True)

    def close(self) -> None:
        """End the bar."""
        if self._bar is not None:
            self._bar.close()


def _clock(seconds: float) -> str:
    if seconds == float('inf'):
        return 'unknown time'
    minutes, seconds = divmod(round(seconds), 60)
    return f'{minutes // 60}:{minutes % 60:02d}:{seconds:02d}'
