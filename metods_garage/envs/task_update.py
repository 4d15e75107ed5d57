"""One task of a benchmark, as the environment update that garage's samplers send to workers."""

import pickle
from collections.abc import Callable
from typing import Any

import cloudpickle
import gymnasium
from garage import Environment
from garage.envs import GymEnv, TaskNameWrapper
from garage.sampler import EnvUpdate

EnvWrapper = Callable[[Environment, Any], Environment]


class _BuiltByTaskUpdate(TaskNameWrapper):
    """Knows what it was built for; wrappers around it pass `built_for` on."""

    def __init__(self, env: Environment, built_for: tuple[Any, str, int]):
        super().__init__(env, task_name=built_for[1])
        self.built_for = built_for


class TaskUpdate(EnvUpdate):
    """Puts a task into an environment, building one only if none that fits is there.

    An environment fits if it was made by the same `env_type`, for the task's name and the horizon
    of this update.

    It differs from garage's `SetTaskUpdate` in that any wrapper (a lambda, a local function)
    survives the pickling of every sampler, and in that the task has a name. An environment that
    is re-used keeps its wrappers, so all updates given to one sampler need the same `wrapper`.

    Args:
        env_type: Called without arguments; returns a gymnasium environment with `set_task`. The
            class of one, or an `EnvMaker`: anything that is equal to its copies.
        task: What its `set_task` takes.
        task_name: Name of the task, which garage's loggers find in `env_info['task_name']`.
        horizon: Steps to an episode.
        wrapper: Called with a new garage environment and the task; returns the wrapped one.
    """

    def __init__(
        self,
        env_type: Callable[[], gymnasium.Env],
        task: Any,
        *,
        task_name: str,
        horizon: int,
        wrapper: EnvWrapper | None = None,
    ):
        self._env_type = env_type
        self._task = task
        self._horizon = horizon
        self._wrapper = wrapper
        self.task_name = task_name

    def __call__(self, old_env: Environment | None = None) -> Environment:
        """Put the task into `old_env`, or into a new environment in its place.

        Args:
            old_env: The environment so far; closed if it does not fit.

        Returns:
            The environment that has the task from its next reset on.
        """
        if old_env is not None:
            if getattr(old_env, 'built_for', None) == self._built_for:
                old_env.set_task(self._task)
                return old_env
            old_env.close()
        return self._build()

    @property
    def env_type(self) -> Callable[[], gymnasium.Env]:
        """What makes the environment."""
        return self._env_type

    @property
    def task(self) -> Any:
        """What the environment's `set_task` is given."""
        return self._task

    @property
    def horizon(self) -> int:
        """Steps to an episode."""
        return self._horizon

    @property
    def wrapper(self) -> EnvWrapper | None:
        """What is called with a new garage environment and the task."""
        return self._wrapper

    @property
    def _built_for(self) -> tuple[Any, str, int]:
        return self._env_type, self.task_name, self._horizon

    def _build(self) -> Environment:
        inner: Any = self._env_type()
        inner.get_wrapper_attr('set_task')(self._task)
        env = _BuiltByTaskUpdate(GymEnv(inner, max_episode_length=self._horizon), self._built_for)
        return env if self._wrapper is None else self._wrapper(env, self._task)

    def __reduce__(self) -> tuple[Callable[[bytes], 'TaskUpdate'], tuple[bytes]]:
        """Go through cloudpickle: MultiprocessingSampler's queues use the standard pickler."""
        return _unpickle, (cloudpickle.dumps(self.__dict__),)

    def __repr__(self) -> str:
        """The class and the task's name."""
        name = getattr(self._env_type, '__name__', repr(self._env_type))
        return f'TaskUpdate({name}, task_name={self.task_name!r})'


def _unpickle(attributes: bytes) -> TaskUpdate:
    update = TaskUpdate.__new__(TaskUpdate)
    update.__dict__.update(pickle.loads(attributes))
    return update
