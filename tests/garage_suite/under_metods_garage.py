"""A pytest plugin that runs garage's own tests with `metods_garage` imported before garage.

The expected failures are in `expected_failures.txt` beside this file, with their reasons. They are
strict: one that passes is reported as a failure, so that the list stays true.
"""

import fnmatch
import importlib.util
import os
import sys
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import metods_garage  # noqa: F401  before anything of garage: this is what is tested

import dowel
import pytest
import torch


def _stand_in_for_bullet() -> None:
    # test_gym_env.py imports it for one test; without it the other tests there would be lost
    class BulletEnv:
        def __init__(self, *args: object, **kwargs: object) -> None:
            raise ImportError('pybullet is not installed')

    stand_in = types.ModuleType('garage.envs.bullet')
    stand_in.BulletEnv = BulletEnv  # type: ignore[attr-defined]
    sys.modules[stand_in.__name__] = stand_in


if importlib.util.find_spec('pybullet_envs') is None:
    _stand_in_for_bullet()


def _let_mocks_look_at_tensors() -> None:
    # test_sac.py makes a mock of a vector, and a mock asks what it mocks for all its attributes;
    # for those that only matrices or complex numbers have, torch raises RuntimeError by now
    vector = torch.zeros(5)
    for name in dir(vector):
        try:
            getattr(vector, name)
        except RuntimeError:
            setattr(torch.Tensor, name, property(_missing_where_it_fails(name)))


def _missing_where_it_fails(name: str) -> Callable[[torch.Tensor], Any]:
    attribute = getattr(torch.Tensor, name)

    def get(tensor: torch.Tensor) -> Any:
        try:
            return attribute.__get__(tensor)
        except RuntimeError as error:
            raise AttributeError(str(error)) from error

    return get


_let_mocks_look_at_tensors()

_LIST = Path(__file__).with_name('expected_failures.txt')


def read_expected_failures(text: str) -> dict[str, str]:
    """The reason of each pattern in a list of expected failures.

    Args:
        text: Lines with one pattern of test ids each (`*` matches anything), below a line that
            starts with `# ` and gives their reason. A pattern without `::` is a file that can't
            even be imported.

    Raises:
        ValueError: If a pattern stands before the first reason.
    """
    reasons: dict[str, str] = {}
    reason = ''
    for line in text.splitlines():
        if line.startswith('# '):
            reason = line[2:].strip()
        elif line.strip():
            if not reason:
                raise ValueError(f'no reason is given above {line!r}')
            reasons[line.strip()] = reason
    return reasons


_EXPECTED = read_expected_failures(_LIST.read_text())
if 'DISPLAY' in os.environ:
    _EXPECTED = {
        pattern: reason for pattern, reason in _EXPECTED.items() if 'a display' not in reason
    }


def _reason(node_id: str) -> str | None:
    # ids of parametrised tests contain [...], which fnmatch would read as a set of characters
    file = node_id.partition('::')[0]
    for pattern, reason in _EXPECTED.items():
        if file == pattern or fnmatch.fnmatchcase(node_id, pattern.replace('[', '[[]')):
            return reason
    return None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the expected failures."""
    for item in items:
        reason = _reason(item.nodeid)
        if reason is not None:
            # strict: one that passes after all has to leave the list
            item.add_marker(pytest.mark.xfail(reason=reason, strict=True))


def pytest_pycollect_makemodule(
    module_path: Path, parent: pytest.Collector
) -> '_FileThatCannotBeImported | None':
    """Take over the files whose import is expected to fail."""
    if module_path.relative_to(parent.config.rootpath).as_posix() not in _EXPECTED:
        return None
    return _FileThatCannotBeImported.from_parent(parent, path=module_path)


def pytest_runtest_teardown() -> None:
    """Take away the outputs that a test leaves in the one logger of the process.

    They write into temporary files that are gone, which dowel 0.0.4 does not forgive.
    """
    dowel.logger.remove_all()
    dowel.tabular.clear()


class _FileThatCannotBeImported(pytest.File):
    """A test file that needs a package that is not there."""

    def collect(self) -> Iterator[pytest.Item]:
        yield _Import.from_parent(self, name='import')


class _Import(pytest.Item):
    """The import of such a file, as one test."""

    def runtest(self) -> None:
        spec = importlib.util.spec_from_file_location('_imported_for_nothing', self.path)
        assert spec is not None
        assert spec.loader is not None
        spec.loader.exec_module(importlib.util.module_from_spec(spec))
