"""garage value functions, reading the policy's recurrent core."""

from metods_garage.value_functions.metods_value_function import MetODSValueFunction

__all__ = ['MetODSValueFunction']
