from metods_garage.report import figures, make_report, read_run
from metods_garage.report.comparisons import compare
from metods_garage.report.training_curve import TrainingCurve, read_training_curve

import numpy as np
import pytest

COLUMNS = 'MetaTrain/AverageReturn,MetaTrain/SuccessRate,TotalEnvSteps'


def flat(split, task, goal, episode):
    return 1.0, 0


@pytest.fixture
def folder(make_run):
    run = make_run(evaluations=[('final', 1000, flat)])
    # a resumed run may have logged a step twice: the later one is what it went on from
    rows = ['1.0,0.0,100', '2.0,0.5,200', '9.0,0.5,300', '3.0,1.0,300', ',,400']
    (run / 'progress.csv').write_text('\n'.join([COLUMNS, *rows]))
    return run


def test_a_curve_has_each_iteration_once(folder):
    curve = read_training_curve(folder, 'return')
    assert curve.steps.tolist() == [100, 200, 300]
    assert curve.values.tolist() == [1, 2, 3]
    assert read_training_curve(folder, 'success').values.tolist() == [0, 0.5, 1]


def test_what_garages_own_algorithms_log_is_a_curve_too(folder):
    text = (folder / 'progress.csv').read_text().replace('MetaTrain/', 'Average/')
    (folder / 'progress.csv').write_text(text)
    assert read_training_curve(folder, 'return').values.tolist() == [1, 2, 3]
    assert read_training_curve(folder, 'success').values.tolist() == [0, 0.5, 1]


def test_a_run_without_a_log_has_no_curve(make_run, tmp_path):
    run = make_run(evaluations=[('final', 1000, flat)])
    assert read_training_curve(run, 'return') is None
    (run / 'progress.csv').write_text('Iteration,TotalEnvSteps\n1,100\n')
    assert read_training_curve(run, 'return') is None
    report = make_report([run], tmp_path / 'out')
    assert not any('training' in path.name for path in report.paths)


def test_a_damaged_log_is_named(folder):
    with open(folder / 'progress.csv', 'a') as file:
        file.write('\nmany,0.0,500')
    with pytest.raises(ValueError, match=r'progress\.csv, line 7, is damaged.*many'):
        read_training_curve(folder, 'return')


def test_smoothing_takes_means_over_spans_of_steps_and_loses_no_iteration():
    curve = TrainingCurve(np.arange(1.0, 12), np.arange(11.0) ** 2)
    smooth = curve.smoothed(3)
    assert smooth.steps.tolist() == [2, 5, 8, 10.5]
    assert smooth.values.tolist() == pytest.approx([5 / 3, 50 / 3, 149 / 3, 90.5])
    assert curve.smoothed(1).values.tolist() == curve.values.tolist()
    assert curve.smoothed(0.25).values.tolist() == curve.values.tolist()


def test_the_figure_is_drawn(folder, tmp_path):
    report = make_report([folder], tmp_path / 'out')
    (figure,) = [path for path in report.paths if path.name.endswith('-training.png')]
    assert figure.read_bytes().startswith(b'\x89PNG')


def test_the_figure_says_whose_episodes_are_adapted_ones(make_run, tmp_path, monkeypatch):
    for method, prefix in (('maml', 'Average'), ('metods', 'MetaTrain')):
        run = make_run(method, evaluations=[('final', 1000, flat)])
        text = f'{prefix}/AverageReturn,TotalEnvSteps\n1.0,100\n2.0,200\n'
        (run / 'progress.csv').write_text(text)
    (comparison,) = compare(
        read_run(run.parents[1] / name / 'seed_1') for name in ('maml', 'metods')
    )
    drawn = []
    monkeypatch.setattr(figures, '_save', lambda figure, *_: drawn.append(figure))

    figures.draw_training_curves(comparison, tmp_path / 'training.png')

    labels = drawn[0].axes[0].get_legend_handles_labels()[1]
    assert labels == ['maml, adapted episodes', 'metods']
