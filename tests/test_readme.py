"""The README's pipeline is a complete script that runs, and is short."""

import re
import subprocess
import sys
from pathlib import Path

README = Path(__file__).parent.parent / 'README.md'


def script() -> str:
    """The one Python script of the README."""
    (found,) = re.findall(r'```python\n(.*?)```', README.read_text(), flags=re.DOTALL)
    return found


def test_the_pipeline_has_at_most_40_lines():
    assert len(script().splitlines()) <= 40


def test_the_pipeline_trains(tmp_path):
    path = tmp_path / 'pipeline.py'
    path.write_text(script())
    done = subprocess.run([sys.executable, path], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-4000:]
    progress = next(tmp_path.rglob('progress.csv')).read_text().splitlines()
    assert len(progress) == 1 + 2  # a header and two iterations
    assert 'ReplayError' in progress[0]


def test_every_file_that_the_readme_names_exists():
    text = README.read_text()
    named = set(re.findall(r'\]\(((?:docs|results)/[^)]+)\)', text))
    named |= set(re.findall(r'python ((?:launchers|baselines)/\S+\.py)', text))
    missing = [name for name in sorted(named) if not (README.parent / name).exists()]
    assert not missing
