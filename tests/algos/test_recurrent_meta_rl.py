"""What both algorithms promise: replay, gradients, adaptation, resuming, clear errors."""

import copy
import dataclasses

from metods_garage import RecurrentA2C, RecurrentPPO
from metods_garage.modules import CORES
from metods_garage.samplers import TrialBatch

import cloudpickle
import numpy as np
import pytest
import torch

BOTH = [RecurrentA2C, RecurrentPPO]


def _replay_error(algo):
    episodes = algo._sample_trials()
    targets = algo._targets(episodes)
    rows = torch.arange(len(targets.returns))
    with torch.no_grad():
        _, log_ratio = algo._replay(targets, rows)
    return log_ratio.abs().max().item(), targets.trials


@pytest.mark.parametrize('kind', ['discrete', 'continuous'])
@pytest.mark.parametrize('core', CORES)
def test_trials_replay_exactly_across_episodes_and_lengths(make_problem, core, kind):
    error, trials = _replay_error(make_problem(kind, core).algo(RecurrentA2C))
    assert error < 1e-9
    assert len(set(trials.lengths.tolist())) > 1
    assert trials.episode_start.sum(1).tolist() == [3] * 4


@pytest.mark.parametrize('kind', ['discrete', 'continuous'])
@pytest.mark.parametrize('core', CORES)
def test_float32_replays_to_four_digits_up_to_500_steps(make_problem, core, kind):
    problem = make_problem(kind, core, torch.float32, horizon=25, episodes_per_trial=20)
    error, trials = _replay_error(problem.algo(RecurrentA2C, episodes_per_trial=20))
    assert error < 1e-4
    assert 200 < trials.lengths.max() <= 500


def test_sampled_initial_weights_and_normalisation_replay_too(make_problem, tabular):
    problem = make_problem(
        core_options={'w0': 'sampled'}, normalize_observations=True, scale_rewards=True
    )
    algo = problem.algo(RecurrentPPO)
    for itr in range(3):
        error, _ = _replay_error(algo)
        assert error < 1e-9
        algo._train_once(itr, algo._sample_trials())
        assert tabular.as_dict['RecurrentPolicy/ReplayError'] < 1e-9
        tabular.clear()


@pytest.mark.parametrize('algo_class', BOTH)
def test_gradients_do_not_depend_on_the_trials_per_pass(make_problem, algo_class):
    problem = make_problem()
    episodes = problem.algo(algo_class)._sample_trials()
    gradients = []
    for per_pass in (None, 3, 1):
        algo = problem.algo(algo_class, trials_per_pass=per_pass, max_grad_norm=1e9)
        algo._optimizer.step = lambda: None
        algo._update(algo._targets(episodes), torch.arange(4))
        gradients.append([p.grad.clone() for p in problem.policy.parameters()])
    for others in gradients[1:]:
        for ours, theirs in zip(gradients[0], others, strict=True):
            torch.testing.assert_close(ours, theirs, rtol=1e-9, atol=1e-12)


def test_the_gradient_runs_through_the_entire_trial(make_problem):
    problem = make_problem()
    algo = problem.algo(RecurrentA2C)
    batch = TrialBatch.from_episodes(algo._sample_trials())
    x = batch.observations.double().requires_grad_()
    _, info = problem.policy(x, valid=batch.valid)
    last = batch.lengths - 1
    info['value'][torch.arange(4), last].sum().backward()
    assert (x.grad[:, 0].abs().sum(-1) > 0).all()


def test_gradients_pass_through_so_many_steps_at_most_and_every_border_is_crossed(make_problem):
    algo = make_problem().algo(RecurrentPPO, gradient_steps=4)
    cuts = [algo._cuts(21) for _ in range(50)]
    for steps in cuts:
        parts = np.diff([0, *steps, 21])
        assert 1 <= parts[0] <= 4
        assert (parts[1:-1] == 4).all()
        assert 1 <= parts[-1] <= 4
    assert {steps[0] for steps in cuts} == {1, 2, 3, 4}
    assert not any(len(algo._cuts(4)) for _ in range(50))


def test_cutting_gradients_changes_neither_losses_nor_replay(make_problem):
    problem = make_problem()
    algo = problem.algo(RecurrentPPO, gradient_steps=3, max_grad_norm=1e9)
    algo._optimizer.step = lambda: None
    targets = algo._targets(algo._sample_trials())
    cut = algo._update(targets, torch.arange(4))
    algo._gradient_steps = None
    whole = algo._update(targets, torch.arange(4))
    for key in whole.keys() - {'GradNorm'}:
        assert cut[key] == pytest.approx(whole[key], rel=1e-9, abs=1e-9)
    assert cut['MaxLogRatio'] < 1e-9
    assert cut['GradNorm'] != pytest.approx(whole['GradNorm'], rel=1e-6)


def test_some_parameters_are_stepped_by_less(make_problem):
    problem = make_problem()
    factors = {'alpha': 0.05, 'kappa': 0.5}
    algo = problem.algo(
        RecurrentPPO, learning_rate=1e-3, learning_rate_factors=factors, anneal_steps=1000
    )
    targets = algo._targets(algo._sample_trials())
    before = copy.deepcopy(dict(problem.policy.named_parameters()))
    for n_steps, left in ((0, 1.0), (500, 0.5)):
        algo._anneal(n_steps)
        algo._optimizer.state.clear()  # Adam's first step is its step size, whatever the gradient
        algo._update(targets, torch.arange(4))
        for name, p in problem.policy.named_parameters():
            expected = left * 1e-3 * factors.get(name.rpartition('.')[2], 1.0)
            moved = (p - before[name]).abs().max().item()
            assert moved == pytest.approx(expected, rel=0.02), name
            before[name] = p.detach().clone()


def test_a_step_size_for_no_parameter_is_refused(make_problem):
    with pytest.raises(ValueError, match=r"names \['eta'\].*'alpha'"):
        make_problem().algo(RecurrentPPO, learning_rate_factors={'eta': 0.1})


@pytest.mark.parametrize('algo_class', BOTH)
def test_an_iteration_changes_every_parameter(make_problem, tabular, algo_class):
    problem = make_problem('continuous')
    before = copy.deepcopy(dict(problem.policy.named_parameters()))
    algo = problem.algo(algo_class)
    algo._train_once(0, algo._sample_trials())
    for name, p in problem.policy.named_parameters():
        assert not torch.equal(p, before[name]), name


def _around_an_update(problem, algo, targets):
    """What the policy makes of the trials before and after one small step of the optimizer."""
    trials = targets.trials
    ends = []
    for _ in range(2):
        with torch.no_grad():
            dist, info = problem.policy(trials.observations, valid=trials.valid)
        error = (targets.returns - info['value']).square()
        ends.append((dist.log_prob(trials.actions), dist.entropy()[trials.valid], error))
        if len(ends) == 1:
            algo._update(targets, torch.arange(len(trials.valid)))
    return zip(*ends, strict=True)


@pytest.mark.parametrize('kind', ['discrete', 'continuous'])
@pytest.mark.parametrize('algo_class', BOTH)
def test_each_term_of_the_loss_pulls_its_own_way(make_problem, algo_class, kind):
    problem = make_problem(kind)
    start = copy.deepcopy(problem.policy.get_param_values())

    def made(**coefficients):
        problem.policy.set_param_values(copy.deepcopy(start))
        options = {'n_minibatches': 1} if algo_class is RecurrentPPO else {}
        return problem.algo(algo_class, learning_rate=1e-4, **options, **coefficients)

    targets = made()._targets(problem.algo(algo_class)._sample_trials())
    nothing = torch.zeros_like(targets.advantages)
    without = dataclasses.replace(targets, advantages=nothing)

    algo = made(entropy_coeff=0.1, value_coeff=0.0)
    _, (before, after), _ = _around_an_update(problem, algo, without)
    assert after.mean() > before.mean()

    algo = made(entropy_coeff=0.0, value_coeff=0.5)
    _, _, (before, after) = _around_an_update(problem, algo, without)
    valid = targets.trials.valid
    assert after[valid].mean() < before[valid].mean()

    for sign in (1.0, -1.0):
        advantages = nothing.clone()
        advantages[2, 5] = sign
        one = dataclasses.replace(targets, advantages=advantages)
        algo = made(entropy_coeff=0.0, value_coeff=0.0)
        (before, after), _, _ = _around_an_update(problem, algo, one)
        assert sign * (after[2, 5] - before[2, 5]) > 0


def test_trials_do_not_depend_on_the_number_of_workers(make_problem):
    batches = [make_problem(n_workers=n).algo(RecurrentA2C)._sample_trials() for n in (1, 3)]
    assert np.array_equal(batches[0].lengths, batches[1].lengths)
    np.testing.assert_allclose(batches[0].observations, batches[1].observations)
    assert np.array_equal(batches[0].actions, batches[1].actions)


@pytest.mark.parametrize('algo_class', BOTH)
def test_a_pickled_algorithm_goes_on_exactly(make_problem, tabular, algo_class):
    problem = make_problem(normalize_observations=True, scale_rewards=True)
    algo = problem.algo(algo_class)
    algo._train_once(0, algo._sample_trials())
    other = cloudpickle.loads(cloudpickle.dumps(algo))
    np.random.seed(99)  # noqa: NPY002 - what the process's generators do is of no account
    torch.manual_seed(99)
    for itr in (1, 2):
        returns = {a._train_once(itr, a._sample_trials()) for a in (algo, other)}
        assert len(returns) == 1
    for ours, theirs in zip(algo.policy.parameters(), other.policy.parameters(), strict=True):
        assert torch.equal(ours, theirs)


@pytest.mark.parametrize('asked', [None, 2])
def test_trials_have_as_many_episodes_as_the_workers_unless_asked_otherwise(make_problem, asked):
    problem = make_problem(horizon=4, episodes_per_trial=3)
    options = {'meta_batch_size': 2, 'seed': 5} | ({'episodes_per_trial': asked} if asked else {})
    algo = RecurrentA2C(problem.policy, problem.sampler, problem.task_sampler, **options)
    trials = TrialBatch.from_episodes(algo._sample_trials())
    assert trials.episode_start.sum(1).tolist() == [asked or 3] * 2


def test_the_seed_decides_the_trials(make_problem):
    first, second, third = (
        make_problem().algo(RecurrentA2C, seed=seed)._sample_trials() for seed in (1, 1, 2)
    )
    assert np.array_equal(first.observations, second.observations)
    assert not np.array_equal(first.observations[:20], third.observations[:20])


def test_cutting_at_episodes_keeps_later_rewards_out(make_problem):
    problem = make_problem()
    episodes = problem.algo(RecurrentA2C)._sample_trials()
    options = {'discount': 1.0, 'gae_lambda': 1.0}
    whole = problem.algo(RecurrentA2C, **options)._targets(episodes)
    cut = problem.algo(RecurrentA2C, cut_at_episodes=True, **options)._targets(episodes)
    assert whole.returns[0, 0] == pytest.approx(episodes.lengths[:3].sum())
    assert cut.returns[0, 0] == pytest.approx(episodes.lengths[0])


def test_what_a_researcher_looks_at_is_logged(make_problem, tabular):
    problem = make_problem(scale_rewards=True)
    algo = problem.algo(RecurrentPPO)
    average = algo._train_once(0, algo._sample_trials())
    logged = tabular.as_dict
    mine = {k.split('/', 1)[1] for k in logged if k.startswith('RecurrentPolicy/')}
    assert mine == {
        'LossPolicy',
        'LossValue',
        'Entropy',
        'ApproxKL',
        'ClipFraction',
        'GradNorm',
        'ReplayError',
        'ExplainedVariance',
        'Retention',
    }
    assert logged['MetaTrain/AverageReturn'] == pytest.approx(average)
    assert logged['MetaTrain/AverageTrialReturn'] == pytest.approx(3 * average)
    by_episode = [logged[f'MetaTrain/ReturnByEpisode/{k}'] for k in (1, 2, 3)]
    assert np.mean(by_episode) == pytest.approx(average)
    assert 0 < logged['MetaTrain/MemoryNormStart'] <= logged['MetaTrain/MemoryNormMax']
    assert all(np.isfinite(v) for v in logged.values())


@pytest.mark.parametrize('field', ['observations', 'rewards'])
def test_a_number_that_is_not_finite_is_named_and_leaves_the_policy_alone(
    make_problem, tabular, field
):
    problem = make_problem()
    algo = problem.algo(RecurrentA2C)
    episodes = algo._sample_trials()
    before = copy.deepcopy(problem.policy.get_param_values())
    n_first_trial = episodes.lengths[:3].sum()
    getattr(episodes, field)[n_first_trial + 7] = np.nan
    with pytest.raises(FloatingPointError, match=rf'{field} is not finite at step 7 of trial 1'):
        algo._train_once(0, episodes)
    after = problem.policy.get_param_values()
    assert all(torch.equal(before[k], v) for k, v in after.items())


def test_a_gradient_that_is_not_finite_names_its_parameter(make_problem, tabular):
    problem = make_problem()
    algo = problem.algo(RecurrentA2C)
    episodes = algo._sample_trials()
    before = copy.deepcopy(problem.policy.get_param_values())
    kappa = problem.policy.actor_critic.core.kappa
    kappa.register_hook(lambda gradient: gradient * torch.nan)
    with pytest.raises(FloatingPointError, match=r"gradient is not finite in \['.*core.kappa'\]"):
        algo._train_once(0, episodes)
    after = problem.policy.get_param_values()
    assert all(torch.equal(before[k], v) for k, v in after.items())


@pytest.mark.parametrize(
    ('option', 'value'),
    [
        ('meta_batch_size', 0),
        ('episodes_per_trial', 0),
        ('trials_per_pass', 0),
        ('gradient_steps', 0),
        ('discount', 1.5),
        ('gae_lambda', -0.1),
        ('learning_rate', 0.0),
        ('max_grad_norm', 0.0),
    ],
)
def test_a_number_out_of_range_is_named(make_problem, option, value):
    with pytest.raises(ValueError, match=rf'{option} is {value}, but must be'):
        make_problem().algo(RecurrentA2C, **{option: value})
