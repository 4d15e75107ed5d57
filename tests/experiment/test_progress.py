from metods_garage.experiment.progress import Progress


def test_without_a_terminal_progress_is_plain_lines(capsys):
    progress = Progress(1000, start=200)
    progress.advance(600)
    progress.say('a line')
    progress.close()
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith('600 of 1,000 steps (60 %), ')
    assert first.endswith(' left')
    assert second == 'a line'


def test_on_a_terminal_it_is_a_bar(capsys, monkeypatch):
    monkeypatch.setattr('sys.stderr.isatty', lambda: True)
    progress = Progress(1000, start=0)
    progress.advance(500)
    progress.advance(1200)  # the last iteration goes beyond the budget
    progress.close()
    assert '1.00k/1.00k' in capsys.readouterr().err


def test_of_a_part_it_names_the_steps_and_how_slow_they_are(capsys):
    progress = Progress(4000, 0, 'gradient')
    progress._began -= 1000  # one in 2.5 seconds
    progress.advance(400)
    line = capsys.readouterr().out
    assert line.startswith('400 of 4,000 gradient steps (10 %), 0.40 steps/s, 2:30:00')


def test_a_part_has_ten_lines(capsys):
    progress = Progress(4000, 0, 'gradient')
    for step in range(1, 4001):
        progress.advance(step)
    assert len(capsys.readouterr().out.splitlines()) == 10
