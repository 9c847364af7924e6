"""What training holds in memory: weights, gradients, the optimizer's state, kept activations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from archgraph.errors import FormatError
from archgraph.graph import ArchGraph
from archgraph.memory.places import Places, places_of
from archgraph.nearest import nearest
from archgraph.stored_tensors import learned
from archgraph.tensors import Key, Tensor, at_batch, is_known, node_of
from archgraph.wiring import stored

__all__ = ["OPTIMIZERS", "TrainingMemory", "kept_for_gradients", "training_memory"]

OPTIMIZERS: Mapping[str, int] = {"sgd": 0, "momentum": 1, "adam": 2, "adamw": 2}
"""How many numbers an optimizer of torch.optim remembers for each weight."""


@dataclass(frozen=True, slots=True)
class TrainingMemory:
    """Bytes of one training step at its largest, between the forward and the backward pass.

    ``activations`` are what the gradients need of the forward pass, by node in ``kept``; nodes of
    which that is unknown are in ``unknown``, and the figures are lower bounds then. What kernels
    need while they run is not counted.
    """

    batch: int
    optimizer: str
    weights: int
    gradients: int
    state: int
    activations: int
    kept: Mapping[str, int]
    unknown: tuple[str, ...]

    @property
    def total(self) -> int:
        """All of it."""
        return self.weights + self.gradients + self.state + self.activations


def training_memory(net: ArchGraph, *, batch: int = 1, optimizer: str = "sgd") -> TrainingMemory:
    """Return what a training step holds for a batch, with an optimizer of ``OPTIMIZERS``.

    Gradients and the optimizer's state have the weights' element types, as in torch.optim. Raises
    FormatError for another optimizer.
    """
    if optimizer not in OPTIMIZERS:
        raise FormatError(
            f"there is no optimizer '{optimizer}'{nearest(optimizer, OPTIMIZERS)}; "
            f"there are {', '.join(OPTIMIZERS)}."
        )
    weights = learned(net, training=True).bytes
    kept, unknown = kept_for_gradients(net, batch=batch)
    return TrainingMemory(
        batch,
        optimizer,
        weights,
        weights,
        OPTIMIZERS[optimizer] * weights,
        sum(kept.values()),
        kept,
        unknown,
    )


def kept_for_gradients(net: ArchGraph, *, batch: int = 1) -> tuple[dict[str, int], tuple[str, ...]]:
    """Return the bytes that each node's gradient needs, and the nodes of which that is unknown.

    What two gradients need counts once, at the node that makes it; what a gradient needs besides
    (masks, means, places of maxima) at the node itself.
    """
    places = places_of(net, batch=batch, training=True)
    learns = _learning(net, places)
    needed: dict[int, None] = {}
    kept: dict[str, int] = {}
    unknown = []
    for name in places.reads:
        if not learns[name]:
            continue
        op = net.op(name)
        if op.keeps == "unknown" or not all(map(is_known, net.nodes[name]["outputs"])):
            unknown.append(name)
            continue
        for place in _needed(net, name, places, learns):
            needed[place] = None
        tensors = [[_at(each, batch) for each in group] for group in _around(net, name)]
        besides = op.kept_besides(*tensors)
        if besides:
            kept[name] = kept.get(name, 0) + besides
    for place in needed:
        held = places.places[place]
        if held.bytes is None:
            unknown.append(held.output[0])
        else:
            kept[held.output[0]] = kept.get(held.output[0], 0) + held.bytes
    return kept, tuple(dict.fromkeys(unknown))


def _learning(net: ArchGraph, places: Places) -> dict[str, bool]:
    """Return for each node whether a gradient flows through it: whether weights stand before it."""
    found: dict[str, bool] = {}
    for name in places.reads:
        dtype = str(net.nodes[name]["outputs"][0].dtype)
        floats = dtype.startswith(("float", "bfloat", "complex"))
        found[name] = floats and (
            bool(net.op(name).parameters())
            or any(_learns(net, source, found) for source in net.reads(name))
        )
    return found


def _learns(net: ArchGraph, source: str, found: Mapping[str, bool]) -> bool:
    if isinstance(source, Key):
        return stored(net, source, "").kind == "parameter"
    return found[node_of(source)]


def _needed(net: ArchGraph, name: str, places: Places, learns: Mapping[str, bool]) -> Sequence[int]:
    """Return the places that a node's gradient needs."""
    op, sources = net.op(name), net.reads(name)
    word = op.keeps
    chosen: list[str] = []
    if word in ("input", "second"):
        chosen = list(sources[:1] if word == "input" else sources[1:2])
    elif word in ("inputs", "all"):
        chosen = list(sources)
        if word == "inputs" and len(sources) == 2:
            # The gradient of each needs the other; without a gradient there is no need.
            grow = [_learns(net, each, learns) for each in sources]
            chosen = [each for each, other in zip(sources, reversed(grow), strict=True) if other]
    found = [places.of[_output(each)] for each in chosen if not isinstance(each, Key)]
    if word in ("output", "all"):
        count = len(net.nodes[name]["outputs"])
        found += [places.of[name, number] for number in range(count)]
    return found


def _around(net: ArchGraph, name: str) -> tuple[list[Tensor], list[Tensor]]:
    return [net.tensor(each, name) for each in net.reads(name)], [*net.nodes[name]["outputs"]]


def _at(tensor: Tensor, batch: int) -> Tensor:
    return Tensor(at_batch(tensor.shape or (), batch), tensor.dtype)


def _output(reference: str) -> tuple[str, int]:
    node, _, number = reference.partition(":")
    return node, int(number or 0)
