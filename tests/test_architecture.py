"""Imports point one way: the rooms of the package and in which order they may know each other."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / 'metods_garage'

# Each room and the rooms that it may import; its own is always allowed.
ALLOWED: dict[str, set[str]] = {
    'compat': set(),
    'plasticity': set(),
    'modules': {'plasticity'},
    'policies': {'modules'},
    'value_functions': {'modules', 'policies'},
    'envs': set(),
    'samplers': {'envs'},
    'algos': {'modules', 'policies', 'value_functions', 'samplers', 'envs'},
    'report': set(),
    'experiment': {
        'algos',
        'envs',
        'modules',
        'policies',
        'report',
        'samplers',
        'value_functions',
    },
}
# Packages that a room must not import, whoever asks for them.
FORBIDDEN: dict[str, set[str]] = {
    'plasticity': {'garage', 'gymnasium', 'metaworld', 'akro', 'dowel'},
    'modules': {'garage', 'gymnasium', 'metaworld', 'akro', 'dowel'},
    'report': {'torch', 'garage', 'metaworld', 'gymnasium', 'tensorflow'},
}


def imported_names(path: Path) -> set[str]:
    """Dotted names of everything that a file imports, at its top or inside its functions."""
    return names_in(path.read_text(), path.relative_to(ROOT).parts[:-1])


def names_in(source: str, package: tuple[str, ...]) -> set[str]:
    """The same of source text that lies in a package, given as the parts of its dotted name."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = list(package[: len(package) - node.level + 1]) if node.level else []
            prefix = '.'.join(base + ([node.module] if node.module else []))
            names |= {f'{prefix}.{alias.name}' for alias in node.names}
    return names


def room_of(name: str) -> str | None:
    """The room that a dotted import name leads to, None outside the package's rooms."""
    head, _, rest = name.partition('.')
    room = rest.partition('.')[0]
    return room if head == 'metods_garage' and room in ALLOWED else None


def test_every_room_is_in_the_table():
    rooms = {p.name for p in PACKAGE.iterdir() if p.is_dir() and p.name != '__pycache__'}
    assert rooms == set(ALLOWED)


@pytest.mark.parametrize('room', sorted(ALLOWED))
def test_a_room_imports_only_what_lies_before_it(room):
    wrong = [
        f'{path.relative_to(ROOT)} imports {name}'
        for path in sorted((PACKAGE / room).rglob('*.py'))
        for name in sorted(imported_names(path))
        if (target := room_of(name)) not in (None, room) and target not in ALLOWED[room]
    ]
    assert not wrong, '\n'.join(wrong)


@pytest.mark.parametrize('room', sorted(FORBIDDEN))
def test_a_room_keeps_away_from_what_it_must_not_know(room):
    wrong = [
        f'{path.relative_to(ROOT)} imports {name}'
        for path in sorted((PACKAGE / room).rglob('*.py'))
        for name in sorted(imported_names(path))
        if name.partition('.')[0] in FORBIDDEN[room]
    ]
    assert not wrong, '\n'.join(wrong)


def test_the_package_never_imports_launchers_or_baselines():
    for path in PACKAGE.rglob('*.py'):
        heads = {name.partition('.')[0] for name in imported_names(path)}
        assert not heads & {'launchers', 'baselines', 'tests'}, path


def test_the_checker_sees_imports_in_functions_and_relative_ones():
    source = 'from ..algos import RecurrentA2C\ndef f():\n    import garage.sampler\n'
    assert names_in(source, ('metods_garage', 'plasticity')) == {
        'metods_garage.algos.RecurrentA2C',
        'garage.sampler',
    }
    assert room_of('metods_garage.algos.RecurrentA2C') == 'algos'
