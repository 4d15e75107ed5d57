"""garage policies: a stateful shell over a recurrent network."""

from metods_garage.policies.actor_critic_for import actor_critic_for
from metods_garage.policies.adapted_policy import AdaptedPolicy
from metods_garage.policies.border_policy import BORDER_MEMORIES, BorderPolicy
from metods_garage.policies.categorical_gru_policy import CategoricalGRUPolicy
from metods_garage.policies.categorical_metods_policy import CategoricalMetODSPolicy
from metods_garage.policies.exploration_policy import ExplorationPolicy
from metods_garage.policies.gaussian_gru_policy import GaussianGRUPolicy
from metods_garage.policies.gaussian_metods_policy import GaussianMetODSPolicy
from metods_garage.policies.recurrent_policy import RecurrentPolicy

__all__ = [
    'BORDER_MEMORIES',
    'AdaptedPolicy',
    'BorderPolicy',
    'CategoricalGRUPolicy',
    'CategoricalMetODSPolicy',
    'ExplorationPolicy',
    'GaussianGRUPolicy',
    'GaussianMetODSPolicy',
    'RecurrentPolicy',
    'actor_critic_for',
]
