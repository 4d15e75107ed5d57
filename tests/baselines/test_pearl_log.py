"""What PEARL logs is of the episodes that it took, told apart by what their z was drawn from."""

import csv

from metods_garage.experiment import LedgerSampler
from metods_garage.report.training_curve import read_training_curve
from tests.baselines.conftest import ROOT  # noqa: F401 - makes the baselines importable

import numpy as np
import pytest
from garage.torch.policies import ContextConditionedPolicy


@pytest.fixture(scope='module')
def run(smoke, tmp_path_factory):
    """A run whose iterations have adapted episodes, and (adapted?, return) of every episode."""
    import pearl

    sizes = pearl.Sizes(
        num_train_tasks=2,
        num_initial_steps=20,
        num_tasks_sample=2,
        num_steps_prior=20,
        num_extra_rl_steps_posterior=40,
        num_steps_per_epoch=10,
    )
    adapted, taken = [False], []
    sample, infer, reset = (
        LedgerSampler.obtain_samples,
        ContextConditionedPolicy.infer_posterior,
        ContextConditionedPolicy.reset_belief,
    )

    def recorded(self, itr, *args, **kwargs):
        episodes = sample(self, itr, *args, **kwargs)
        taken.extend((itr, adapted[0], sum(each.rewards)) for each in episodes.split())
        return episodes

    def inferred(self, context):
        adapted[0] = True
        return infer(self, context)

    def forgotten(self, *args, **kwargs):
        adapted[0] = False
        return reset(self, *args, **kwargs)

    folder = tmp_path_factory.mktemp('pearl') / 'run'
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pearl, 'choose_sizes', lambda *_: sizes)
        patch.setattr(LedgerSampler, 'obtain_samples', recorded)
        patch.setattr(ContextConditionedPolicy, 'infer_posterior', inferred)
        patch.setattr(ContextConditionedPolicy, 'reset_belief', forgotten)
        result = smoke('pearl', folder)
    assert result.exit_code == 0, result.output + repr(result.exception)
    return folder, taken, result.output


def test_each_iteration_logs_its_episodes_of_the_prior_and_of_the_posterior(run):
    folder, taken, _ = run
    with open(folder / 'progress.csv', newline='') as file:
        rows = list(csv.DictReader(file))

    iterations = sorted({itr for itr, _, _ in taken})
    assert len(rows) == len(iterations) > 1
    for row, iteration in zip(rows, iterations, strict=True):
        for prefix, adapted in (('Prior', False), ('Average', True)):
            returns = [x for itr, z, x in taken if (itr, z) == (iteration, adapted)]
            assert returns
            assert int(row[f'{prefix}/NumEpisodes']) == len(returns)
            assert float(row[f'{prefix}/AverageReturn']) == pytest.approx(np.mean(returns))
            assert 0 <= float(row[f'{prefix}/SuccessRate']) <= 1
    # the warm-up of both tasks is of the prior
    assert int(rows[0]['Prior/NumEpisodes']) == int(rows[1]['Prior/NumEpisodes']) + 2


def test_the_training_curve_is_of_adapted_episodes(run):
    folder, taken, _ = run

    curve = read_training_curve(folder, 'return')

    assert curve.values[0] == pytest.approx(np.mean([x for itr, z, x in taken if z and not itr]))


def test_gradient_steps_are_told(run):
    _, _, output = run

    assert output.count('5 of 10 gradient steps (50 %)') > 1
