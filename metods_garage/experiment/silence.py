"""Keeps garage's own progress bars off the terminal."""

import contextlib
import io


def silent_bars() -> contextlib.AbstractContextManager:
    """A block in which nothing is printed.

    garage's parallel samplers print a bar per call, which would break the run's own.
    """
    return contextlib.redirect_stdout(io.StringIO())
