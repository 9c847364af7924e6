"""Vision Transformer (Dosovitskiy et al., 2020): an image as 16×16 words."""

from __future__ import annotations

from archgraph.builder import Builder
from archgraph.errors import ArchGraphError, ShapeError
from archgraph.graph import ArchGraph
from archgraph.ops import Shape

from .papers import VIT, VIT_TRAINING, facts

__all__ = ["SIZES", "vit"]

# Table 1: layers, hidden size D, MLP size, heads.
SIZES = {
    "Base": (12, 768, 3072, 12),
    "Large": (24, 1024, 4096, 16),
    "Huge": (32, 1280, 5120, 16),
}

EPS = 1e-6
"""Of the layer norms, as in the paper's code."""


def vit(
    size: str = "Base",
    patch: int = 16,
    input: Shape = (3, 224, 224),
    num_classes: int = 1000,
) -> ArchGraph:
    """ViT of a size of table 1 on patches of ``patch``×``patch``, named as in torchvision.

    Equations 1 to 4: patches are projected by one convolution, a class token stands in front, a
    position embedding is added; each layer is attention and an MLP, normalised before, with a
    shortcut around each. The class token's output is classified.
    """
    if size not in SIZES:
        raise ArchGraphError(f"size is '{size}', but ViT has {', '.join(SIZES)} (table 1).")
    layers, width, hidden, heads = SIZES[size]
    if len(input) != 3 or input[1] % patch or input[2] % patch:
        raise ShapeError(
            f"the image is {'×'.join(map(str, input))}, but its sides must be multiples of "
            f"{patch}, the patches' size."
        )
    tokens = (input[1] // patch) * (input[2] // patch)
    b = Builder(
        f"vit_{size[0].lower()}_{patch}",
        input,
        title=f"ViT-{size[0]}/{patch}",
        **facts(VIT, training=VIT_TRAINING),
    )
    with b.stage("embedding", "patches and positions"):
        with b.block("patches.block", "patch embedding"):
            x = b.conv("conv_proj", b.input, width, patch, patch, label="patch projection")
            x = b.permute("tokens", b.reshape("patches", x, (width, tokens)), 0, 2, 1)
        first = b.parameter("class_token", (1, 1, width))
        x = b.concat("with_class", b.expand("class", first, (1, width), label="class token"), x)
        position = b.parameter("encoder.pos_embedding", (1, tokens + 1, width))
        x = b.sum("encoder.add", x, position, label="position embedding")
    with b.stage("encoder", "transformer encoder"):
        for index in range(layers):
            path = f"encoder.layers.encoder_layer_{index}"
            with b.block(path, f"encoder layer {index + 1}", path=path):
                x = _layer(b, x, heads, hidden)
    with b.stage("head", "classifier"):
        x = b.layer_norm("encoder.ln", x, eps=EPS)
        x = b.select("class_output", x, 0, label="class token")
        x = b.linear("heads.head", x, num_classes, label="MLP head")
    return b.build(x)


def _layer(b: Builder, x: str, heads: int, hidden: int) -> str:
    """Add one encoder layer in the open scope (figure 1, right)."""
    width = b.shape(x)[-1]
    y = b.attention("self_attention", b.layer_norm("ln_1", x, eps=EPS), heads)
    x = b.sum("add_1", y, x)
    y = b.linear("mlp.0", b.layer_norm("ln_2", x, eps=EPS), hidden)
    y = b.linear("mlp.3", b.gelu("mlp.1", y), width)
    return b.sum("add_2", x, y)
