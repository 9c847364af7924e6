"""An operator: y = γ · x, one learned γ for each channel (Touvron et al., 2021, section 3)."""

from dataclasses import dataclass

from archgraph.ops import Op, elements


@dataclass(frozen=True)
class LayerScale(Op):
    """Multiplies each channel by a learned number: (N, C, H, W) → the same."""

    channels: int
    init: float = 1e-5

    def parameters(self):
        return {"weight": (self.channels, 1, 1)}

    def flops(self, inputs, output):
        return elements(output)
