"""Running statistics that are saved with the policy: of observations, and of returns."""

from __future__ import annotations

import torch

Tensor = torch.Tensor

_SMALLEST_STD = 1e-4


class RunningNormalizer(torch.nn.Module):
    """Centres and scales each dimension by the mean and deviation of all that was seen.

    Until the first update it changes nothing, and `forward` never updates it: whoever collects
    data decides when, so that a trial is replayed with the statistics that it was sampled with.

    Args:
        size: Number of dimensions.
        clip: Bound on the absolute value of what comes out.
    """

    count: Tensor
    mean: Tensor
    var: Tensor

    def __init__(self, size: int, clip: float = 10.0) -> None:
        super().__init__()
        self.clip = clip
        # Sums over millions of steps stay exact enough in float64 only.
        self.register_buffer('count', torch.zeros((), dtype=torch.float64))
        self.register_buffer('mean', torch.zeros(size, dtype=torch.float64))
        self.register_buffer('var', torch.ones(size, dtype=torch.float64))

    @torch.no_grad()
    def update(self, x: Tensor, valid: Tensor | None = None) -> None:
        """Take in x [..., size]; only where `valid` [...], a boolean mask, is True.

        Raises:
            ValueError: If the last dimension of x is not `size`.
        """
        if x.shape[-1] != self.mean.shape[0]:
            raise ValueError(
                f'x has shape {tuple(x.shape)}; its last dimension must be {self.mean.shape[0]}'
            )
        rows = x[valid] if valid is not None else x.reshape(-1, x.shape[-1])
        rows = rows.to(self.mean.dtype)
        n = rows.shape[0]
        if n == 0:
            return
        # Chan et al.: the moments of two samples joined.
        total = self.count + n
        delta = rows.mean(0) - self.mean
        seen = self.var * self.count + rows.var(0, unbiased=False) * n
        self.var.copy_((seen + delta.square() * self.count * n / total) / total)
        self.mean.add_(delta * n / total)
        self.count.copy_(total)

    def forward(self, x: Tensor) -> Tensor:
        """x [..., size] normalised and clipped, in its own dtype; x itself before any update."""
        if not bool(self.count > 0):
            return x
        mean, std = self.moments(x.dtype)
        return ((x - mean) / std).clamp(-self.clip, self.clip)

    def moments(self, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
        """What is taken from each dimension, and what it is then divided by, [size] each."""
        return self.mean.to(dtype), self.var.sqrt().clamp_min(_SMALLEST_STD).to(dtype)


class RewardScaler(torch.nn.Module):
    """Divides rewards by the running standard deviation of the discounted return.

    Rewards are not centred, which would change what is worth doing. Until the first update they are
    left as they are.

    Args:
        discount: Discount of the return.
        clip: Bound on the absolute value of what comes out.
    """

    def __init__(self, discount: float, clip: float = 10.0) -> None:
        super().__init__()
        self.discount = discount
        self.clip = clip
        self.returns = RunningNormalizer(1)

    @torch.no_grad()
    def update(self, rewards: Tensor, valid: Tensor | None = None) -> None:
        """Take in the rewards [B, T] of whole trials, where `valid` [B, T] is True."""
        so_far = rewards.new_zeros(rewards.shape[0])
        returns = torch.empty_like(rewards)
        for t in range(rewards.shape[1]):
            so_far = self.discount * so_far + rewards[:, t]
            returns[:, t] = so_far
        self.returns.update(returns.unsqueeze(-1), valid)

    def forward(self, rewards: Tensor) -> Tensor:
        """The scaled and clipped rewards, of any shape."""
        if not bool(self.returns.count > 0):
            return rewards
        std = self.returns.var.sqrt().clamp_min(_SMALLEST_STD).to(rewards.dtype)
        return (rewards / std).clamp(-self.clip, self.clip)
