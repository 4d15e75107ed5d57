#!/usr/bin/env python3
"""How many steps per second do Harlow, the mazes and the bandits make, without any agent?

Each is stepped many rows at a time, with random actions that were drawn before and a new task in
every episode, and beside it one environment at a time. First it is checked that a row does what the
single environment of the same seed does, over whole episodes.

    python benchmarks/sampling_tasks.py               # 20 rows on one core, 15 s
    python benchmarks/sampling_tasks.py --batch 100
"""

import json
import time

from metods_garage.envs import make_benchmark
from metods_garage.envs.env_maker import EnvMaker

import click
import numpy as np

TASKS = (
    'harlow',
    'maze-6',
    'maze-8',
    'maze-10',
    'maze-12',
    'maze-14',
    'bandit-10-5',
    'bandit-100-10',
    'bandit-500-50',
    'restless',
)
WANTED = 200_000  # steps/s of each at 20 rows


def check_rows_equal_single_environments(
    make: EnvMaker, n_rows: int = 4, n_steps: int = 600
) -> None:
    """Step both with the same seeds and actions, over several episodes.

    Raises:
        AssertionError: If anything that they return differs.
    """
    rows, envs = make.vector(n_rows), [make() for _ in range(n_rows)]
    seen, _ = rows.reset(seed=1)
    for row, env in enumerate(envs):
        np.testing.assert_array_equal(env.reset(seed=1 + row)[0], seen[row])
    n_actions = rows.single_action_space.n
    n_episodes = 0
    for actions in np.random.default_rng(2).integers(n_actions, size=(n_steps, n_rows)):
        seen, rewards, terminated, truncated, _ = rows.step(actions)
        for row, env in enumerate(envs):
            one = env.step(actions[row])
            np.testing.assert_array_equal(one[0], seen[row])
            assert one[1:4] == (rewards[row], terminated[row], truncated[row])
        over = terminated | truncated
        n_episodes += over.sum()
        if over.any():
            seen, _ = rows.reset(options={'reset_mask': over})
            for row in np.flatnonzero(over):
                np.testing.assert_array_equal(envs[row].reset()[0], seen[row])
    assert n_episodes >= n_rows


def seconds_of_rows(make: EnvMaker, actions: np.ndarray) -> float:
    """Processor time of taking `actions` [T, B], resets included."""
    env = make.vector(actions.shape[1])
    env.reset(seed=0)
    start = time.process_time()
    for chosen in actions:
        _, _, terminated, truncated, _ = env.step(chosen)
        over = terminated | truncated
        if over.any():
            env.reset(options={'reset_mask': over})
    return time.process_time() - start


def seconds_of_one(make: EnvMaker, actions: np.ndarray) -> float:
    """Processor time of taking `actions` [T] in one environment, resets included."""
    env = make()
    env.reset(seed=0)
    start = time.process_time()
    for chosen in actions:
        _, _, terminated, truncated, _ = env.step(chosen)
        if terminated or truncated:
            env.reset()
    return time.process_time() - start


def steps_per_second(make: EnvMaker, batch: int, steps: int, repeats: int) -> tuple[float, float]:
    """The best of several rounds, many rows and one environment in turn."""
    n_actions = make().action_space.n
    actions = np.random.default_rng(0).integers(n_actions, size=(steps, batch))
    rows, one = [], []
    for _ in range(repeats):
        rows.append(seconds_of_rows(make, actions))
        one.append(seconds_of_one(make, actions[:, 0]))
    return steps * batch / min(rows), steps / min(one)


@click.command()
@click.option('--batch', default=20, show_default=True, help='Rows stepped at once.')
@click.option('--steps', default=3000, show_default=True, help='Steps of a round.')
@click.option('--repeats', default=5, show_default=True, help='Rounds, of which the best counts.')
def main(batch: int, steps: int, repeats: int) -> None:
    """Check, measure, and print the table and a line of JSON."""
    found = {}
    print(f'steps/s, {batch} rows at once and one environment')
    for name in TASKS:
        make = make_benchmark(name).make
        check_rows_equal_single_environments(make)
        rows, one = steps_per_second(make, batch, steps, repeats)
        found[name] = {'rows': round(rows), 'one': round(one), 'ratio': round(rows / one, 1)}
        print(f'{name:>14} {rows:>10,.0f} {one:>9,.0f} {rows / one:>6.1f} x')
    slowest = min(found, key=lambda name: found[name]['rows'])
    print(f'slowest: {slowest}, {found[slowest]["rows"]:,} steps/s; wanted: {WANTED:,}')
    print(json.dumps({'batch': batch, 'equal': True, 'wanted': WANTED, 'steps_per_second': found}))


if __name__ == '__main__':
    main()
