import os
import signal

from metods_garage.experiment.interruption import Interrupted, interruptible

import pytest


@pytest.mark.parametrize('signum', [signal.SIGINT, signal.SIGTERM])
def test_a_signal_becomes_an_interruption_and_the_handlers_come_back(signum):
    before = signal.getsignal(signum)
    with pytest.raises(Interrupted) as caught, interruptible():
        signal.raise_signal(signum)
    assert (caught.value.signum, caught.value.name) == (signum, signum.name)
    assert signal.getsignal(signum) == before


def test_no_handler_of_errors_swallows_it():
    assert not issubclass(Interrupted, Exception)


def test_a_forked_worker_ignores_ctrl_c_and_dies_of_sigterm():
    with interruptible():
        worker = os.fork()
        if worker == 0:
            os.kill(os.getpid(), signal.SIGINT)
            os.kill(os.getpid(), signal.SIGTERM)
            os._exit(0)
        _, status = os.waitpid(worker, 0)
    assert os.waitstatus_to_exitcode(status) == 128 + signal.SIGTERM
