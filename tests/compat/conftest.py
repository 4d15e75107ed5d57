"""What the tests of single adjustments share."""

import importlib
import importlib.machinery
import importlib.util
from collections.abc import Callable
from types import ModuleType

import pytest


@pytest.fixture
def as_released() -> Callable[[str], ModuleType]:
    """Loads another copy of a module, which no adjustment has been applied to."""

    def load(name: str) -> ModuleType:
        parent = importlib.import_module(name.rpartition('.')[0])
        spec = importlib.machinery.PathFinder.find_spec(name, parent.__path__)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    return load
