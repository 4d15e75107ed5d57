"""Options that do not fit end in one line that says what would."""

import errno

from metods_garage.envs import make_benchmark
from metods_garage.experiment import (
    PROTOCOLS,
    LaunchOptions,
    find_benchmark,
    launch_options,
    open_run,
    refuse_small_budget,
)
from metods_garage.experiment.launch import find_device, find_protocol

import click
import pytest
from click.testing import CliRunner


@pytest.fixture
def ask():
    """Parses options as a launcher does; returns its result and the options."""
    seen = []

    @click.command()
    @launch_options
    @click.option('--own', default=1)
    def command(options, own):
        seen.append((options, own))

    def run(*words):
        seen.clear()
        result = CliRunner().invoke(command, words)
        return result, seen[0] if seen else None

    return run


def test_the_defaults_are_the_quick_protocol_on_the_cpu(ask):
    result, (options, own) = ask('--workers', '1', '--own', '5')
    assert result.exit_code == 0
    assert options == LaunchOptions(PROTOCOLS['quick'], workers=1, sampler='local')
    assert own == 5


def test_acceleration_is_on_unless_it_is_switched_off_and_is_recorded(ask):
    for words, accelerated in (((), True), (('--no-accelerate',), False)):
        options = ask(*words)[1][0]
        assert options.accelerate is accelerated
        assert options.as_execution()['accelerate'] is accelerated
        benchmark = find_benchmark('ml1-reach-v3', options)
        assert benchmark is make_benchmark('ml1-reach-v3', accelerated=accelerated)


def test_several_workers_are_processes(ask):
    assert ask('--workers', '2')[1][0].sampler == 'multiprocessing'
    assert ask('--workers', '2', '--sampler', 'local')[1][0].sampler == 'local'


@pytest.mark.parametrize(
    ('words', 'message'),
    [
        (['--protocol', 'papers'], "unknown protocol 'papers': choose from paper, "),
        (['--device', 'tpu9'], "device 'tpu9' can not be used here"),
        (['--seed', '-1'], '-1 is not in the range'),
        (['--workers', '0'], '0 is not in the range'),
        (['--sampler', 'threads'], "'threads' is not one of 'local', 'multiprocessing', 'ray'"),
    ],
)
def test_bad_options_are_one_line_and_status_2(ask, words, message):
    result, _ = ask(*words)
    assert result.exit_code == 2
    assert message in result.output
    assert len([line for line in result.output.splitlines() if 'Error' in line]) == 1
    assert 'Traceback' not in result.output


def test_a_device_that_is_not_there_says_what_would_be_right():
    import torch

    if torch.cuda.is_available():
        assert find_device('cuda') == 'cuda'
    else:
        with pytest.raises(click.UsageError, match="'cuda' can not be used here.*choose cpu"):
            find_device('cuda')


@pytest.mark.parametrize('name', ['meta', 'cuda:', 'cuda:x', 'CPU', 'cpu:1', ''])
def test_only_the_cpu_and_cuda_are_devices(name):
    with pytest.raises(click.UsageError, match='choose cpu, cuda or cuda:<n>'):
        find_device(name)


def test_a_budget_below_one_iteration_is_refused_with_the_smallest_one():
    options = LaunchOptions(find_protocol('quick', total_steps=100))
    refuse_small_budget(options, 'maml', 100)
    with pytest.raises(click.UsageError, match='of 101: .* for maml .* --total-steps 101'):
        refuse_small_budget(options, 'maml', 101)


def test_an_unknown_benchmark_is_met_with_its_neighbours():
    with pytest.raises(click.UsageError, match='ml1-push-v3'):
        find_benchmark('ml1-psuh-v3', LaunchOptions(PROTOCOLS['smoke']))


def test_a_changed_protocol_has_a_name_of_its_own():
    changed = find_protocol('quick', total_steps=500, evaluate_every=100)
    assert (changed.total_training_steps, changed.evaluation_every) == (500, 100)
    assert changed.name not in PROTOCOLS
    assert find_protocol('quick') == PROTOCOLS['quick']


@pytest.fixture
def opened(tmp_path):
    options = LaunchOptions(PROTOCOLS['smoke'], run_dir=tmp_path / 'run')
    return open_run(options, benchmark='bandit-2', method='m', settings={})


def test_a_full_disk_is_one_line_with_a_way_on(opened):
    def fill_the_disk():
        with opened as run:
            run.write_snapshot({})
            path = str(run.path / 'evaluation.csv')
            raise OSError(errno.ENOSPC, 'No space left on device', path)

    with pytest.raises(click.ClickException) as caught:
        fill_the_disk()
    assert 'evaluation.csv: No space left on device' in caught.value.message
    assert caught.value.message.endswith('--resume')


def test_a_number_that_is_not_finite_is_one_line_with_a_way_on(opened):
    with (
        pytest.raises(click.ClickException, match='NaN in the gradient of alpha') as caught,
        opened,
    ):
        raise FloatingPointError('NaN in the gradient of alpha')
    assert caught.value.message.endswith('--overwrite')  # there is no snapshot yet


def test_a_mistake_of_ours_is_not_hidden(opened):
    with pytest.raises(KeyError), opened:
        raise KeyError('bug')


def test_gpu_networks_are_not_sampled_by_other_processes(ask, monkeypatch):
    monkeypatch.setattr('metods_garage.experiment.launch.find_device', lambda name: name)
    result, _ = ask('--device', 'cuda', '--sampler', 'multiprocessing')
    assert result.exit_code == 2
    assert 'use --sampler local' in result.output
    assert ask('--device', 'cuda')[1][0].sampler == 'local'
