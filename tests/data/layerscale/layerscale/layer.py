"""Its layer in PyTorch: it takes the operator's fields and has its parameters."""

import torch
from torch import Tensor, nn


class LayerScale(nn.Module):
    def __init__(self, channels: int, init: float = 1e-5) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.full((channels, 1, 1), init))

    def forward(self, x: Tensor) -> Tensor:
        return x * self.weight
