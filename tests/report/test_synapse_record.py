from metods_garage.report.synapse_record import SynapseRecord

import numpy as np
import pytest


def test_a_record_comes_back_as_it_was(make_record, tmp_path):
    record = make_record('bandit-10-5', rewards=[[1, 0, 1], [0, 1, 0]], lengths=[3, 2])
    path = tmp_path / 'record.npz'
    path.write_bytes(record.to_bytes())

    again = SynapseRecord.read(path)

    for name, value in vars(record).items():
        np.testing.assert_array_equal(getattr(again, name), value)
        assert type(getattr(again, name)) is type(value)
    assert again.lengths.tolist() == [3, 2]


@pytest.mark.parametrize('content', [b'', b'not a record', None])
def test_a_damaged_record_is_refused_by_name(make_record, tmp_path, content):
    whole = make_record(rewards=[[1]], lengths=[1]).to_bytes()
    path = tmp_path / 'record.npz'
    path.write_bytes(whole[:-50] if content is None else content)
    with pytest.raises(ValueError, match=r'record\.npz is damaged.*delete it'):
        SynapseRecord.read(path)


def test_an_archive_of_something_else_is_refused(tmp_path):
    np.savez(tmp_path / 'record.npz', weights=np.zeros(3))
    with pytest.raises(ValueError, match='no record of synapses'):
        SynapseRecord.read(tmp_path / 'record.npz')
