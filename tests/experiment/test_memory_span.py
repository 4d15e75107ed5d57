"""How long memories last is measured on memories of which it is known."""

import csv
import dataclasses

from metods_garage.envs import HarlowEnv
from metods_garage.envs.drawn_tasks import DrawnTasks
from metods_garage.envs.env_maker import EnvMaker
from metods_garage.experiment import PROTOCOLS, RecurrentEvaluator, observing_trials
from metods_garage.experiment.memory_span import NoMemory, measure_memory_span
from metods_garage.memory_span import memory_span
from metods_garage.policies import CategoricalGRUPolicy, CategoricalMetODSPolicy
from metods_garage.report import read_run

import pytest
import torch
from click.testing import CliRunner

PROTOCOL = dataclasses.replace(
    PROTOCOLS['smoke'], horizon=60, exploration_episodes=1, test_episodes=1, splits=('test',)
)
HARLOW = DrawnTasks('harlow', make=EnvMaker(HarlowEnv))


@pytest.fixture(scope='module')
def evaluator():
    return RecurrentEvaluator(HARLOW, PROTOCOL, observing_trials(PROTOCOL))


def env_spec():
    return HARLOW.example_env(observing_trials(PROTOCOL)).spec


def metods(retention):
    """An agent that writes nothing, and whose trials start from weights of their own."""
    torch.manual_seed(2)
    return CategoricalMetODSPolicy(
        env_spec(), n_neurons=7, n_inner_steps=3, w0='sampled', alpha_scale=0.0,
        retention=retention, normalize=None, dtype=torch.float64,
    )  # fmt: skip


@pytest.mark.parametrize('retention', [0.9, 1.0])
def test_weights_without_writes_keep_the_retention_of_a_step(evaluator, retention):
    spans = measure_memory_span(evaluator, metods(retention), 4)
    assert [one.steps for one in spans] == [1, 2, 5, 10, 20, 50]
    assert [one.left for one in spans] == pytest.approx([retention**one.steps for one in spans])
    assert all(one.kl > 0 for one in spans)
    if retention < 1:
        assert spans[-1].kl < 1e-2 * spans[0].kl


def test_networks_without_weights_have_a_memory_too(evaluator):
    torch.manual_seed(2)
    policy = CategoricalGRUPolicy(env_spec(), hidden_size=5)
    before = {key: value.clone() for key, value in policy.get_param_values().items()}
    spans = measure_memory_span(evaluator, policy, 4)
    assert 1 > spans[0].left > spans[-1].left >= 0
    assert all(torch.equal(before[key], value) for key, value in policy.get_param_values().items())
    assert measure_memory_span(evaluator, policy, 4) == spans  # the same trials each time


def test_what_has_no_memory_or_too_few_trials_is_refused(evaluator):
    with pytest.raises(NoMemory, match='Linear carries nothing from step to step'):
        measure_memory_span(evaluator, torch.nn.Linear(2, 2), 4)
    fixed = CategoricalMetODSPolicy(env_spec(), n_neurons=7, plastic=False)
    with pytest.raises(NoMemory, match='the memories of these trials are the same'):
        measure_memory_span(evaluator, fixed, 4)
    with pytest.raises(NoMemory, match='1 trials, of .* are too few'):
        measure_memory_span(evaluator, metods(0.9), 1)


def test_the_command_prints_writes_and_draws(train_bandit, tmp_path):
    train_bandit(tmp_path / 'run')
    words = [str(tmp_path / 'run'), '--trials', '4', '--out', str(tmp_path / 'out')]
    done = CliRunner().invoke(memory_span, words)
    assert done.exit_code == 0, done.output + repr(done.exception)
    with open(tmp_path / 'out' / 'memory_span.csv', newline='') as file:
        rows = list(csv.DictReader(file))
    assert {row['training_steps'] for row in rows} == {'400'}
    assert {row['method'] for row in rows} == {read_run(tmp_path / 'run').method}
    assert f'{100 * float(rows[0]["left"]):.1f} %' in done.output
    assert (tmp_path / 'out' / 'memory_span.png').read_bytes().startswith(b'\x89PNG')
