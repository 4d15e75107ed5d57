"""Films one trial of a trained run on a MuJoCo task."""

import dataclasses
import os
import pathlib
from typing import Any

from metods_garage.envs import EvaluationTask

import click
import numpy as np
from garage import Environment, EnvStep, Wrapper
from garage.sampler import EnvUpdate

_CAMERA = 'corner2'
_SIZE = (480, 480)


class CanNotDraw(click.ClickException):
    """What this machine lacks to draw."""


class Film(Wrapper):
    """Keeps a picture of every step.

    Copies of it film onto the same reel, since samplers copy what they are given.

    Args:
        env (Environment): An environment over MuJoCo.
        reel (list[np.ndarray]): Where the pictures go, each [H, W, 3].

    Raises:
        CanNotDraw: If the environment is not MuJoCo's, or the renderer does not start.

    """

    def __init__(self, env: Environment, reel: list[np.ndarray]) -> None:
        super().__init__(env)
        self._reel = reel
        self._renderer, self._camera = _start_renderer(env)

    def __deepcopy__(self, memo: dict[int, Any]) -> 'Film':
        return self

    def reset(self) -> tuple[np.ndarray, dict[str, Any]]:
        """Reset, and take a picture."""
        first = self._env.reset()
        self._shoot()
        return first

    def step(self, action: np.ndarray) -> EnvStep:
        """Take a step, and a picture."""
        env_step = self._env.step(action)
        self._shoot()
        return env_step

    def _shoot(self) -> None:
        self._renderer.update_scene(self._env.unwrapped.data, camera=self._camera)
        picture = self._renderer.render()
        # Meta-World's best camera hangs upside down.
        self._reel.append(picture[::-1, ::-1] if self._camera == _CAMERA else picture)


class FilmUpdate(EnvUpdate):
    """Puts a task into an environment, and a camera before it.

    Args:
        update (EnvUpdate): Puts the task into it.
        reel (list[np.ndarray]): Where the pictures go.

    """

    def __init__(self, update: EnvUpdate, reel: list[np.ndarray]) -> None:
        self._update = update
        self._reel = reel

    def __call__(self, old_env: Environment | None = None) -> Environment:
        """Build the environment of the task anew."""
        return Film(self._update(), self._reel)

    def __deepcopy__(self, memo: dict[int, Any]) -> 'FilmUpdate':
        return self


def film_trial(evaluator: Any, algo: Any, task: EvaluationTask, path: pathlib.Path) -> pathlib.Path:
    """Film one evaluation trial.

    Args:
        evaluator: The run's evaluator.
        algo: The trained algorithm.
        task: What it is filmed on.
        path: Where the film goes, without a suffix.

    Returns:
        The film: mp4, or gif where imageio has no ffmpeg.

    Raises:
        CanNotDraw: If the machine can't draw or imageio is missing.

    """
    try:
        import imageio  # comes with Meta-World; nothing else needs it
    except ImportError:
        raise CanNotDraw('films need imageio: pip install imageio imageio-ffmpeg') from None
    reel: list[np.ndarray] = []
    filmed = dataclasses.replace(task, env_update=FilmUpdate(task.env_update, reel))
    evaluator.in_this_process().evaluate(algo, [filmed])
    pictures: list[Any] = list(reel)
    try:
        film = path.with_suffix('.mp4')
        imageio.mimwrite(film, pictures, fps=60)
    except (ImportError, ValueError, OSError):
        film = path.with_suffix('.gif')
        imageio.mimwrite(film, pictures[::4], duration=1000 / 15)
    return film


def _start_renderer(env: Environment) -> tuple[Any, Any]:
    import mujoco

    model = getattr(env.unwrapped, 'model', None)
    if not isinstance(model, mujoco.MjModel):
        raise CanNotDraw(f'{env.unwrapped} is not a MuJoCo environment, so there is no picture')
    cameras = [model.camera(number).name for number in range(model.ncam)]
    try:
        renderer = mujoco.Renderer(model, *_SIZE)
    except Exception as error:  # each renderer fails in its own way
        raise CanNotDraw(
            f"MuJoCo's renderer {os.environ.get('MUJOCO_GL', 'glfw')!r} does not start here "
            f'({error}): set MUJOCO_GL to egl or osmesa, or evaluate without --render'
        ) from None
    return renderer, _CAMERA if _CAMERA in cameras else -1
