import json
import subprocess
import sys

from metods_garage.experiment import SnapshotRefused, read_snapshot, write_snapshot

import numpy as np
import pytest

CONFIGURATION = 'a' * 64


@pytest.fixture
def path(tmp_path):
    path = tmp_path / 'snapshot.bin'
    write_snapshot(
        path, {'numbers': np.arange(5), 'call': lambda x: x + 1}, configuration=CONFIGURATION
    )
    return path


def test_what_was_written_is_read_back_lambdas_included(path):
    content = read_snapshot(path, configuration=CONFIGURATION)
    np.testing.assert_array_equal(content['numbers'], np.arange(5))
    assert content['call'](1) == 2


def test_what_is_defined_beside_the_script_is_read_without_it(tmp_path):
    scripts = tmp_path / 'scripts'
    scripts.mkdir()
    (scripts / 'parts.py').write_text(
        'BASE = 40\n'
        'class Part:\n'
        '    def total(self):\n'
        '        return BASE + 1\n'
        'class Later(Part):\n'
        '    def total(self):\n'
        '        return super().total() + 1\n'
    )
    path = tmp_path / 'snapshot.bin'
    (scripts / 'script.py').write_text(
        'import sys, pathlib, parts\n'
        'from metods_garage.experiment import read_snapshot, write_snapshot\n'
        'path = pathlib.Path(sys.argv[1])\n'
        'write_snapshot(path, {"part": parts.Later()}, configuration="a")\n'
        'write_snapshot(path, read_snapshot(path), configuration="a")  # a resumed run\n'
    )

    subprocess.run([sys.executable, scripts / 'script.py', path], check=True)

    assert read_snapshot(path)['part'].total() == 42
    assert 'parts' not in sys.modules


def test_nothing_is_left_beside_it(path):
    assert [found.name for found in path.parent.iterdir()] == ['snapshot.bin']


@pytest.mark.parametrize('kept', [0.2, 0.9, 0.999])
def test_a_snapshot_cut_short_is_refused_by_name(path, kept):
    raw = path.read_bytes()
    path.write_bytes(raw[: int(kept * len(raw))])
    with pytest.raises(SnapshotRefused, match=r'snapshot\.bin is refused: .*(cut short|damaged)'):
        read_snapshot(path, configuration=CONFIGURATION)


@pytest.mark.parametrize('position', [3, 60, -10])
def test_a_flipped_byte_is_refused_by_name(path, position):
    raw = bytearray(path.read_bytes())
    raw[position] ^= 0xFF
    path.write_bytes(bytes(raw))
    with pytest.raises(SnapshotRefused, match=r'snapshot\.bin is refused'):
        read_snapshot(path, configuration=CONFIGURATION)


def test_every_damage_of_the_header_is_refused_by_name(path):
    raw = path.read_bytes()
    length = raw.index(b'\n', raw.index(b'\n') + 1) + 1
    for position in range(length):
        for bit in range(8):
            damaged = bytearray(raw)
            damaged[position] ^= 1 << bit
            path.write_bytes(bytes(damaged))
            with pytest.raises(SnapshotRefused, match=r'snapshot\.bin is refused'):
                read_snapshot(path, configuration=CONFIGURATION)


@pytest.mark.parametrize('header', [b'[]', b'7', b'null', b'{}', b'{"format": 1, "bytes": "9"}'])
def test_a_header_of_another_shape_is_refused_by_name(path, header):
    magic, _, payload = path.read_bytes().split(b'\n', 2)
    path.write_bytes(b'\n'.join([magic, header, payload]))
    with pytest.raises(SnapshotRefused, match=r'snapshot\.bin is refused'):
        read_snapshot(path)


class _Elsewhere:
    """What can only be rebuilt where it was made."""

    def __reduce__(self):
        return int, ('no number',)


def test_a_content_that_can_not_be_rebuilt_here_is_refused_with_the_reason(path):
    write_snapshot(path, {'algo': _Elsewhere()}, configuration=CONFIGURATION)
    with pytest.raises(SnapshotRefused, match='can not be rebuilt .*ValueError: invalid literal'):
        read_snapshot(path)


def test_another_configuration_is_refused_by_name(path):
    with pytest.raises(SnapshotRefused, match='belongs to another configuration'):
        read_snapshot(path, configuration='b' * 64)


def test_another_format_is_refused_by_number(path):
    magic, header, payload = path.read_bytes().split(b'\n', 2)
    header = json.dumps(json.loads(header) | {'format': 99}).encode()
    path.write_bytes(b'\n'.join([magic, header, payload]))
    with pytest.raises(SnapshotRefused, match='format 99'):
        read_snapshot(path)


def test_a_file_that_is_no_snapshot_is_refused(tmp_path):
    (tmp_path / 'params.pkl').write_bytes(b'\x80\x04K\x01.')
    with pytest.raises(SnapshotRefused, match='not a snapshot of this package'):
        read_snapshot(tmp_path / 'params.pkl')


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(SnapshotRefused, match='No such file'):
        read_snapshot(tmp_path / 'snapshot.bin')


def test_a_full_disk_leaves_the_old_snapshot_whole(path):
    before = path.read_bytes()
    path.with_name('snapshot.bin.tmp').symlink_to('/dev/full')
    with pytest.raises(OSError, match='No space left'):
        write_snapshot(path, {'numbers': np.zeros(10**6)}, configuration=CONFIGURATION)
    assert path.read_bytes() == before
    assert not path.with_name('snapshot.bin.tmp').exists()
    write_snapshot(path, {}, configuration=CONFIGURATION)
    assert read_snapshot(path, configuration=CONFIGURATION) == {}
