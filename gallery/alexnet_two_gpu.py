"""AlexNet on two GPUs (Krizhevsky, Sutskever and Hinton, 2012), and the same on one device."""

from __future__ import annotations

from contextlib import AbstractContextManager

from archgraph.builder import Builder
from archgraph.graph import ArchGraph
from archgraph.ops import Concat, Flatten, LocalResponseNorm, MaxPool2d, Shape, Slice

from .layers import conv_act, dropout, linear_act
from .papers import ALEXNET, ALEXNET_TRAINING, ensemble, facts, single

__all__ = ["alexnet_grouped", "alexnet_two_gpu"]

GPUS = 2

#        layer   filters  kernel  stride  padding  reads maps of   norm   pool
CONVS = (
    ("conv1", 96, 11, 4, 0, "the image", True, True),
    ("conv2", 256, 5, 1, 2, "its own GPU", True, True),
    ("conv3", 384, 3, 1, 1, "both GPUs", False, False),
    ("conv4", 384, 3, 1, 1, "its own GPU", False, False),
    ("conv5", 256, 3, 1, 1, "its own GPU", False, True),
)
FULLY_CONNECTED = (("fc6", 4096), ("fc7", 4096))

NORM = LocalResponseNorm(5, alpha=5e-4, beta=0.75, k=2.0)
"""Section 3.3: n = 5, k = 2, α = 10⁻⁴ (not divided by n there), β = 0.75."""

_FACTS = facts(
    ALEXNET,
    published=[
        single(18.2, "single network (table 2)"),
        ensemble(16.4, "five networks (table 2; the lecture's figure)"),
    ],
    training=ALEXNET_TRAINING,
    notes=["The paper says 224×224, but its 55×55 maps need 227×227 without padding."],
)


def alexnet_two_gpu(input: Shape = (3, 227, 227), num_classes: int = 1000) -> ArchGraph:
    """AlexNet as two lanes of nodes, ``device`` 0 and 1, with the edges that crossed in 2012.

    Each layer has one node per GPU with half of its filters; its ``part_of`` tells which slice
    of the whole layer's weights it holds. conv1 reads the image on both GPUs; conv2, conv4 and
    conv5 read the maps on their own GPU; conv3, fc6, fc7 and fc8 read all maps of the layer
    before, gathered from both. fc8 is whole, on device 0.
    """
    b = Builder("alexnet_two_gpu", input, title="AlexNet on two GPUs", **_FACTS)
    lanes = [b.input] * GPUS
    for number, (layer, filters, kernel, stride, padding, reads, norm, pool) in enumerate(CONVS, 1):
        if reads == "both GPUs":
            lanes = _gather(b, layer, lanes)
        for gpu in range(GPUS):
            with _on(b, gpu, layer):
                x = conv_act(
                    b,
                    (f"{layer}.gpu{gpu}", f"relu{number}.gpu{gpu}"),
                    lanes[gpu],
                    filters // GPUS,
                    kernel,
                    stride,
                    padding,
                    label=layer,
                    block=False,
                    part_of=_part(layer, gpu),
                )
                lanes[gpu] = b.add(f"norm{number}.gpu{gpu}", NORM, x) if norm else x
            if pool:
                name = f"pool{number}"
                with b.scope("", device=gpu, stage=f"{layer}.lane{gpu}"):
                    lanes[gpu] = b.add(f"{name}.gpu{gpu}", MaxPool2d(3, 2), lanes[gpu], label=name)
    for number, (layer, features) in enumerate(FULLY_CONNECTED, 6):
        lanes = _gather(b, layer, lanes)
        for gpu in range(GPUS):
            with _on(b, gpu, layer):
                x = lanes[gpu]
                if number == 6:
                    x = b.add(f"flatten.gpu{gpu}", Flatten(), x)
                x = dropout(b, f"drop{number}.gpu{gpu}", x)
                names = f"{layer}.gpu{gpu}", f"relu{number}.gpu{gpu}"
                x = b.linear(names[0], x, features // GPUS, label=layer, part_of=_part(layer, gpu))
                lanes[gpu] = b.relu(names[1], x)
    b.net.define_group("fc8", "block", "fc8")
    b.net.define_group("fc8.lane0", "stage", "fc8")
    with b.scope("", device=0, block="fc8", stage="fc8.lane0"):
        x = b.add("gather8.gpu0", Concat(), *lanes, role="gather")
        x = b.linear("fc8", x, num_classes, label="fc8")
    return b.build(x)


def alexnet_grouped(input: Shape = (3, 227, 227), num_classes: int = 1000) -> ArchGraph:
    """Return the network of 2012 on one device: what ran apart is a convolution with two groups.

    It computes the same function as ``alexnet_two_gpu`` with the same weights. Each half of the
    maps is normalised for itself, because each GPU saw its own maps only.
    """
    b = Builder("alexnet_grouped", input, title="AlexNet with groups", **_FACTS)
    x = b.input
    for number, (layer, filters, kernel, stride, padding, reads, norm, pool) in enumerate(CONVS, 1):
        groups = GPUS if reads == "its own GPU" else 1
        with b.stage(f"stage{number}", layer):
            x = conv_act(
                b,
                (layer, f"relu{number}"),
                x,
                filters,
                kernel,
                stride,
                padding,
                label=layer,
                groups=groups,
            )
            if norm:
                with b.block(f"norm{number}", f"norm{number}", path=f"norm{number}"):
                    x = _norm_by_halves(b, x, filters)
            if pool:
                x = b.add(f"pool{number}", MaxPool2d(3, 2), x)
    with b.stage("classifier", "fc6–fc8"):
        x = b.flatten("flatten", x)
        for number, (layer, features) in enumerate(FULLY_CONNECTED, 6):
            x = dropout(b, f"drop{number}", x)
            x = linear_act(b, (layer, f"relu{number}"), x, features, label=layer)
        x = b.linear("fc8", x, num_classes, label="fc8")
    return b.build(x)


def _part(layer: str, gpu: int) -> dict[str, object]:
    """Say that a node holds one slice, along the outputs, of a whole layer's weights."""
    return {"layer": layer, "index": gpu, "of": GPUS}


def _on(b: Builder, gpu: int, layer: str) -> AbstractContextManager[None]:
    """Put what follows on one GPU, as this lane's block and stage of a layer."""
    key = f"{layer}.lane{gpu}"
    b.net.define_group(f"{key}.block", "block", layer)
    b.net.define_group(key, "stage", layer)
    return b.scope("", device=gpu, block=f"{key}.block", stage=key)


def _gather(b: Builder, layer: str, lanes: list[str]) -> list[str]:
    """Bring the maps of both GPUs to each: the edges that cross."""
    number = layer.removeprefix("conv").removeprefix("fc")
    gathered = []
    for gpu in range(GPUS):
        with _on(b, gpu, layer):
            gathered.append(b.add(f"gather{number}.gpu{gpu}", Concat(), *lanes, role="gather"))
    return gathered


def _norm_by_halves(b: Builder, x: str, channels: int) -> str:
    """Normalise the maps of each GPU for themselves, then put them side by side again."""
    half = channels // GPUS
    halves = []
    for gpu in range(GPUS):
        part = b.add(f"slice{gpu}", Slice(gpu * half, (gpu + 1) * half), x)
        halves.append(b.add(f"lrn{gpu}", NORM, part))
    return b.concat("concat", *halves)
