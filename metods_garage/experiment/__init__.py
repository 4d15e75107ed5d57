"""Experiments: protocols as data, the step ledger, evaluation, run folders, resuming.

Importing the trainer for TensorFlow imports TensorFlow, so it stays in
`metods_garage.experiment.tf_trainer`.
"""

from metods_garage.experiment.configuration import RunConfiguration
from metods_garage.experiment.evaluation import (
    Evaluation,
    Evaluator,
    MetaAlgorithmEvaluator,
    RecurrentEvaluator,
)
from metods_garage.experiment.evaluation_csv import EVALUATION_COLUMNS
from metods_garage.experiment.horizon import observing_trials, within_horizon
from metods_garage.experiment.launch import (
    LaunchOptions,
    find_benchmark,
    launch_options,
    launch_options_on,
    open_run,
    refuse_small_budget,
)
from metods_garage.experiment.ledger import Ledger, LedgerSampler
from metods_garage.experiment.progress import Progress
from metods_garage.experiment.protocol import PROTOCOLS, Protocol
from metods_garage.experiment.random_state import preserved_random_state
from metods_garage.experiment.recipes import RECIPES, find_recipe
from metods_garage.experiment.recurrent_recipe import (
    recipe_option,
    recurrent_options,
    train_recurrent,
)
from metods_garage.experiment.results import show_results
from metods_garage.experiment.run_folder import RunFolder, RunFolderError
from metods_garage.experiment.snapshot import SnapshotRefused, read_snapshot, write_snapshot
from metods_garage.experiment.task_protocols import TASK_PROTOCOLS, task_family
from metods_garage.experiment.trainer import ProtocolTrainer

__all__ = [
    'EVALUATION_COLUMNS',
    'PROTOCOLS',
    'RECIPES',
    'TASK_PROTOCOLS',
    'Evaluation',
    'Evaluator',
    'LaunchOptions',
    'Ledger',
    'LedgerSampler',
    'MetaAlgorithmEvaluator',
    'Progress',
    'Protocol',
    'ProtocolTrainer',
    'RecurrentEvaluator',
    'RunConfiguration',
    'RunFolder',
    'RunFolderError',
    'SnapshotRefused',
    'find_benchmark',
    'find_recipe',
    'launch_options',
    'launch_options_on',
    'observing_trials',
    'open_run',
    'preserved_random_state',
    'read_snapshot',
    'recipe_option',
    'recurrent_options',
    'refuse_small_budget',
    'show_results',
    'task_family',
    'train_recurrent',
    'within_horizon',
    'write_snapshot',
]
