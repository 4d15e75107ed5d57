"""The papers' test conditions on runs that launchers have just trained."""

import csv
import pathlib
import sys

from metods_garage.evaluate import evaluate
from metods_garage.experiment import EVALUATION_COLUMNS

import numpy as np
import pytest
from click.testing import CliRunner

REPOSITORY = pathlib.Path(__file__).parents[1]
sys.path.insert(0, str(REPOSITORY / 'launchers'))
RUNS = {
    'cheetah': ('cheetah_dir_metods', '--meta-batch', '4', '--total-steps', '80'),
    'maze': ('maze_metods', '--meta-batch', '4', '--total-steps', '80'),
    'reach': ('ml1_metods', '--task', 'reach-v3', '--meta-batch', '2', '--total-steps', '80'),
}

pytestmark = pytest.mark.filterwarnings('ignore::UserWarning')


@pytest.fixture(scope='module')
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp('runs')
    for name, (launcher, *words) in RUNS.items():
        command = getattr(__import__(launcher), launcher)
        shared = ('--protocol', 'smoke', '--workers', '1', '--neurons', '6')
        result = CliRunner().invoke(command, [*shared, *words, '--run-dir', str(folder / name)])
        assert result.exit_code == 0, result.output + repr(result.exception)
    return folder


@pytest.mark.parametrize(
    ('name', 'words', 'file', 'conditions'),
    [
        (
            'cheetah',
            ('--impair', 'all'),
            'impair-all-silent',
            ['as-trained', *(f'silent-{n}' for n in range(6))],
        ),
        (
            'cheetah',
            ('--impair', '3', '--impair-kind', 'locked', '--switch-direction', '2'),
            'impair-3-locked-switch-direction-2',
            ['as-trained', 'locked-3', 'switched-2'],
        ),
        (
            'maze',
            ('--maze-size', '6,14', '--mask-reward', '--split', 'test'),
            'maze-size-6-14-mask-reward',
            ['as-trained', 'maze-6', 'maze-14', 'masked-reward'],
        ),
    ],
)
def test_a_condition_leaves_rows_in_a_file_of_its_own(trained, name, words, file, conditions):
    folder = trained / name
    before = (folder / 'evaluation.csv').read_bytes()
    result = CliRunner().invoke(evaluate, [str(folder), *words])
    assert result.exit_code == 0, result.output + repr(result.exception)
    (path,) = folder.glob(f're-evaluation-*-final-{file}.csv')
    assert str(path) in result.output
    with open(path, newline='') as lines:
        rows = list(csv.DictReader(lines))
    assert list(rows[0]) == [*EVALUATION_COLUMNS, 'condition']
    assert list(dict.fromkeys(row['condition'] for row in rows)) == conditions
    for condition in conditions:
        assert f'\n{condition} ' in '\n' + result.output
        found = [row for row in rows if row['condition'] == condition]
        expected = (4 if name == 'cheetah' else 8) * (2 if condition == 'switched-2' else 1)
        assert len(found) == expected
    assert (folder / 'evaluation.csv').read_bytes() == before
    with open(folder / 'evaluation.csv', newline='') as lines:
        finals = [row for row in csv.DictReader(lines) if row['kind'] == 'final']
    trained_for = [{k: row[k] for k in EVALUATION_COLUMNS} for row in rows[: len(finals)]]
    assert trained_for == finals


def test_what_does_not_apply_is_one_line(trained):
    for name, words, told in (
        ('maze', ('--impair', 'all'), '--impair is for runs on cheetah-dir or ant-dir'),
        ('maze', ('--maze-size', '6;8'), "'--maze-size': 6;8: numbers with commas"),
        ('cheetah', ('--maze-size', '6'), '--maze-size is for runs on a maze'),
    ):
        result = CliRunner().invoke(evaluate, [str(trained / name), *words])
        assert result.exit_code == 2
        assert told in result.output


def test_memories_at_the_borders_of_episodes(trained):
    folder = trained / 'reach'
    words = ('--memory', 'exchanged', '--memory', 'emptied')
    result = CliRunner().invoke(evaluate, [str(folder), *words])
    assert result.exit_code == 0, result.output + repr(result.exception)
    (path,) = folder.glob('re-evaluation-both-final-memory-emptied-memory-exchanged.csv')
    assert path.with_suffix('.png').read_bytes().startswith(b'\x89PNG')
    with open(path, newline='') as lines:
        rows = list(csv.DictReader(lines))
    returns = {
        (row['condition'], row['split'], row['goal'], row['episode']): row['return'] for row in rows
    }
    places = {place[1:] for place in returns}
    assert len(returns) == 3 * len(places)
    for condition in ('memory-emptied', 'memory-exchanged'):
        for place in places:
            # nothing is another before the first border; then the agent acts otherwise
            same = returns[(condition, *place)] == returns[('as-trained', *place)]
            assert same == (place[-1] == '0')
        assert [condition, 'test', 'return'] in [
            line.split()[:3] for line in result.output.splitlines()
        ]
    # the last column is the loss of later episodes
    (line,) = [
        line
        for line in result.output.splitlines()
        if line.split()[:3] == ['memory-emptied', 'test', 'return']
    ]

    def later(condition):
        return np.mean([
            float(value)
            for (name, split, _, episode), value in returns.items()
            if (name, split) == (condition, 'test') and episode != '0'
        ])  # fmt: skip

    loss = later('as-trained') - later('memory-emptied')
    assert float(line.split('  ')[-1].split('[')[0]) == pytest.approx(loss, abs=0.06)


def test_memories_are_of_recurrent_agents_and_of_several_episodes(trained):
    for name, told in (
        ('cheetah', '--memory emptied is for trials of several episodes'),
        ('maze', '--memory emptied is for trials of several episodes'),
    ):
        result = CliRunner().invoke(evaluate, [str(trained / name), '--memory', 'emptied'])
        assert result.exit_code == 2
        assert told in result.output


def test_a_memory_is_exchanged_for_that_of_another_trial(trained):
    words = ('--memory', 'exchanged', '--goals', '1', '--split', 'test')
    result = CliRunner().invoke(evaluate, [str(trained / 'reach'), *words])
    assert result.exit_code == 2
    assert '--memory exchanged needs two trials or more, and there is one' in result.output
