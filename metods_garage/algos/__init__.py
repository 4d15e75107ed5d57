"""garage meta-RL algorithms that replay whole trials through a recurrent policy."""

from metods_garage.algos.recurrent_a2c import RecurrentA2C
from metods_garage.algos.recurrent_meta_rl import RecurrentMetaRL
from metods_garage.algos.recurrent_ppo import RecurrentPPO

__all__ = ['RecurrentA2C', 'RecurrentMetaRL', 'RecurrentPPO']
