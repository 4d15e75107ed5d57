"""How an environment is made, as data that can be compared and sent to workers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from metods_garage.envs.task_vector_env import TaskVectorEnv

import gymnasium


@dataclass(frozen=True, eq=True)
class EnvMaker:
    """Makes environments of a class from the same arguments, in the same wrappers.

    Two makers of equal attributes are equal, so an environment that one made is known to fit where
    the other's is asked for, in another process too.

    Attributes:
        env_type: Class of a gymnasium environment.
        arguments: Its keyword arguments.
        wrappers: Gymnasium wrappers and their keyword arguments, from the inside out.
    """

    env_type: type[gymnasium.Env]
    arguments: Mapping[str, Any] = field(default_factory=dict)
    wrappers: tuple[tuple[type[gymnasium.Wrapper], Mapping[str, Any]], ...] = ()

    def __call__(self) -> gymnasium.Env:
        """Make one.

        Returns:
            A new environment.
        """
        env = self.env_type(**self.arguments)
        for wrapper, arguments in self.wrappers:
            env = wrapper(env, **arguments)
        return env

    def wrapped(self, wrapper: type[gymnasium.Wrapper], **arguments: Any) -> 'EnvMaker':
        """A maker that puts one more wrapper around.

        Args:
            wrapper: Its class.
            **arguments: Its keyword arguments.

        Returns:
            The new maker.
        """
        return EnvMaker(self.env_type, self.arguments, (*self.wrappers, (wrapper, arguments)))

    def vector(self, num_envs: int) -> TaskVectorEnv:
        """Make what steps many such environments at once.

        Args:
            num_envs: How many.

        Returns:
            A new vector environment.

        Raises:
            TypeError: If there is none of this kind.
        """
        vector_type = getattr(self.env_type, 'vector_type', None)
        if vector_type is None or self.wrappers:
            raise TypeError(f'{self} has no vector form: make {num_envs} single environments')
        return vector_type(num_envs, **self.arguments)
