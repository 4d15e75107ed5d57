import csv
import subprocess
import sys

from metods_garage.report import make_report
from metods_garage.report.comparisons import compare, interval
from metods_garage.report.runs import read_run

import pytest


def by_task(split, task, goal, episode):
    """Test episodes: reach succeeds on both goals, push on goal 0 alone, pull on none."""
    solved = episode == 2 and (task == 'reach' or (task == 'push' and goal == 0))
    return 10.0 * goal + episode, int(solved)


def flat(split, task, goal, episode):
    return 1.0, 0


def numbers(report):
    path = next(path for path in report.paths if path.suffix == '.csv')
    with open(path, newline='') as file:
        return {
            (row['method'], row['split'], row['task'], row['measure']): float(row['mean'])
            for row in csv.DictReader(file)
        }


def test_table_agrees_with_hand_computed_numbers(make_run, tmp_path):
    ledger = {'training_steps': 1040, 'evaluation_steps': 9, 'budget': 1000, 'overshoot': 40}
    folder = make_run(evaluations=[('final', 1040, by_task)], ledger=ledger)

    report = make_report([folder], tmp_path / 'out')

    assert numbers(report) == {
        ('metods', 'train', 'all', 'success'): 1.0,
        ('metods', 'test', 'all', 'success'): 0.25,
        ('metods', 'train', 'reach', 'success'): 1.0,
        ('metods', 'test', 'push', 'success'): 0.5,
        ('metods', 'test', 'pull', 'success'): 0.0,
        ('metods', 'train', 'all', 'return'): 7.0,
        ('metods', 'test', 'all', 'return'): 7.0,
        ('metods', 'train', 'reach', 'return'): 7.0,
        ('metods', 'test', 'push', 'return'): 7.0,
        ('metods', 'test', 'pull', 'return'): 7.0,
    }
    assert '25.0 [0.0, ' in report.table
    assert '1,040' in report.table
    assert '(1,000 training steps)' in report.table


def test_classes_count_the_same_however_many_goals_they_have(make_run):
    folder = make_run(evaluations=[('final', 1000, by_task)])
    path = folder / 'evaluation.csv'
    kept = [line for line in path.read_text().splitlines() if ',push,1,' not in line]
    path.write_text('\n'.join(kept))
    run = read_run(folder)

    assert interval([run.final], 'success', 'test').mean == pytest.approx((1 + 0) / 2)


def test_seeds_are_averaged_and_methods_kept_apart(make_run, tmp_path):
    def solved(split, task, goal, episode):
        return 1.0, 1

    folders = [
        make_run('metods', 1, [('final', 1000, solved)]),
        make_run('metods', 2, [('final', 1010, flat)]),
        make_run('maml', 1, [('final', 1000, flat)]),
    ]

    report = make_report(folders, tmp_path / 'out')

    found = numbers(report)
    assert found['metods', 'test', 'all', 'success'] == 0.5
    assert found['maml', 'test', 'all', 'success'] == 0.0
    assert '1,000 - 1,010' in report.table
    assert 'maml: 1 seed: says nothing about the spread between seeds' in report.table
    report = make_report([folders[0], folders[2]], tmp_path / 'out')
    assert 'each line: 1 seed: says nothing about the spread between seeds' in report.table


def test_interim_rows_do_not_enter_the_final_numbers(make_run, tmp_path):
    def solved(split, task, goal, episode):
        return 5.0, 1

    folder = make_run(evaluations=[('interim', 1000, solved), ('final', 1000, flat)])

    assert numbers(make_report([folder], tmp_path))['metods', 'test', 'all', 'success'] == 0.0


def test_exploration_episodes_enter_the_adaptation_curve_alone(make_run):
    run = read_run(make_run(evaluations=[('final', 1000, by_task)]))

    curve = [interval([run.final], 'success', 'train', episode=n).mean for n in range(3)]

    assert curve == [0.0, 0.0, 1.0]


def test_same_method_settings_and_seed_twice_is_refused_by_both_folders(make_run, tmp_path):
    folders = [make_run(evaluations=[('final', 1000, flat)], root=root) for root in ('a', 'b')]

    with pytest.raises(ValueError, match='a/ml10/metods/seed_1 and .*b/ml10/metods/seed_1'):
        make_report(folders, tmp_path / 'out')


def test_same_method_with_other_settings_is_another_line(make_run, tmp_path):
    folders = [
        make_run(evaluations=[('final', 1000, flat)], root=str(n), settings={'n': n, 'lr': 1})
        for n in (1, 2)
    ]

    lines = {key[0] for key in numbers(make_report(folders, tmp_path / 'out'))}

    assert lines == {'metods [n=1]', 'metods [n=2]'}


def test_unfinished_run_is_marked_with_the_steps_it_reached(make_run, tmp_path):
    ledger = {'training_steps': 640, 'evaluation_steps': 9, 'budget': 1000, 'overshoot': 0}
    folders = [
        make_run('metods', 1, [('final', 1000, flat)]),
        make_run('metods', 2, [('interim', 600, by_task)], ledger=ledger),
        make_run('pearl', 1),
    ]

    report = make_report(folders, tmp_path / 'out')

    assert numbers(report)['metods', 'train', 'all', 'success'] == 0.0
    assert numbers(report)['metods (unfinished)', 'train', 'all', 'success'] == 1.0
    assert 'metods (unfinished): seed 2 at 640 steps' in report.table
    assert 'pearl (unfinished): seed 1 at 0 steps; it has no evaluation yet' in report.table


def test_only_runs_without_evaluation_still_make_a_table(make_run, tmp_path):
    report = make_report([make_run()], tmp_path / 'out')

    assert 'metods (unfinished)' in report.table


def test_benchmark_without_success_is_reported_by_return(make_run, tmp_path):
    def pulls(split, task, goal, episode):
        return 28.5, ''

    folder = make_run(evaluations=[('interim', 0, pulls), ('final', 1000, pulls)], goals=1,
                      benchmark='bandit-2', tasks={'test': ['bandit']})  # fmt: skip

    report = make_report([folder], tmp_path / 'out')

    assert numbers(report) == {
        ('metods', 'test', 'all', 'return'): 28.5,
        ('metods', 'test', 'bandit', 'return'): 28.5,
    }
    assert 'success,' not in report.table


def test_benchmarks_and_protocols_are_compared_apart(make_run, tmp_path):
    longer = {'name': 'smoke', 'total_training_steps': 2000}
    folders = [
        make_run(evaluations=[('final', 1000, flat)]),
        make_run(evaluations=[('final', 1000, flat)], benchmark='ml1-reach-v3'),
        make_run(evaluations=[('final', 2000, flat)], root='longer', protocol=longer),
    ]

    report = make_report(folders, tmp_path / 'out')

    assert [path.name for path in report.paths if path.name.endswith('table.txt')] == [
        'ml1-reach-v3-smoke-table.txt',
        'ml10-smoke-1-table.txt',
        'ml10-smoke-2-table.txt',
    ]


def test_evaluations_on_different_goals_are_not_averaged(make_run, tmp_path):
    folders = [
        make_run('metods', 1, [('final', 1000, flat)], goals=2),
        make_run('metods', 2, [('final', 1000, flat)], goals=3),
    ]

    with pytest.raises(ValueError, match='do not cover the same goals'):
        make_report(folders, tmp_path / 'out')


def test_curves_pair_the_nth_interim_evaluations_of_the_seeds(make_run):
    folders = [
        make_run('metods', 1, [('interim', 500, flat), ('interim', 1000, flat)]),
        make_run('metods', 2, [('interim', 520, flat)]),
    ]
    (line,) = compare(read_run(folder) for folder in folders)[0].lines

    steps = [[one.training_steps for one in point] for point in line.interim()]

    assert steps == [[500, 520], [1000]]


def test_runs_of_before_there_was_a_setting_are_of_those_that_leave_it_alone(make_run):
    def run(root, seed, settings):
        choices = {'root': root, 'settings': {'cap': 0.4} | settings}
        return read_run(make_run(seed=seed, evaluations=[('final', 1000, flat)], **choices))

    old, new = run('old', 1, {}), run('new', 2, {'beta_rate': 1.0})
    (line,) = compare([old, new])[0].lines
    assert (line.label, [each.seed for each in line.runs]) == ('metods', [1, 2])
    other = run('other', 1, {'beta_rate': 0.02})
    labels = [line.label for line in compare([old, new, other])[0].lines]
    assert labels == ['metods [beta_rate=0.02]', 'metods [beta_rate=1.0]']


def test_figures_are_drawn_for_every_comparison(make_run, tmp_path):
    evaluations = [('interim', 0, flat), ('interim', 900, by_task), ('final', 1000, by_task)]
    folders = [
        make_run('metods', 1, evaluations),
        make_run('random_policy', 1, [('final', 0, flat)]),
    ]

    report = make_report(folders, tmp_path / 'out')

    pictures = [path for path in report.paths if path.suffix == '.png']
    assert [path.name for path in pictures] == [
        'ml10-smoke-learning.png',
        'ml10-smoke-adaptation.png',
        'ml10-smoke-tasks.png',
    ]
    for path in pictures:
        assert path.read_bytes().startswith(b'\x89PNG')
        assert path.stat().st_size > 10_000


def test_one_class_of_tasks_has_no_figure_of_classes(make_run, tmp_path):
    tasks = {'train': ['reach'], 'test': ['reach']}
    folder = make_run(evaluations=[('final', 1000, flat)], benchmark='ml1-reach-v3', tasks=tasks)

    report = make_report([folder], tmp_path / 'out')

    assert not any(path.name.endswith('-tasks.png') for path in report.paths)


def test_command_line_prints_table_and_paths_and_imports_no_torch(make_run, tmp_path):
    make_run(evaluations=[('final', 1000, by_task)])
    program = (
        'import runpy, sys\n'
        f'sys.argv = ["report", {str(tmp_path / "runs")!r}]\n'
        'try:\n'
        '    runpy.run_module("metods_garage.report", run_name="__main__")\n'
        'finally:\n'
        '    assert "torch" not in sys.modules and "garage" not in sys.modules\n'
    )

    done = subprocess.run([sys.executable, '-c', program], capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    assert 'metods  1' in done.stdout
    assert str(tmp_path / 'runs' / 'report' / 'ml10-smoke-learning.png') in done.stdout


def test_command_line_without_runs_is_one_clear_line(tmp_path):
    done = subprocess.run(
        [sys.executable, '-m', 'metods_garage.report', str(tmp_path)],
        capture_output=True,
        text=True,
    )

    assert done.returncode == 1
    assert done.stderr.startswith('Error: no run found below')
    assert len(done.stderr.strip().splitlines()) == 1
