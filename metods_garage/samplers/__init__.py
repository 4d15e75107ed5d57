"""Samplers: whole trials, many environments at a time, through garage's own samplers."""

from metods_garage.samplers.trial_batch import TrialBatch
from metods_garage.samplers.trial_sampling import obtain_trials
from metods_garage.samplers.trial_update import TrialUpdate
from metods_garage.samplers.trial_worker import TrialWorker

__all__ = ['TrialBatch', 'TrialUpdate', 'TrialWorker', 'obtain_trials']
