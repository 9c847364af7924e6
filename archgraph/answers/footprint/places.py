"""Where the outputs of a network lie in memory: each in a place of its own, or in another's."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from archgraph.graph import ArchGraph
from archgraph.ops import Op
from archgraph.ops.strides import Strides, contiguous
from archgraph.parts import in_order
from archgraph.tensors import Key, Tensor, bytes_of, is_known, node_of, output_of

__all__ = ["Place", "Places", "output_at", "places_of"]

Output = tuple[str, int]
"""A node and the number of its output."""


@dataclass(slots=True)
class Place:
    """Memory that one output takes, and others that are views of it.

    ``bytes`` is None where a size is unknown. ``readers`` are the nodes that read what lies there,
    with their devices; ``kept`` says that the network returns it.
    """

    output: Output
    bytes: int | None
    device: int | None
    readers: dict[str, int | None] = field(default_factory=dict)
    kept: bool = False

    def lies_on(self, device: int | None) -> bool:
        """Return whether a device holds it, as its own or as a copy that is read there.

        None stands for all devices together.
        """
        return device is None or device in (self.device, *self.readers.values())

    def readers_on(self, device: int | None) -> Collection[str]:
        """Return the nodes for which a device holds it: all where it was made, else its own."""
        if device in (None, self.device) or self.device is None:
            return self.readers
        return [name for name, where in self.readers.items() if where == device]


@dataclass(frozen=True, slots=True)
class Places:
    """What lies where: the places, the one of every output, and those that a node reads and makes.

    ``reads`` and ``makes`` hold the nodes that run, in the order of the program or file.
    ``strides`` say how each output lies in its place, where that is known. ``over`` names for a
    node the place that its output may be written over, as it works on each element by itself,
    where nobody else reads that any more.
    """

    places: tuple[Place, ...]
    of: dict[Output, int]
    reads: dict[str, tuple[int, ...]]
    makes: dict[str, tuple[int, ...]]
    over: dict[str, int]
    strides: dict[Output, Strides | None]


def places_of(net: ArchGraph, *, batch: int = 1, training: bool = False) -> Places:
    """Return where the outputs of a network lie, for a batch, as PyTorch places them.

    Views (reshapes of what lies in order, transposes, slices, parts) take no memory. With
    ``training`` dropout gives a tensor of its own and what only training uses counts.
    """
    places: list[Place] = []
    of: dict[Output, int] = {}
    strides: dict[Output, Strides | None] = {}
    reads: dict[str, tuple[int, ...]] = {}
    makes: dict[str, tuple[int, ...]] = {}
    over: dict[str, int] = {}
    for name in in_order(net):
        if net.nodes[name].get("training_only") and not training:
            continue
        data, op = net.nodes[name], net.op(name)
        sources = [output_at(each) for each in net.reads(name) if type(each) is not Key]
        first = sources[0] if sources and type(net.reads(name)[0]) is not Key else None
        shapes = [tensor.at(batch) for tensor in data["outputs"]]
        views = _views(op, first, shapes, strides, net, batch, training)
        made = []
        for number, tensor in enumerate(shapes):
            here = (name, number)
            if views is not None and first is not None:
                of[here], strides[here] = of[first], views[number]
                continue
            of[here] = len(places)
            made.append(len(places))
            places.append(Place(here, bytes_of(tensor), data["device"]))
            strides[here] = contiguous(tensor.shape or ()) if is_known(tensor) else None
        if views is None and first is not None and len(shapes) == 1:
            if op.lies_as_read:
                strides[name, 0] = _dense(strides[first], shapes[0])
            if op.in_place and shapes[0] == net.nodes[first[0]]["outputs"][first[1]].at(batch):
                over[name] = of[first]
        reads[name] = tuple(dict.fromkeys(of[each] for each in sources))
        makes[name] = tuple(made)
        for place in reads[name]:
            places[place].readers[name] = data["device"]
    for result in net.results:
        if node_of(result) in reads:
            places[of[output_at(result)]].kept = True
    return Places(tuple(places), of, reads, makes, over, strides)


def output_at(reference: str) -> Output:
    """Return the output that a reference such as ``split:1`` names."""
    return node_of(reference), output_of(reference)


def _views(
    op: Op,
    first: Output | None,
    shapes: list[Tensor],
    strides: dict[Output, Strides | None],
    net: ArchGraph,
    batch: int,
    training: bool,
) -> tuple[Strides, ...] | None:
    """Return the strides of a node's outputs where they are views of what it reads first."""
    if first is None or strides[first] is None or (training and op.family == "regularisation"):
        return None
    source = net.nodes[first[0]]["outputs"][first[1]].at(batch)
    outputs = [each.shape for each in shapes]
    if source.shape is None or not all(map(is_known, (source, *shapes))):
        return None
    return op.at(batch).viewed(source.shape, strides[first] or (), [each or () for each in outputs])


def _dense(strides: Strides | None, tensor: Tensor) -> Strides | None:
    """Return the strides of what is computed element by element: those it reads, without gaps."""
    if strides is None or tensor.shape is None or len(strides) != len(tensor.shape):
        return None
    axes = sorted(range(len(strides)), key=lambda axis: -strides[axis])
    step, found = 1, [0] * len(strides)
    for axis in reversed(axes):
        found[axis] = step
        step *= max(int(tensor.shape[axis] or 1), 1)
    return tuple(found)
