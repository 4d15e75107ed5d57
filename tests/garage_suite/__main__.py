"""Runs the tests of a garage checkout at v2021.03.0 with `metods_garage` imported first.

    python -m tests.garage_suite path/to/garage [pytest options]

The parts run one after another, each in a process of its own: TensorFlow and the software
renderers of Mesa can't share one, and tests of garage leave things behind. Status 0 means that
nothing failed beyond what `expected_failures.txt` names.
"""

import importlib.util
import os
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree
from collections import Counter
from pathlib import Path

# the only tests that draw with MuJoCo, and they import no TensorFlow
_DRAWING = 'tests/garage/envs/wrappers/test_pixel_observation_wrapper.py'
_PARTS = (
    (_DRAWING,),
    ('tests/garage/envs', f'--ignore={_DRAWING}'),
    ('tests/garage/experiment',),
    ('tests/garage/np', 'tests/garage/replay_buffer', 'tests/garage/sampler'),
    (
        'tests/garage/test_dtypes.py',
        'tests/garage/test_environment.py',
        'tests/garage/test_functions.py',
    ),
    ('tests/garage/torch',),
    (
        'tests/garage/tf/algos/test_rl2ppo.py',
        'tests/garage/tf/algos/test_rl2trpo.py',
        'tests/garage/tf/policies/test_categorical_gru_policy.py',
        'tests/garage/tf/policies/test_gaussian_gru_policy.py',
    ),
)
# what the tests import beyond the requirements of garage on the current stack
_NEEDED = {'pygame': 'pygame', 'Box2D': 'box2d', 'tensorflow': 'metods_garage[rl2]'}
_SECONDS_PER_TEST = 600


def main(arguments: list[str]) -> int:
    """Run all parts and print a line for each.

    Args:
        arguments: The path of the checkout, then options for pytest.

    Returns:
        The exit status.
    """
    if not arguments:
        print(__doc__, file=sys.stderr)
        return 2
    checkout, options = Path(arguments[0]).resolve(), arguments[1:]
    problem = _problem_with(checkout)
    if problem:
        print(problem, file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        results = [
            _run_part(part, checkout, options, Path(folder) / f'{number}.xml')
            for number, part in enumerate(_PARTS)
        ]
    return _print_summary(results)


def _problem_with(checkout: Path) -> str:
    if not (checkout / 'tests' / 'garage').is_dir():
        return f'{checkout} is no checkout of garage: it has no tests/garage'
    version = (checkout / 'VERSION').read_text().strip() if (checkout / 'VERSION').exists() else '?'
    if version != 'v2021.03.0':
        return f'{checkout} is garage {version}; check out the tag v2021.03.0'
    missing = [name for module, name in _NEEDED.items() if not importlib.util.find_spec(module)]
    return f'the tests of garage need more packages: pip install {" ".join(missing)}' * bool(
        missing
    )


def _run_part(
    part: tuple[str, ...], checkout: Path, options: list[str], report: Path
) -> tuple[str, Counter[str], float]:
    start = time.monotonic()
    command = [
        sys.executable,
        '-m',
        'pytest',
        '-p',
        'under_metods_garage',
        '-p',
        'no:cacheprovider',
    ]
    command += ['--timeout', str(_SECONDS_PER_TEST), f'--junit-xml={report}', *part, *options]
    status = subprocess.run(command, cwd=checkout, env=_environment()).returncode
    counts = _counts(report) if report.exists() else Counter({f'crashed ({status})': 1})
    return part[0], counts, time.monotonic() - start


def _environment() -> dict[str, str]:
    here = Path(__file__).resolve().parent
    # our `tests` must not hide garage's, so only the plugin's folder goes in front
    paths = [str(here), str(here.parents[1]), os.environ.get('PYTHONPATH', '')]
    environment = {'OMP_NUM_THREADS': '1', **os.environ, 'PYTHONPATH': os.pathsep.join(paths)}
    if 'DISPLAY' not in os.environ:
        environment = {'MUJOCO_GL': 'egl', 'SDL_VIDEODRIVER': 'dummy', **environment}
    return environment


def _counts(report: Path) -> Counter[str]:
    counts: Counter[str] = Counter()
    for test in xml.etree.ElementTree.parse(report).iter('testcase'):
        outcomes = {child.tag: child for child in test}
        if 'failure' in outcomes or 'error' in outcomes:
            counts['failed'] += 1
        elif 'skipped' in outcomes:
            expected = outcomes['skipped'].get('type') == 'pytest.xfail'
            counts['expected failures' if expected else 'skipped by garage'] += 1
        else:
            counts['passed'] += 1
    return counts


def _print_summary(results: list[tuple[str, Counter[str], float]]) -> int:
    total: Counter[str] = Counter()
    for name, counts, seconds in results:
        total += counts
        print(f'{name:32} {_in_words(counts)} in {seconds:.0f} s')
    print(f'{"together":32} {_in_words(total)}')
    good = {'passed', 'expected failures', 'skipped by garage'}
    return 0 if set(total) <= good else 1


def _in_words(counts: Counter[str]) -> str:
    return ', '.join(f'{number} {outcome}' for outcome, number in sorted(counts.items()))


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
