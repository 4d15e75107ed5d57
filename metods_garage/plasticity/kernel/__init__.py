"""The rearranged rule and its gradient, compiled for the CPU: NumPy arrays in, NumPy arrays out.

`plasticity.fused` is its torch side, `derivation.md` beside this file derives the gradient.
"""

from metods_garage.plasticity.kernel.arguments import (
    Coefficients,
    Form,
    Gradients,
    Kept,
    new_scratch,
    padded_matrix,
)
from metods_garage.plasticity.kernel.backward import backward
from metods_garage.plasticity.kernel.forward import forward
from metods_garage.plasticity.kernel.simd import aligned_zeros, padded

__all__ = [
    'Coefficients',
    'Form',
    'Gradients',
    'Kept',
    'aligned_zeros',
    'backward',
    'forward',
    'new_scratch',
    'padded',
    'padded_matrix',
]
