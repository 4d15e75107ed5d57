"""What a run is: the part that defines it, and the circumstances that are only recorded."""

import dataclasses
import hashlib
import importlib.metadata
import json
import pathlib
import platform
import shlex
import shutil
import subprocess
import sys
from typing import Any

from metods_garage.experiment.protocol import Protocol

_PACKAGES = (
    'metods_garage',
    'garage',
    'torch',
    'numpy',
    'gymnasium',
    'metaworld',
    'mujoco',
    'tensorflow',
    'ray',
)


# A trial has a seed of its own, so that it is the same wherever it is sampled: a run may go on with
# other workers, as on a machine with another number of cores.
_MAY_CHANGE = ('execution.sampler', 'execution.workers')


@dataclasses.dataclass(frozen=True)
class RunConfiguration:
    """What defines a run. Two runs of equal configuration are repetitions of each other.

    Args:
        benchmark (str): Name of the benchmark.
        method (str): Name of the method.
        seed (int): Seed of training.
        protocol (Protocol): Budget and evaluation.
        settings (dict): The method's own settings, as plain data.
        execution (dict): How it is computed (device, sampler, workers, acceleration), as plain
            data. Sampler and workers are recorded, but a resumed run may have others.

    """

    benchmark: str
    method: str
    seed: int
    protocol: Protocol
    settings: dict[str, Any]
    execution: dict[str, Any]

    def as_dict(self) -> dict[str, Any]:
        """The configuration as plain data, as JSON gives it back."""
        data = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        return json.loads(json.dumps(data | {'protocol': self.protocol.as_dict()}))

    @property
    def digest(self) -> str:
        """str: SHA-256 of what defines the run."""
        return hashlib.sha256(json.dumps(self._defining(), sort_keys=True).encode()).hexdigest()

    def _defining(self) -> dict[str, Any]:
        flat = _flat(self.as_dict())
        return {name: value for name, value in flat.items() if name not in _MAY_CHANGE}

    def differences(self, recorded: dict[str, Any]) -> list[str]:
        """How a recorded configuration differs from this one.

        Args:
            recorded: Content of a config.json.

        Returns:
            One 'name: recorded instead of wanted' per difference, in the words of the options.

        """
        wanted, found = self._defining(), _flat(recorded)
        commit = recorded.get('git_commit')
        newer = f' (if it is newer than that run, commit {commit} resumes it)' if commit else ''
        return [
            f'{name}: {_said(found, name)} there, {_said(wanted, name)} asked for'
            + ('' if name in found else newer)
            for name in sorted(wanted.keys() | found.keys())
            if name.split('.')[0] in self.as_dict()
            and name not in _MAY_CHANGE
            and _said(wanted, name) != _said(found, name)
        ]


def _said(configuration: dict[str, Any], name: str) -> str:
    return repr(configuration[name]) if name in configuration else 'nothing'


def circumstances() -> dict[str, Any]:
    """What is recorded of a run beside its configuration: versions, commit and command."""
    return {
        'versions': {'python': platform.python_version()} | _versions(),
        'platform': platform.platform(),
        'git_commit': _git_commit(),
        'command': command(),
    }


def command(*extra: str) -> str:
    """The command of this process as one would type it.

    Args:
        *extra: Options to add to it, where they are missing.

    Returns:
        The command line.

    """
    given = [word for word in sys.argv if not (extra and word in ('--overwrite', '--resume'))]
    return shlex.join([interpreter(), *given, *(word for word in extra if word not in given)])


def interpreter() -> str:
    """The Python of this process as one would type it here, with its environment active or not."""
    if not sys.executable:
        return 'python'
    running = pathlib.Path(sys.executable)
    found = pathlib.Path(shutil.which('python') or 'nothing').absolute()
    # Not the files behind the links alone: environments share those.
    if found.parent == running.parent and found.resolve() == running.resolve():
        return 'python'
    below = running.is_relative_to(pathlib.Path.cwd())
    return str(running.relative_to(pathlib.Path.cwd()) if below else running)


def _versions() -> dict[str, str]:
    versions = {}
    for package in _PACKAGES:
        try:
            versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return versions


def _git_commit() -> str | None:
    here = pathlib.Path(__file__).parent
    try:
        commit = _git(here, 'rev-parse', 'HEAD')
        changed = _git(here, 'status', '--porcelain', '--untracked-files=no')
    except (OSError, subprocess.SubprocessError):
        return None  # an installed package has no repository around it
    return commit + ('-changed' if changed else '')


def _git(folder: pathlib.Path, *words: str) -> str:
    done = subprocess.run(
        ['git', *words], cwd=folder, capture_output=True, text=True, check=True, timeout=10
    )
    return done.stdout.strip()


def _flat(data: dict[str, Any], prefix: str = '') -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in data.items():
        if isinstance(value, dict):
            flat |= _flat(value, f'{prefix}{key}.')
        else:
            flat[f'{prefix}{key}'] = value
    return flat
