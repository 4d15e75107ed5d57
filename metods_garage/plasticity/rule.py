"""The options of the rule that are not tensors, and what is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import torch

Tensor = torch.Tensor

#: The map P of the linear write as a matrix [N, N], or of the mlp write as a module on [..., N].
Projection: TypeAlias = Tensor | torch.nn.Module


@dataclass(frozen=True)
class Rule:
    """What stays fixed of the rule while tensors flow through it.

    Attributes:
        activation: sigma: 'tanh', 'relu', 'softmax' or 'identity'.
        normalize: None, 'l1', 'l2' or 'cap', applied to W^(S) once per time-step.
        cap: The largest norm that 'cap' allows.
        normalize_axis: 'incoming' or 'outgoing' weights of each neuron.
        project: Which side of the outer product the projection maps: 'pre' writes
            alpha (*) (v (x) P v), the linear write of N; 'post' writes alpha (*) (P v (x) v), the
            earlier rule of D.
    """

    activation: str = 'tanh'
    normalize: str | None = None
    cap: float = 1.0
    normalize_axis: str = 'incoming'
    project: str = 'pre'


def project_vectors(v: Tensor, projection: Projection | None) -> Tensor:
    """P v for v [..., N]; v itself where there is no projection."""
    if projection is None:
        return v
    if isinstance(projection, Tensor):
        return v @ projection.T
    return projection(v)


def written_factors(v: Tensor, projection: Projection | None, rule: Rule) -> tuple[Tensor, Tensor]:
    """The two sides (post, pre) of the outer product that v [..., N] writes."""
    projected = project_vectors(v, projection)
    return (projected, v) if rule.project == 'post' else (v, projected)
