#!/usr/bin/env python3
"""How fast does Meta-World step, as installed, accelerated, and as its physics alone would allow?

First every class is checked: the accelerated environment has to return the bits that the installed
one returns. Then the same random actions are taken on one core by
    upstream      the class as it is installed,
    accelerated   `accelerate(class)`,
    physics       `mj_step` with 5 substeps alone, which no environment can exceed,
    + forward     that and the `mj_forward` which Meta-World's step needs after it,
turn by turn, fifty steps each, so that whatever else the machine does meets all of them. Of each
fifty steps the fastest repetition counts. Resets (to the goal of the episode before, and to new
ones) and the drawing of goals are timed apart; 'x episode' is what whole episodes of a trial gain,
one reset to the same goal included.

    python benchmarks/metaworld_step.py                       # ML10's training classes, minutes
    python benchmarks/metaworld_step.py --classes push-v3,reach-v3
"""

import functools
import json
import math
import time
from collections.abc import Callable
from typing import Any

from metods_garage.envs import accelerate
from metods_garage.envs.acceleration import draw_goals

import click
import metaworld
import mujoco
import numpy as np
from metaworld.env_dict import ALL_V3_ENVIRONMENTS, ML10_V3

CHUNK = 50
KINDS = ('upstream', 'accelerated', 'physics', '+ forward')


def make(cls: Any, tasks: list[Any]) -> Any:
    """An environment on its first task."""
    env = cls()
    env.set_task(tasks[0])
    env.reset()
    return env


def refuse_a_difference(name: str, upstream: Any, accelerated: Any, actions: np.ndarray) -> None:
    """The equality gate: two episodes of equal observations, rewards and infos."""
    for episode in range(2):
        starts = [env.reset()[0].tobytes() for env in (upstream, accelerated)]
        if starts[0] != starts[1]:
            raise click.ClickException(f'{name}: reset {episode} differs from upstream')
        for i, action in enumerate(actions):
            expected, found = upstream.step(action), accelerated.step(action)
            same = expected[0].tobytes() == found[0].tobytes()
            if not same or repr(expected[1:]) != repr(found[1:]):
                raise click.ClickException(f'{name}: step {i} of episode {episode} differs')


def inputs_of_the_physics(env: Any, actions: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """Where each step puts the mocap body, and what it commands the fingers."""
    env.reset()
    inputs = []
    for action in actions:
        env.step(action)
        inputs.append((env.data.mocap_pos.copy(), env.data.ctrl.copy()))
    return inputs


def stepping(env: Any) -> Callable[[Any], None]:
    """Takes some actions."""

    def take(actions: Any) -> None:
        for action in actions:
            env.step(action)

    return take


def physics(env: Any, forward: bool) -> Callable[[Any], None]:
    """Puts recorded inputs into the simulation and lets it go on."""
    model, data, frame_skip = env.model, env.data, env.frame_skip

    def go_on(inputs: Any) -> None:
        for mocap_pos, ctrl in inputs:
            data.mocap_pos[:] = mocap_pos
            data.ctrl[:] = ctrl
            mujoco.mj_step(model, data, frame_skip)
            if forward:
                mujoco.mj_forward(model, data)

    return go_on


def seconds(call: Callable[[], Any]) -> float:
    """Processor time of a call."""
    start = time.process_time()
    call()
    return time.process_time() - start


def steps_per_second(
    cls: Any, tasks: list[Any], actions: np.ndarray, repeats: int
) -> dict[str, float]:
    """The rate of each kind over one episode, resets apart."""
    envs = [make(cls if kind == 'upstream' else accelerate(cls), tasks) for kind in KINDS]
    refuse_a_difference(cls.__name__, envs[0], envs[1], actions)
    inputs = inputs_of_the_physics(envs[1], actions)
    runs = [(stepping(envs[0]), actions), (stepping(envs[1]), actions)]
    runs += [(physics(envs[2], False), inputs), (physics(envs[3], True), inputs)]
    best = np.full((len(KINDS), len(actions) // CHUNK), math.inf)
    for _ in range(repeats):
        for env in envs:
            env.reset()
        for chunk in range(best.shape[1]):
            for kind, (run, what) in enumerate(runs):
                part = what[chunk * CHUNK : (chunk + 1) * CHUNK]
                took = seconds(functools.partial(run, part))
                best[kind, chunk] = min(best[kind, chunk], took)
    for env in envs:
        env.close()
    return dict(zip(KINDS, len(actions) / best.sum(axis=1), strict=True))


def reset_seconds(cls: Any, tasks: list[Any], repeats: int) -> dict[str, float]:
    """The fastest reset to the goal of the episode before, and the fastest mean over new goals."""
    envs = {'upstream': make(cls, tasks), 'accelerated': make(accelerate(cls), tasks)}
    found = {f'{kind}, {goal} goal': math.inf for kind in envs for goal in ('same', 'new')}
    for _ in range(repeats):
        for kind, env in envs.items():
            same, new = f'{kind}, same goal', f'{kind}, new goal'
            found[same] = min(found[same], seconds(env.reset))
            took = seconds(functools.partial(_reset_to_each, env, tasks))
            found[new] = min(found[new], took / len(tasks))
    return found


def _reset_to_each(env: Any, tasks: list[Any]) -> None:
    for task in tasks:
        env.set_task(task)
        env.reset()


def goals_seconds() -> dict[str, float]:
    """Time to construct ML10, and the check that the tasks are the same ones."""
    made: list[Any] = []
    installed = seconds(lambda: made.append(metaworld.ML10(seed=0)))
    drawn = seconds(lambda: made.append(draw_goals(metaworld.ML10, seed=0)))
    tasks = [[*benchmark.train_tasks, *benchmark.test_tasks] for benchmark in made]
    if tasks[0] != tasks[1]:
        raise click.ClickException('draw_goals(ML10) has other tasks than ML10()')
    return {'upstream': installed, 'accelerated': drawn, 'equal_tasks': len(tasks[0])}


def episode_gain(rates: dict[str, float], resets: dict[str, float], steps: int) -> float:
    """How many times as fast as upstream an episode is, with a reset to the goal that it had."""
    upstream, accelerated = (
        steps / rates[kind] + resets[f'{kind}, same goal'] for kind in ('upstream', 'accelerated')
    )
    return upstream / accelerated


def geometric_means(rows: list[dict[str, Any]], names: tuple[str, ...]) -> dict[str, float]:
    """Over the classes."""
    return {name: math.exp(sum(math.log(r[name]) for r in rows) / len(rows)) for name in names}


@click.command()
@click.option('--classes', default=','.join(ML10_V3['train']), help='Names, with commas between.')
@click.option('--steps', default=500, show_default=True, help='Steps of the episode, at most 500.')
@click.option('--repeats', default=5, show_default=True)
@click.option('--seed', default=0, show_default=True, help='Seed of goals and actions.')
@click.option('--goals/--no-goals', default=True, help='Also time the drawing of goals.')
def main(classes: str, steps: int, repeats: int, seed: int, goals: bool) -> None:
    """Print the table and a line of JSON."""
    rng = np.random.default_rng(seed)
    actions = rng.uniform(-1, 1, (steps, 4)).astype(np.float32)
    heads = (*KINDS, 'x upstream', '% physics', '% + forw.', 'x episode')
    click.echo(f'{"steps/s":<26}' + ''.join(f'{head:>12}' for head in heads))
    rows = []
    for name in classes.split(','):
        cls = ALL_V3_ENVIRONMENTS[name]
        tasks = draw_goals(metaworld.ML1, name, seed=seed).train_tasks[:10]
        rates = steps_per_second(cls, tasks, actions, repeats)
        resets = reset_seconds(cls, tasks, repeats)
        gain = episode_gain(rates, resets, steps)
        rows.append({'class': name, 'x episode': gain} | rates | resets)
        click.echo(_line(name, rows[-1]))
    means = geometric_means(rows, (*KINDS, 'x episode'))
    click.echo(_line('geometric mean', means))
    mean_resets = {name: sum(row[name] for row in rows) / len(rows) for name in resets}
    for name, took in mean_resets.items():
        click.echo(f'{"reset, " + name:<38}{1e3 * took:>12.2f} ms')
    drawn = goals_seconds() if goals else None
    if drawn is not None:
        click.echo(f'ML10(): {drawn["upstream"]:.1f} s, accelerated {drawn["accelerated"]:.1f} s')
    summary = {
        'accelerated_over_upstream': means['accelerated'] / means['upstream'],
        'accelerated_over_physics': means['accelerated'] / means['physics'],
        'accelerated_over_physics_and_forward': means['accelerated'] / means['+ forward'],
        'accelerated_over_upstream_whole_episodes': means['x episode'],
    }
    click.echo(json.dumps(summary | {'reset_s': mean_resets, 'ml10_s': drawn, 'rows': rows}))


def _line(name: str, rates: dict[str, float]) -> str:
    fast = rates['accelerated']
    ratios = (
        f'{fast / rates["upstream"]:>12.2f}',
        *(f'{100 * fast / rates[kind]:>12.1f}' for kind in ('physics', '+ forward')),
        f'{rates["x episode"]:>12.2f}',
    )
    return f'{name:<26}' + ''.join(f'{rates[kind]:>12.0f}' for kind in KINDS) + ''.join(ratios)


if __name__ == '__main__':
    main()
