"""Acting in one trial after another, each from its start to its end."""

from __future__ import annotations

from collections.abc import Sequence

from metods_garage.modules import Acted, ActingStep, State
from metods_garage.policies.action_draw import gaussian_infos

import numpy as np

__all__ = ['LoneTrials']

_DRAWN_AT_ONCE = 64


class LoneTrials:
    """The steps of B trials one below the other: rows of arrays, as many as each trial needs.

    While a trial goes on, its memory and what its environment computes with stay in the
    processor's cache. Everything is equal, to the last bit, to what
    :meth:`~metods_garage.policies.RecurrentPolicy.get_actions` gives for all trials at a time.

    Args:
        name: Class of a Gaussian policy.
        acting_step: Its step.
        log_std: Its deviation, ``[A]``.
        state: The memory of B trials at their start; it becomes that at their ends.
        generators: One per trial.
        deterministic: Take the mean instead of drawing actions.
        n_seen: Size O of an observation.
        seeds: The seeds of the memories, int ``[B]``, where they are to be told.

    Attributes:
        name: Class of the policy.
        observations: What is seen, ``[R, O]``; the caller writes it.
        actions: What is done, ``[R, A]``.
    """

    def __init__(
        self,
        name: str,
        acting_step: ActingStep,
        log_std: np.ndarray,
        state: State,
        generators: Sequence[np.random.Generator],
        *,
        deterministic: bool,
        n_seen: int,
        seeds: np.ndarray | None,
    ) -> None:
        acting_step.follow_parameters()
        self.name = name
        self._acting_step = acting_step
        self._log_std = log_std
        std = np.exp(log_std)
        self._has_density = bool((np.isfinite(std) & (std > 0)).all())
        self._generators = generators
        self._deterministic = deterministic
        self._seeds = seeds
        self._starts: list[int] = []
        self._n_drawn = 0  # rows whose noise is there
        self._held = acting_step.held(state)
        self._own = acting_step.own_memory(1)
        self._acted = acting_step.new_rows(0)
        self._noise = np.zeros((0, acting_step.n_drawn))
        self.observations = np.zeros((0, n_seen), np.float32)
        self.actions = self._acted.actions

    def make_room(self, n_rows: int) -> None:
        """Have at least that many rows."""
        held = len(self.observations)
        if n_rows <= held:
            return
        n_new = max(n_rows, 2 * held) - held
        new = self._acting_step.new_rows(n_new)
        self._acted = Acted(*map(_joined, self._acted, new))
        self._noise = _joined(self._noise, np.zeros((n_new, self._noise.shape[1])))
        self.observations = _joined(
            self.observations, np.zeros((n_new, self.observations.shape[1]), np.float32)
        )
        self.actions = self._acted.actions

    def start(self, row: int) -> None:
        """Start the next trial.

        Args:
            row: Where its first step will be.
        """
        trial = len(self._starts)
        self._starts.append(row)
        self._n_drawn = row
        self._acting_step.load(self._held[trial : trial + 1], self._own)

    def step(self, row: int) -> bool:
        """Do something about what is seen.

        Args:
            row: Of the observation.

        Returns:
            Whether the observation and everything done and told is finite.
        """
        if row >= self._n_drawn:
            self._draw()
        is_finite = self._acting_step.take(
            (0, 1), row, self.observations, self._noise, self._own, self._acted
        )
        return is_finite and self._has_density

    def done(self, row: int) -> dict[str, np.ndarray]:
        """What was done in a step, and what is told of it: action, log-probability and value."""
        action = self.actions[row]
        infos = gaussian_infos(action, self._acted.outputs[row], self._log_std)
        log_prob, value = infos['log_prob'], self._acted.values[row]
        return {'action': action, 'log_prob': log_prob, 'value': value}

    def end(self) -> None:
        """End the trial."""
        trial = len(self._starts) - 1
        self._acting_step.store(self._own, self._held[trial : trial + 1])

    def agent_infos(self, n_rows: int) -> dict[str, np.ndarray]:
        """What is told of the first steps, as by `RecurrentPolicy.get_actions`.

        Args:
            n_rows: How many.

        Returns:
            Arrays ``[n_rows, ...]``.
        """
        acted = Acted(*(x[:n_rows] for x in self._acted))
        infos = gaussian_infos(acted.actions, acted.outputs, self._log_std)
        infos |= {'value': acted.values.copy(), 'memory_norm': acted.norms.copy()}
        if self._seeds is not None:
            lengths = np.diff([*self._starts, n_rows])
            infos['memory_seed'] = np.repeat(self._seeds[: len(lengths)], lengths)
        return infos

    def _draw(self) -> None:
        start = self._n_drawn
        self._n_drawn = min(start + _DRAWN_AT_ONCE, len(self._noise))
        block = self._noise[start : self._n_drawn]
        if self._deterministic:
            block[:] = 0
        else:
            self._generators[len(self._starts) - 1].standard_normal(out=block)


def _joined(rows: np.ndarray, more: np.ndarray) -> np.ndarray:
    return np.concatenate([rows, more])
