"""`gym.envs`: the registry; `gym.envs.mujoco` is loaded when it is imported."""

from metods_garage.compat.old_gym.registration import make, register, registry, spec

__all__ = ['make', 'register', 'registry', 'spec']
