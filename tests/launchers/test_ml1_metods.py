"""`launchers/ml1_metods.py` as a user meets it."""

import csv
import random
import signal
import time

from metods_garage.experiment import find_recipe, read_snapshot

import pytest

LAUNCHER = 'launchers/ml1_metods.py'
# One trial of 2 x 20 steps per task and iteration, on one core: seconds after the imports.
OPTIONS = ('--task', 'reach-v3', '--protocol', 'smoke', '--workers', '1', '--neurons', '6',
           '--inner-steps', '2', '--meta-batch', '4')  # fmt: skip
TIME_COLUMNS = {'IterationSeconds', 'StepsPerSecond'}


def _timeless(folder):
    with open(folder / 'progress.csv', newline='') as file:
        rows = list(csv.DictReader(file))
    return [{k: v for k, v in row.items() if k not in TIME_COLUMNS} for row in rows]


@pytest.fixture(scope='module')
def whole(tmp_path_factory, run_launcher):
    """An uninterrupted run in its default folder, and what it printed."""
    cwd = tmp_path_factory.mktemp('user')
    status, out, error = run_launcher(LAUNCHER, *OPTIONS, cwd=cwd)
    assert status == 0, error
    return cwd / 'runs' / 'ml1-reach-v3' / 'metods_ppo' / 'seed_1', out


def test_a_run_ends_with_a_table_and_a_picture(whole):
    folder, out = whole
    assert 'success, test tasks' in out
    pictures = [word for word in out.split() if word.endswith('learning.png')]
    assert len(pictures) == 1
    assert (folder.parents[3] / pictures[0]).read_bytes().startswith(b'\x89PNG')
    for name in ('config.json', 'progress.csv', 'evaluation.csv', 'ledger.json', 'console.log'):
        assert (folder / name).stat().st_size > 0, name


def test_the_replay_invariant_holds_on_metaworld(whole):
    errors = [float(row['GaussianMetODSPolicy/ReplayError']) for row in _timeless(whole[0])]
    assert max(errors) < 1e-4


def test_the_recipe_is_what_is_trained(whole):
    recipe, saved = find_recipe('ml1-reach-v3'), read_snapshot(whole[0] / 'snapshot.bin')
    policy, optimizer = saved['algo'].policy, saved['algo']._optimizer
    core = policy.actor_critic.core
    gain = core.plasticity / core.alpha
    assert (gain.max() / gain.min()).log10().item() == pytest.approx(recipe['alpha_spread'])
    (alpha,) = (x for name, x in policy.named_parameters() if name.rpartition('.')[2] == 'alpha')
    (beta,) = (x for name, x in policy.named_parameters() if name.rpartition('.')[2] == 'beta')
    rates = {id(x): group['lr'] for group in optimizer.param_groups for x in group['params']}
    for parameter, factor in ((alpha, recipe['alpha_rate']), (beta, recipe['beta_rate'])):
        assert rates[id(parameter)] == pytest.approx(recipe['learning_rate'] * factor)
    assert recipe['learning_rate'] in rates.values()


def _wait_for(condition, process):
    while not condition():
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)


def _stop(launch, cwd, folder, signum, rows, *extra):
    """Start the launcher, wait for a number of iterations and a random while, and stop it."""
    process = launch(LAUNCHER, *OPTIONS, *extra, cwd=cwd)
    progress = folder / 'progress.csv'

    def far_enough():
        return (folder / 'snapshot.bin').exists() and len(progress.read_text().splitlines()) > rows

    _wait_for(far_enough, process)
    time.sleep(random.uniform(0, 0.5))
    process.send_signal(signum)
    return process.communicate(timeout=60), process.returncode


def test_a_run_stopped_twice_ends_with_the_rows_of_the_uninterrupted_one(
    whole, tmp_path, launch, run_launcher
):
    seed = random.randrange(10**6)
    print(f'seed of the moments of the kills: {seed}')
    random.seed(seed)
    folder = tmp_path / 'runs' / 'ml1-reach-v3' / 'metods_ppo' / 'seed_1'

    (_, error), status = _stop(launch, tmp_path, folder, signal.SIGTERM, rows=2)
    assert status == 128 + signal.SIGTERM
    assert 'interrupted by SIGTERM' in error
    assert f'{folder.relative_to(tmp_path)}/snapshot.bin' in error
    assert error.rstrip().endswith('--resume')
    assert 'Traceback' not in error

    _, status = _stop(launch, tmp_path, folder, signal.SIGKILL, 4, '--resume')
    assert status == -signal.SIGKILL

    status, _, error = run_launcher(LAUNCHER, *OPTIONS, '--resume', cwd=tmp_path)
    assert status == 0, error
    assert (folder / 'evaluation.csv').read_bytes() == (whole[0] / 'evaluation.csv').read_bytes()
    assert _timeless(folder) == _timeless(whole[0])


def test_the_same_seed_in_worker_processes_gives_the_same_files_twice(tmp_path, run_launcher):
    options = (*OPTIONS, '--workers', '2', '--total-steps', '320')
    for name in ('one', 'two'):
        status, out, error = run_launcher(LAUNCHER, *options, '--run-dir', name, cwd=tmp_path)
        assert status == 0, error
        assert 'Sampling' not in out  # garage's own bar
    one, two = tmp_path / 'one', tmp_path / 'two'
    assert (one / 'evaluation.csv').read_bytes() == (two / 'evaluation.csv').read_bytes()
    assert _timeless(one) == _timeless(two)


def test_interrupted_workers_end_with_their_run(tmp_path, launch):
    psutil = pytest.importorskip('psutil')
    options = (*OPTIONS, '--workers', '2', '--run-dir', 'run')
    process = launch(LAUNCHER, *options, cwd=tmp_path)
    _wait_for(lambda: len(psutil.Process(process.pid).children()) >= 2, process)
    workers = psutil.Process(process.pid).children()
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=60)
    _, alive = psutil.wait_procs(workers, timeout=10)
    assert not alive


def test_an_unknown_task_is_met_with_its_neighbours(tmp_path, run_launcher):
    status, _, error = run_launcher(LAUNCHER, '--task', 'psuh-v3', cwd=tmp_path)
    assert status == 2
    assert 'ml1-push-v3' in error
    assert 'Traceback' not in error
    assert not (tmp_path / 'runs').exists()
