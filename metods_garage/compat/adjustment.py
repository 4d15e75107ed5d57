"""What an adjustment is, and the errors it can end in."""

import dataclasses
from collections.abc import Callable
from types import ModuleType
from typing import Any, Literal

DISABLE_VARIABLE = 'METODS_GARAGE_DISABLE'
"""Environment variable with a comma-separated list of adjustments to leave out."""


class MissingTarget(RuntimeError):
    """What an adjustment changes is not there, so the installed version is not the expected one."""


@dataclasses.dataclass(frozen=True)
class Adjustment:
    """One change to somebody else's module, with the reason for it.

    Args:
        name: What it is called in `METODS_GARAGE_DISABLE` and in the documentation.
        module: The module it waits for, or '' for what is done once, at activation.
        apply: The change. With `when='after'`, called with the module just after its first
            import; with `when='around'`, called without arguments and giving a context manager
            that is entered while the module is executed; at activation, called without arguments.
        reason: Why it is needed, in one sentence.
        upstream_issue: Address of the issue of the project that is changed, where there is one.
        optional: Whether `METODS_GARAGE_DISABLE` may name it.
        when: `'after'` or `'around'` the import of `module`.
    """

    name: str
    module: str
    apply: Callable[..., Any]
    reason: str
    upstream_issue: str = ''
    optional: bool = True
    when: Literal['after', 'around'] = 'after'

    def apply_to(self, module: ModuleType) -> None:
        """Change `module`, which has just been imported.

        Raises:
            MissingTarget: If what is to be changed does not exist in `module`.
        """
        try:
            self.apply(module)
        except (AttributeError, ImportError, KeyError) as error:
            raise MissingTarget(self._missing(module, error)) from error

    def _missing(self, module: ModuleType, error: Exception) -> str:
        remedy = f'; {DISABLE_VARIABLE}={self.name} leaves it out' if self.optional else ''
        version = getattr(module, '__version__', 'installed at ' + str(module.__file__))
        return (
            f'the adjustment {self.name!r} of metods_garage does not fit {module.__name__} '
            f'({version}): {error!r}. It was written because: {self.reason} '
            f'Install the versions that metods_garage names{remedy}.'
        )


def replace(owner: Any, name: str, new: Any) -> Any:
    """Put `new` in the place of `owner.name`, which must exist, and return what was there.

    Raises:
        AttributeError: If `owner` has no `name`, for then nothing would be changed.
    """
    old = getattr(owner, name)
    setattr(owner, name, new)
    return old
