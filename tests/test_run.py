import importlib.util
import subprocess
import sys
from pathlib import Path

from metods_garage.run import UnknownTarget, find_script, list_examples, main

import pytest

SCRIPT = """
import sys

import numpy as np
from garage import wrap_experiment
from garage.envs import PointEnv
from garage.experiment import MetaEvaluator
from garage.experiment.task_sampler import ConstructEnvsSampler
from garage.sampler import MultiprocessingSampler
from garage.trainer import Trainer


class Still:
    def reset(self, do_resets=None):
        pass

    def get_action(self, observation):
        return np.zeros(2), {}


class Algorithm:
    discount = 0.9

    def __init__(self, evaluator):
        self.policy = Still()
        self.evaluator = evaluator

    def get_exploration_policy(self):
        print('visits a task')
        return self.policy

    def adapt_policy(self, exploration_policy, exploration_episodes):
        return exploration_policy

    def train(self, trainer):
        for epoch in trainer.step_epochs():
            print('epoch', epoch, 'of', trainer._train_args.n_epochs)
            self.evaluator.evaluate(self)


def make():
    return PointEnv(max_episode_length=3)


@wrap_experiment
def still(ctxt, n_epochs):
    sampler = MultiprocessingSampler(Still(), make(), max_episode_length=3, n_workers=2)
    print('sampled', sum(sampler.obtain_exact_episodes(1, Still()).lengths))
    sampler.shutdown_worker()
    trainer = Trainer(ctxt)
    evaluator = MetaEvaluator(
        test_task_sampler=ConstructEnvsSampler([make] * 5), n_exploration_eps=1
    )
    trainer.setup(Algorithm(evaluator), make())
    trainer.train(n_epochs=n_epochs, batch_size=3)


if __name__ == '__main__':
    print('arguments', sys.argv[1:])
    still(n_epochs=int(sys.argv[-1]))
"""


def _run(folder, *arguments, timeout=550):
    command = [sys.executable, '-m', 'metods_garage.run', *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=timeout)


def _progress(folder, name):
    return (folder / 'data' / 'local' / 'experiment' / name / 'progress.csv').read_text()


def test_examples_are_found_by_their_full_and_their_short_names():
    example = find_script('garage.examples.torch.maml_trpo_metaworld_ml10')
    assert example == find_script('torch.maml_trpo_metaworld_ml10')
    assert example.name == 'maml_trpo_metaworld_ml10.py'
    assert 'garage' in example.parts
    assert 'tf.rl2_ppo_halfcheetah' in list_examples()


def test_a_script_is_found_by_its_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path('mine.py').write_text('')
    assert find_script('mine.py') == Path('mine.py')
    assert find_script(str(tmp_path / 'mine.py')) == tmp_path / 'mine.py'


@pytest.mark.parametrize(
    ('target', 'message'),
    [
        ('torch.ppo_pendulm', 'did you mean torch.ppo_pendulum'),
        ('ppo_pendulum', 'did you mean tf.ppo_pendulum or torch.ppo_pendulum'),
        ('zzzz', 'there are: .*torch.ppo_pendulum'),
        ('missing.py', "no script at 'missing.py'"),
        ('.', "no script at '.'"),
    ],
)
def test_an_unknown_target_is_named_with_what_would_be_right(target, message):
    with pytest.raises(UnknownTarget, match=message):
        find_script(target)


def test_an_example_that_needs_tensorflow_says_so_where_there_is_none(monkeypatch):
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, 'find_spec', lambda name: None if name == 'tensorflow' else find_spec(name)
    )
    with pytest.raises(UnknownTarget, match=r"pip install 'metods_garage\[rl2\]'"):
        find_script('tf.rl2_ppo_halfcheetah')
    assert find_script('torch.ppo_pendulum').is_file()


@pytest.mark.parametrize('wrong', ['0', '-1', 'many'])
def test_a_cap_is_a_positive_number(wrong, capsys):
    with pytest.raises(SystemExit) as end:
        main([f'--max-epochs={wrong}', 'torch.ppo_pendulum'])
    assert end.value.code == 2
    assert f'{wrong!r} is not a positive whole number' in capsys.readouterr().err


def test_a_script_runs_as_main_with_its_own_arguments_and_is_capped(tmp_path):
    (tmp_path / 'still.py').write_text(SCRIPT)
    ended = _run(
        tmp_path, '--max-epochs', '2', '--eval-tasks', '3', 'still.py', '--max-epochs', '9'
    )
    assert ended.returncode == 0, ended.stderr
    lines = ended.stdout.splitlines()
    assert "arguments ['--max-epochs', '9']" in lines
    assert 'sampled 6' in lines
    assert [line for line in lines if line.startswith('epoch')] == [
        'epoch 0 of 9',
        'epoch 1 of 9',
    ]
    assert 'Ended after 2 epochs (--max-epochs).' in lines
    # one more per evaluation, or for the first: the evaluator's sampler is made with a policy too
    assert lines.count('visits a task') == 2 * 3 + 1
    assert len(_progress(tmp_path, 'still').splitlines()) == 1 + 2


def test_a_script_below_a_folder_called_garage_finds_what_lies_beside_it(tmp_path):
    folder = tmp_path / 'garage'
    folder.mkdir()
    (folder / 'beside_it.py').write_text('STATUS = 8')
    (folder / 'script.py').write_text('import beside_it\nraise SystemExit(beside_it.STATUS)')
    assert _run(tmp_path, 'garage/script.py').returncode == 8


def test_the_status_of_a_script_is_passed_on(tmp_path):
    (tmp_path / 'fails.py').write_text('raise SystemExit(7)')
    assert _run(tmp_path, 'fails.py').returncode == 7


def test_garages_ppo_example_runs_unedited(tmp_path):
    ended = _run(tmp_path, '--max-epochs', '1', 'torch.ppo_pendulum')
    assert ended.returncode == 0, ended.stderr
    assert 'Evaluation/AverageReturn' in _progress(tmp_path, 'ppo_pendulum')


def test_garages_maml_example_runs_unedited_on_meta_world(tmp_path):
    caps = ('--max-epochs', '1', '--eval-tasks', '1')
    small = ('--meta_batch_size', '1', '--rollouts_per_task', '1')
    ended = _run(tmp_path, *caps, 'torch.maml_trpo_metaworld_ml1_push', *small)
    assert ended.returncode == 0, ended.stderr
    assert 'MetaTest/Average/SuccessRate' in _progress(tmp_path, 'maml_trpo_metaworld_ml1_push')
