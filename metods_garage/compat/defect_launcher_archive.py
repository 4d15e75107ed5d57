"""The archive of a launcher's repository, with a relative log directory."""

import os
from types import ModuleType
from typing import Any

from metods_garage.compat.adjustment import Adjustment, replace


def _archive_into_absolute_folder(module: ModuleType) -> None:
    def make_launcher_archive(*, git_root_path: Any, log_dir: str) -> None:
        # tar is run in the root of the repository, where a relative path means something else
        archive(git_root_path=git_root_path, log_dir=os.path.abspath(log_dir))

    archive = replace(module, 'make_launcher_archive', make_launcher_archive)


ADJUSTMENTS = (
    Adjustment(
        name='launcher-archive',
        module='garage.experiment.experiment',
        apply=_archive_into_absolute_folder,
        reason='wrap_experiment with a relative log_dir fails unless it is started in the root of '
        "the launcher's git repository, as it is wherever a virtual environment lies in another.",
    ),
)
