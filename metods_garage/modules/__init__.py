"""Recurrent cores with one interface, the embedding f, the heads g, and what joins them."""

from metods_garage.modules.acting_step import Acted, ActingStep, can_act
from metods_garage.modules.arxiv_core import ArxivCore
from metods_garage.modules.core import RecurrentCore, State, select_state
from metods_garage.modules.elman_core import ElmanCore
from metods_garage.modules.embedding import Embedding
from metods_garage.modules.gru_core import GRUCore
from metods_garage.modules.heads import (
    CategoricalPolicyHead,
    GaussianPolicyHead,
    PolicyHead,
    ValueHead,
)
from metods_garage.modules.metods_core import MetODSCore
from metods_garage.modules.recurrent_actor_critic import RecurrentActorCritic
from metods_garage.modules.running_normalizer import RewardScaler, RunningNormalizer

#: name -> core; every one can be built from its input size alone, and a core that is named here
#: is put through all conformance tests.
CORES: dict[str, type[RecurrentCore]] = {
    'metods': MetODSCore,
    'arxiv': ArxivCore,
    'gru': GRUCore,
    'elman': ElmanCore,
}

__all__ = [
    'CORES',
    'Acted',
    'ActingStep',
    'ArxivCore',
    'CategoricalPolicyHead',
    'ElmanCore',
    'Embedding',
    'GRUCore',
    'GaussianPolicyHead',
    'MetODSCore',
    'PolicyHead',
    'RecurrentActorCritic',
    'RecurrentCore',
    'RewardScaler',
    'RunningNormalizer',
    'State',
    'ValueHead',
    'can_act',
    'select_state',
]
