"""`gym.wrappers`: what garage uses of it."""

from metods_garage.compat.old_gym.wrappers.pixel_observation import PixelObservationWrapper

__all__ = ['PixelObservationWrapper']
