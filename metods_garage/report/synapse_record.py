"""What was kept of a trained agent's synapses: one file beside a run, written once, then drawn."""

import dataclasses
import io
import pathlib
import zipfile

import numpy as np

FILE_NAME = 'record.npz'


@dataclasses.dataclass(frozen=True)
class SynapseRecord:
    """B evaluation trials of at most T steps, with the weights of an agent of N neurons.

    Step t of a trial turns W_t into W_{t+1}, so that W_0 is what the trial starts from. `W v` is
    what is read: W_ij leads from neuron j to neuron i. Weights are kept at K moments of some of the
    trials, evenly over each; sums over them are kept of every step of every trial.

    Attributes:
        benchmark (str): Name of the benchmark.
        training_steps (int): Training steps of the agent.
        replay_error (float): Largest difference between a log-probability that an action was drawn
            with and the one of the replay that the weights are taken from.
        valid (np.ndarray): Bool [B, T], False where a trial is over.
        rewards (np.ndarray): Rewards that steps received, [B, T]; the step after sees them.
        actions (np.ndarray): Actions [B, T] or [B, T, A].
        episode_start (np.ndarray): Bool [B, T], True at the first step of an episode.
        variation (np.ndarray): sum_ij |W_{t+1} - W_t| of each step, [B, T].
        weights (np.ndarray): W at the kept moments, [K, N, N], trial by trial in order of time.
        weight_trial (np.ndarray): Row of the trial of each moment, int [K].
        weight_step (np.ndarray): Number of steps that the trial had taken by then, int [K].
        activity (np.ndarray): v^(S) of the step that led to each moment, [K, N]; zeros for W_0.

    """

    benchmark: str
    training_steps: int
    replay_error: float
    valid: np.ndarray
    rewards: np.ndarray
    actions: np.ndarray
    episode_start: np.ndarray
    variation: np.ndarray
    weights: np.ndarray
    weight_trial: np.ndarray
    weight_step: np.ndarray
    activity: np.ndarray

    @property
    def lengths(self) -> np.ndarray:
        """np.ndarray: Steps of each trial, int [B]."""
        return self.valid.sum(axis=1)

    def to_bytes(self) -> bytes:
        """The content of the file: a compressed archive of NumPy arrays."""
        file = io.BytesIO()
        np.savez_compressed(file, **dataclasses.asdict(self))
        return file.getvalue()

    @classmethod
    def read(cls, path: pathlib.Path) -> 'SynapseRecord':
        """Read a record.

        Args:
            path: The file.

        Returns:
            The record.

        Raises:
            ValueError: If the file is damaged; names it.

        """
        try:
            with np.load(path, allow_pickle=False) as arrays:
                content = {field.name: arrays[field.name] for field in dataclasses.fields(cls)}
        except (OSError, KeyError, ValueError, EOFError, zipfile.BadZipFile) as error:
            raise ValueError(
                f'{path} is damaged or no record of synapses ({error}): delete it, and the next '
                f'`python -m metods_garage.report synapses` records anew'
            ) from None
        for name, kind in (('benchmark', str), ('training_steps', int), ('replay_error', float)):
            content[name] = kind(content[name])
        return cls(**content)
