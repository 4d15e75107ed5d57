from metods_garage.modules import ElmanCore
from metods_garage.modules.reset_spans import reset_spans

import torch


def test_spans_begin_where_some_trial_is_reset():
    reset = torch.zeros(2, 6, dtype=torch.bool)
    reset[0, 0] = reset[0, 2] = reset[1, 5] = True
    assert reset_spans(reset, 6) == [(0, 2), (2, 5), (5, 6)]
    assert reset_spans(None, 6) == [(0, 6)]


def test_trials_reset_at_their_start_only_are_one_call_of_the_layer(monkeypatch):
    core = ElmanCore(3, 4)
    calls = []
    monkeypatch.setattr(core.rnn, 'forward', lambda x, h: calls.append(1) or (x, h))
    reset = torch.zeros(2, 6, dtype=torch.bool)
    reset[:, 0] = True
    core.unroll(torch.zeros(2, 6, 3), core.initial_state(2), reset)
    assert len(calls) == 1
