"""The plasticity rules as pure functions of tensors."""

from metods_garage.plasticity.arxiv import arxiv_step, arxiv_unroll
from metods_garage.plasticity.coefficients import (
    initial_alpha,
    initial_coefficients,
    xavier_matrix,
)
from metods_garage.plasticity.unroll import metods_step, metods_unroll

__all__ = [
    'arxiv_step',
    'arxiv_unroll',
    'initial_alpha',
    'initial_coefficients',
    'metods_step',
    'metods_unroll',
    'xavier_matrix',
]
