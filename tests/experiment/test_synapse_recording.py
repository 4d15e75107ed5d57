"""Records of synapses are of the weights that acted; the commands that make and draw them."""

import dataclasses
import random
from typing import ClassVar

from metods_garage.envs import HarlowEnv
from metods_garage.envs.drawn_tasks import DrawnTasks
from metods_garage.envs.env_maker import EnvMaker
from metods_garage.experiment import PROTOCOLS, RecurrentEvaluator, observing_trials
from metods_garage.experiment.synapse_recording import (
    NoSynapses,
    moments_to_keep,
    record_synapses,
)
from metods_garage.modules import ArxivCore
from metods_garage.policies import (
    CategoricalGRUPolicy,
    CategoricalMetODSPolicy,
    RecurrentPolicy,
    actor_critic_for,
)
from metods_garage.report.__main__ import main
from metods_garage.report.synapse_record import SynapseRecord

import numpy as np
import pytest
import torch
from click.testing import CliRunner

PROTOCOL = dataclasses.replace(
    PROTOCOLS['smoke'], horizon=60, exploration_episodes=1, test_episodes=1, splits=('test',)
)
# Its episodes end with the first choice: trials differ in length.
HARLOW = DrawnTasks('harlow', make=EnvMaker(HarlowEnv, {'n_object_trials': 1}))


class Watched(RecurrentPolicy):
    """Keeps the memory that it acts with; its copies keep theirs in the same place."""

    states: ClassVar[list] = []

    def get_actions(self, observations, generators=None, *, deterministic=False):
        acted = super().get_actions(observations, generators, deterministic=deterministic)
        state = self.clone_state()
        self.states.append((state if isinstance(state, torch.Tensor) else state[0]).numpy())
        return acted


class WatchedMetODS(Watched, CategoricalMetODSPolicy):
    pass


@pytest.fixture(scope='module')
def evaluator():
    return RecurrentEvaluator(HARLOW, PROTOCOL, observing_trials(PROTOCOL))


def env_spec():
    return HARLOW.example_env(observing_trials(PROTOCOL)).spec


def metods(**choices):
    torch.manual_seed(2)
    return WatchedMetODS(env_spec(), n_neurons=7, n_inner_steps=3, **choices)


def arxiv():
    torch.manual_seed(2)
    return Watched(env_spec(), actor_critic_for(env_spec(), ArxivCore(7)))


def recorded(evaluator, policy, n_trials=5):
    Watched.states.clear()
    return record_synapses(evaluator, policy, n_trials, benchmark='harlow', training_steps=9)


@pytest.mark.parametrize(
    'make',
    [
        metods,
        lambda: metods(w0='sampled'),
        lambda: metods(normalize='cap', scalar_alpha=True),
        lambda: metods(write='linear'),
        arxiv,
    ],
    ids=['metods', 'sampled', 'cap-scalar', 'linear', 'arxiv'],
)
def test_the_record_holds_the_weights_that_acted(evaluator, make):
    record = recorded(evaluator, make())
    acted = np.stack(Watched.states, axis=1)  # [B, T, N, N]
    if make is arxiv:
        acted = acted.swapaxes(2, 3)  # its w_ij leads from i to j
    assert len(record.valid) == 5
    assert record.valid.sum() + 5 == len(record.weights)
    later = record.weight_step > 0
    trial, step = record.weight_trial[later], record.weight_step[later]
    np.testing.assert_allclose(record.weights[later], acted[trial, step - 1], atol=1e-5)
    assert record.replay_error < 1e-4
    assert not record.variation[~record.valid].any()
    assert np.ptp(record.lengths) > 0
    for b, length in enumerate(record.lengths):
        mine = record.weights[record.weight_trial == b].astype(float)
        direct = np.abs(np.diff(mine, axis=0)).sum(axis=(1, 2))
        np.testing.assert_allclose(record.variation[b, :length], direct, rtol=1e-3, atol=1e-4)
        assert direct.min() > 0


def test_activity_is_what_the_heads_read(evaluator):
    """Of one step, from the recorded weights before and after it."""
    policy = metods()
    record = recorded(evaluator, policy, 1)
    core = policy.actor_critic.core
    seen = torch.zeros(1, env_spec().observation_space.flat_dim)
    seen[0, :9] = torch.as_tensor(_first_view())
    with torch.no_grad():
        v, W = core.step(policy.actor_critic.embedding(seen), torch.tensor(record.weights[:1]))
    np.testing.assert_allclose(record.activity[1], v[0], atol=1e-5)
    np.testing.assert_allclose(record.weights[1], W[0], atol=1e-5)
    assert not record.activity[0].any()


def _first_view():
    protocol = dataclasses.replace(PROTOCOL, final_goals=1)
    [task] = RecurrentEvaluator(HARLOW, protocol).chosen_tasks('final')
    return task.env_update().unwrapped.reset(seed=task.environment_seed)[0]


def test_recording_repeats_itself_and_leaves_no_trace(evaluator):
    policy = metods()
    policy.reset([True, True])
    before = policy.clone_state().clone()
    python, numpy = random.getstate(), np.random.get_state()[1].copy()  # noqa: NPY002
    first, again = recorded(evaluator, policy).to_bytes(), recorded(evaluator, policy).to_bytes()
    assert first == again
    assert random.getstate() == python
    assert (np.random.get_state()[1] == numpy).all()  # noqa: NPY002
    assert torch.equal(policy.clone_state(), before)


def test_trials_have_all_their_episodes(evaluator):
    record = recorded(evaluator, metods(), 2)
    assert record.episode_start.sum(axis=1).tolist() == [2, 2]


def test_a_memory_of_activity_is_refused(evaluator):
    with pytest.raises(NoSynapses, match='GRUCore is activity.*choose a run of MetODS'):
        recorded(evaluator, CategoricalGRUPolicy(env_spec(), hidden_size=7))


def test_a_policy_without_memory_is_refused(evaluator):
    with pytest.raises(NoSynapses, match='Linear has no synapses'):
        recorded(evaluator, torch.nn.Linear(2, 2))


def test_all_moments_are_kept_while_they_are_few():
    kept = moments_to_keep(np.array([3, 1]), 20)
    assert kept.tolist() == [[True] * 4, [True, True, False, False]]


@pytest.mark.parametrize(('n_neurons', 'length'), [(20, 250), (64, 100), (100, 5000), (1500, 50)])
def test_kept_weights_have_a_bounded_size_and_both_ends_of_their_trials(n_neurons, length):
    lengths = np.full(50, length)
    lengths[-1] -= 7
    kept = moments_to_keep(lengths, n_neurons)
    assert kept.sum() <= max(2**20 // n_neurons**2, 2)
    trials = np.flatnonzero(kept.any(axis=1))
    for trial in trials:
        moments = np.flatnonzero(kept[trial])
        assert moments[0] == 0
        assert moments[-1] == lengths[trial]
        assert np.ptp(np.diff(moments)) <= 1


def report(*words):
    return CliRunner().invoke(main, ['synapses', *(str(word) for word in words)])


def test_the_command_records_a_run_once_and_draws_it(train_bandit, tmp_path, capfd):
    train_bandit(tmp_path / 'run')
    done = report(tmp_path / 'run', '--trials', 4, '--out', tmp_path / 'out')
    assert done.exit_code == 0, capfd.readouterr().err
    assert 'first choice rewarded' in done.output
    assert str(tmp_path / 'out' / 'energy.png') in done.output
    path = tmp_path / 'run' / 'report' / 'synapses' / 'record.npz'
    record = SynapseRecord.read(path)
    assert record.benchmark == 'bandit-2'
    assert record.training_steps == 400

    (tmp_path / 'run' / 'snapshot.bin').unlink()  # what is recorded needs it no more
    again = report(tmp_path / 'run', '--out', tmp_path / 'again')
    assert again.exit_code == 0
    for one in (tmp_path / 'out').iterdir():
        assert one.read_bytes() == (tmp_path / 'again' / one.name).read_bytes(), one.name

    ledger = tmp_path / 'run' / 'ledger.json'
    ledger.write_text(ledger.read_text().replace('"training_steps": 400', '"training_steps": 480'))
    capfd.readouterr()
    stale = report(tmp_path / 'run')
    assert stale.exit_code == 2
    told = [line for line in capfd.readouterr().err.splitlines() if 'warn' not in line.lower()]
    assert len(told) == 1
    assert told[0].startswith('Error: the snapshot')
    assert 'snapshot.bin is refused' in told[0]


def test_a_damaged_record_is_one_line(tmp_path):
    path = tmp_path / 'report' / 'synapses' / 'record.npz'
    path.parent.mkdir(parents=True)
    path.write_bytes(b'nothing')
    done = report(tmp_path)
    assert done.exit_code == 1
    assert 'record.npz is damaged' in done.output
    assert len(done.output.strip().splitlines()) == 1
