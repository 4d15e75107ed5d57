"""garage's NumPy functions under current NumPy and cma."""

import functools
from types import ModuleType
from typing import Any

from metods_garage.compat.adjustment import Adjustment, replace


def stack_ragged(functions: ModuleType) -> None:
    """Let `stack_tensor_dict_list` stack arrays of different shapes into an array of objects."""

    @functools.wraps(functions.stack_tensor_dict_list)
    def stack_tensor_dict_list(tensor_dict_list: list[dict[str, Any]]) -> dict[str, Any]:
        try:
            return of_garage(tensor_dict_list)
        except ValueError:
            return _stack_as_objects(tensor_dict_list)

    of_garage = replace(functions, 'stack_tensor_dict_list', stack_tensor_dict_list)


def _stack_as_objects(dicts: list[dict[str, Any]]) -> dict[str, Any]:
    """`{key: [each dict's value]}`, stacked where the shapes agree."""
    stacked = {}
    for key, example in dicts[0].items():
        values = [each.get(key, {} if isinstance(example, dict) else []) for each in dicts]
        stacked[key] = _stack_as_objects(values) if isinstance(example, dict) else _array(values)
    return stacked


def _array(values: list[Any]) -> Any:
    import numpy as np

    try:
        return np.array(values)
    except ValueError:  # NumPy 1.24 and later refuse what was an array of objects before
        objects = np.empty(len(values), dtype=object)
        objects[:] = values
        return objects


_RAGGED = (
    'NumPy 1.24 refuses arrays of different shapes, which infos that are not set in every step '
    'or differ in length are.'
)

ADJUSTMENTS = (
    Adjustment(
        name='stack-ragged', module='garage.np._functions', apply=stack_ragged, reason=_RAGGED
    ),
    Adjustment(
        name='stack-ragged-tf', module='garage.tf._functions', apply=stack_ragged, reason=_RAGGED
    ),
)
