"""An installed function with other names around it.

A Python function is its code and the namespace in which that code looks up its global names. The
rewards of Meta-World call `np.linalg.norm` and `reward_utils.tolerance` there. A second function of
the same code in another namespace computes the same with what that namespace has under those names,
while the first function, its module and everybody who uses them notice nothing.
"""

from collections.abc import Callable
from types import FunctionType, ModuleType
from typing import Any


def rebound(function: Callable[..., Any], namespace: dict[str, Any]) -> Callable[..., Any]:
    """The same function, looking up its global names elsewhere.

    Args:
        function: A function written in Python.
        namespace: What global names mean to the new function. The dictionary itself is kept, so
            that a name can be added to it later.

    Returns:
        A new function; `function` is not changed.

    Raises:
        TypeError: If `function` is not written in Python.
    """
    if not isinstance(function, FunctionType):
        raise TypeError(f'{function!r} is not written in Python, so it has no global names')
    new = FunctionType(
        function.__code__.replace(),  # a copy: the interpreter notes in it what it learns of names
        namespace,
        function.__name__,
        function.__defaults__,
        function.__closure__,
    )
    new.__kwdefaults__ = function.__kwdefaults__
    new.__qualname__, new.__doc__ = function.__qualname__, function.__doc__
    new.__annotations__ = function.__annotations__
    return new


def rebound_members(cls: type, namespace: dict[str, Any]) -> dict[str, Any]:
    """The methods, static methods and properties of a class, looking up global names elsewhere.

    Args:
        cls: A class. What it inherits is left out, as are `__init__`, which runs once, and methods
            that a decorator of another module replaced.
        namespace: As in `rebound`.

    Returns:
        The new members by name.
    """
    members: dict[str, Any] = {}
    for name, member in vars(cls).items():
        if isinstance(member, staticmethod):
            members[name] = staticmethod(rebound(member.__func__, namespace))
        elif isinstance(member, property) and member.fget is not None:
            members[name] = property(rebound(member.fget, namespace), doc=member.__doc__)
        elif isinstance(member, FunctionType) and member.__module__ == cls.__module__:
            if name != '__init__':
                members[name] = rebound(member, namespace)
    return members


def module_with(module: ModuleType, **names: Any) -> ModuleType:
    """A module with the content of another, but for some names.

    Args:
        module: An imported module.
        **names: What some names mean in the new one.

    Returns:
        A new module, which is not in `sys.modules`.
    """
    other = ModuleType(module.__name__, module.__doc__)
    vars(other).update(vars(module))
    vars(other).update(names)
    return other
