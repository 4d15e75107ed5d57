"""Applies adjustments at the moment that the module they concern is imported.

A module that nobody imports is not adjusted, and nothing is imported for the sake of adjusting it.
"""

import contextlib
import importlib.abc
import importlib.machinery
import sys
from collections.abc import Iterable, Sequence
from types import ModuleType
from typing import Any

from metods_garage.compat.adjustment import Adjustment


class AdjustingFinder(importlib.abc.MetaPathFinder):
    """Finds modules as Python would, and has their adjustments applied when they are loaded.

    Args:
        adjustments: Those that wait for a module.
    """

    def __init__(self, adjustments: Iterable[Adjustment]) -> None:
        self._waiting: dict[str, list[Adjustment]] = {}
        self.wait_for(adjustments)

    def wait_for(self, adjustments: Iterable[Adjustment]) -> None:
        """Have `adjustments` applied too, when their modules are imported."""
        for adjustment in adjustments:
            self._waiting.setdefault(adjustment.module, []).append(adjustment)

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,
        target: ModuleType | None = None,
    ) -> importlib.machinery.ModuleSpec | None:
        """The spec of `fullname` with an adjusting loader; None where nothing waits for it."""
        if fullname not in self._waiting:
            return None
        spec = self._spec_of_others(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _AdjustingLoader(spec.loader, self._waiting[fullname])
        return spec

    def _spec_of_others(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None
    ) -> importlib.machinery.ModuleSpec | None:
        for finder in sys.meta_path:
            if finder is not self:
                spec = finder.find_spec(fullname, path, target)
                if spec is not None:
                    return spec
        return None

    def adjust_already_imported(self) -> None:
        """Apply what waits for modules that were imported before the package was."""
        for name, adjustments in self._waiting.items():
            module = sys.modules.get(name)
            if module is not None:
                for adjustment in adjustments:
                    if adjustment.when == 'after':
                        adjustment.apply_to(module)


class _AdjustingLoader(importlib.abc.Loader):
    """The loader of a module, plus the adjustments around and after its execution."""

    def __init__(self, loader: Any, adjustments: list[Adjustment]) -> None:
        self._loader = loader
        self._adjustments = adjustments

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        with contextlib.ExitStack() as around:
            for adjustment in self._adjustments:
                if adjustment.when == 'around':
                    around.enter_context(adjustment.apply())
            self._loader.exec_module(module)
        for adjustment in self._adjustments:
            if adjustment.when == 'after':
                adjustment.apply_to(module)

    def __getattr__(self, name: str) -> Any:
        # get_source, is_package, get_resource_reader, ...: what inspect and runpy ask for
        if name.startswith('__'):
            raise AttributeError(name)
        return getattr(self._loader, name)
