"""The trainer for garage's TensorFlow algorithms. Importing this imports TensorFlow."""

from metods_garage.experiment.trainer import ProtocolSteps

from garage.trainer import TFTrainer


class ProtocolTFTrainer(ProtocolSteps, TFTrainer):
    """A garage TFTrainer that keeps to a protocol; see `ProtocolSteps`.

    As a context, it is the TensorFlow session in which policies are built and restored. What
    TensorFlow's own operations draw from lives in that session and is no part of a snapshot, so a
    resumed run goes on with other noise than the uninterrupted one.
    """

    session = True
