"""An architecture: residual blocks whose branches are scaled."""

import archgraph as ag
from archgraph import ops
from layerscale.operator import LayerScale


def scaled_net(width=16, depth=2, num_classes=10, input=(3, 32, 32)):
    b = ag.Builder("scaled_net", input, title="ScaledNet")
    x = b.conv("stem", b.input, width, 3, padding=1)
    for n in range(depth):
        with b.block(f"block{n}", f"block {n}", f"block{n}"):
            y = b.conv("conv", x, width, 3, padding=1)
            x = b.sum("add", x, b.add("scale", LayerScale(width), y))
    x = b.flatten("flatten", b.add("pool", ops.GlobalAvgPool2d(), x))
    return b.build(b.linear("fc", x, num_classes))


ARCHITECTURES = [
    ag.Architecture("scaled_net", "layerscale.network:scaled_net", "residual, scaled branches")
]
