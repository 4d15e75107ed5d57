"""MuJoCo's named bodies, sites, geoms and joints, each looked up once.

`data.body('hand').xpos` looks a name up, makes an object for the body and an array for the position
each time, though both are windows into memory that does not move as long as the `MjData` lives.
Meta-World asks for a dozen of them in each step.
"""

import weakref
from collections.abc import Callable
from typing import Any

import mujoco

_ARRAYS = ('xpos', 'xquat', 'xmat', 'qpos')


class NamedView:
    """One body, site, geom or joint: MuJoCo's own view, with its arrays at hand.

    Args:
        view: What `MjData.body`, `site`, `geom` or `joint` returned.
    """

    __slots__ = ('_view', 'id', *_ARRAYS)

    def __init__(self, view: Any):
        put = super().__setattr__
        put('_view', view)
        for name in ('id', *_ARRAYS):
            if hasattr(view, name):
                put(name, getattr(view, name))

    def __getattr__(self, name: str) -> Any:
        """What is not at hand comes from MuJoCo's view."""
        return getattr(self._view, name)

    def __setattr__(self, name: str, value: Any) -> None:
        """MuJoCo's view writes into its array."""
        setattr(self._view, name, value)

    def __repr__(self) -> str:
        """As MuJoCo's view."""
        return repr(self._view)


class ViewsByName(dict[tuple[str, Any], NamedView]):
    """The views that were asked for so far, by kind ('body', ...) and name or number.

    A view keeps its `MjData` alive in a way that Python's garbage collector can't see. So the views
    must not belong to the `MjData`; they belong to the environment, and both are freed with it.
    """

    __slots__ = ('__weakref__',)


def _looked_up_once(kind: str) -> Callable[..., Any]:
    look_up = getattr(mujoco.MjData, kind)

    def named(self: 'NamedData', name: Any = '') -> Any:
        views = self.views()
        if views is None:
            return look_up(self, name)
        try:
            return views[kind, name]
        except KeyError:
            views[kind, name] = view = NamedView(look_up(self, name))
            return view

    named.__name__, named.__doc__ = kind, look_up.__doc__
    return named


class _FilledWhenRead:
    """An array that `mj_rnePostConstraint` fills, which nothing in Meta-World reads."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._array = getattr(mujoco.MjData, name)

    def __get__(self, data: Any, owner: type | None = None) -> Any:
        if data is None:
            return self
        mujoco.mj_rnePostConstraint(data.model, data)
        return self._array.__get__(data)


class NamedData(mujoco.MjData):
    """An `MjData` that looks each name up once.

    Its `cacc`, `cfrc_int` and `cfrc_ext` are computed when they are read, of the state as it is
    then. (gymnasium computes them in each step, before it moves on to the state that it returns.)

    Args:
        model: The model.
        views: Where the views are kept. They are not kept alive from here; without them every name
            is looked up again.
    """

    def __init__(self, model: mujoco.MjModel, views: ViewsByName):
        super().__init__(model)
        self.views = weakref.ref(views)

    body = _looked_up_once('body')
    site = _looked_up_once('site')
    geom = _looked_up_once('geom')
    joint = _looked_up_once('joint')
    cacc = _FilledWhenRead()
    cfrc_int = _FilledWhenRead()
    cfrc_ext = _FilledWhenRead()
