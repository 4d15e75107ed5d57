"""Run folders and records with made-up numbers."""

import csv
import json

from metods_garage.report.rows import COLUMNS
from metods_garage.report.synapse_record import SynapseRecord

import numpy as np
import pytest

PROTOCOL = {'name': 'smoke', 'total_training_steps': 1000}


@pytest.fixture
def make_run(tmp_path):
    """A function that writes a run folder and returns its path.

    `evaluations` are (kind, training steps, score function or None); the score function maps
    (split, task, goal, episode) to (return, success).
    """

    def write(method='metods', seed=1, evaluations=(), benchmark='ml10', root='runs', **choices):
        folder = tmp_path / root / benchmark / method / f'seed_{seed}'
        folder.mkdir(parents=True)
        config = {
            'benchmark': benchmark,
            'protocol': choices.get('protocol', PROTOCOL),
            'method': method,
            'seed': seed,
            'settings': choices.get('settings', {}),
        }
        (folder / 'config.json').write_text(json.dumps(config))
        if 'ledger' in choices:
            (folder / 'ledger.json').write_text(json.dumps(choices['ledger']))
        tasks = choices.get('tasks', {'train': ['reach'], 'test': ['push', 'pull']})
        with open(folder / 'evaluation.csv', 'w', newline='') as file:
            writer = csv.writer(file)
            writer.writerow(COLUMNS)
            for kind, steps, scores in evaluations:
                head = [benchmark, 'smoke', method, seed, steps, kind]
                for row in _rows(tasks, choices.get('goals', 2), scores):
                    writer.writerow([*head, *row])
        return folder

    return write


def _rows(tasks, goals, scores):
    for split, names in tasks.items():
        for task in names:
            for goal in range(goals):
                for episode in range(3):
                    total, success = scores(split, task, goal, episode)
                    phase = 'test' if episode == 2 else 'exploration'
                    yield [split, task, goal, episode, phase, total, success, 500]


@pytest.fixture(scope='session')
def make_record():
    """A function that makes a record of 3 neurons with random weights at every moment."""

    def make(benchmark='harlow', *, rewards, lengths):
        rng = np.random.default_rng(11)
        rewards = np.array(rewards, dtype=np.float32)
        valid = np.arange(rewards.shape[1]) < np.array(lengths)[:, np.newaxis]
        first = np.zeros_like(valid)
        first[:, 0] = True
        moments = [(trial, step) for trial, n in enumerate(lengths) for step in range(n + 1)]
        trial, step = np.array(moments).T
        return SynapseRecord(
            benchmark=benchmark,
            training_steps=1000,
            replay_error=0.0,
            valid=valid,
            rewards=rewards,
            actions=np.zeros(valid.shape, dtype=int),
            episode_start=first,
            variation=rng.random(valid.shape).astype(np.float32),
            weights=rng.normal(size=(len(trial), 3, 3)).astype(np.float32),
            weight_trial=trial,
            weight_step=step,
            activity=rng.normal(size=(len(trial), 3)).astype(np.float32),
        )

    return make
