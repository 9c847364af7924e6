"""What training keeps of the forward pass for its gradients, as PyTorch does on the CPU."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from archgraph.answers.footprint.autocast import Autocast
from archgraph.answers.footprint.places import Places, output_at
from archgraph.graph import ArchGraph
from archgraph.ops import elements
from archgraph.ops.strides import reshaped
from archgraph.stored_tensors import stored
from archgraph.tensors import Key, Tensor, bytes_of, is_known, node_of

__all__ = [
    "OPTIMIZERS",
    "Needs",
    "device_of",
    "needed_for_gradients",
]

OPTIMIZERS: Mapping[str, int] = {"sgd": 0, "momentum": 1, "adam": 2, "adamw": 2}
"""How many numbers an optimizer of torch.optim remembers for each weight."""


_ALONE = ("input", "second", "third")
"""What ``Op.keeps`` calls one of the inputs, by its place."""


@dataclass(frozen=True, slots=True)
class Needs:
    """What gradients need of the forward pass.

    ``users`` are the nodes whose gradient needs what lies at a place, with the device where that
    gradient is computed, in the order of the program. ``besides`` are the bytes that a node keeps
    for its own gradient only: masks, means, places of maxima. Of the nodes in ``unknown`` it is
    unknown what their gradients need. ``copies`` are the bytes of weights that autocast casts, at
    the node that reads them first. ``learns`` says of each node whether a gradient flows through.
    """

    users: Mapping[int, Mapping[str, int | None]]
    besides: Mapping[str, int]
    copies: Mapping[str, int]
    unknown: tuple[str, ...]
    learns: Mapping[str, bool]


def needed_for_gradients(
    net: ArchGraph, places: Places, *, batch: int = 1, cast: Autocast | None = None
) -> Needs:
    """Return what the gradients of a network need; ``places`` are those of training.

    Under autocast ``net`` is its network, and what a node casts it keeps as a copy of its own.
    """
    learns = _learning(net, places)
    users: dict[int, dict[str, int | None]] = {}
    besides: dict[str, int] = {}
    copies: dict[str, int] = {}
    copied: set[str] = set()
    unknown = []
    for name in places.reads:
        if not learns[name]:
            continue
        op = net.op(name)
        if op.keeps == "unknown" or not all(map(is_known, net.nodes[name]["outputs"])):
            unknown.append(name)
            continue
        chosen = _chosen(net, name, learns)
        casts = [each for each in chosen if cast is not None and cast.casts(name, each)]
        copied_in = [each for each in chosen if _flattened(net, name, each, places, batch)]
        own = {*casts, *copied_in}
        for place in _needed(net, name, places, [each for each in chosen if each not in own]):
            device = device_of(net, name, places.places[place].device)
            users.setdefault(place, {})[name] = device
        tensors = [[each.at(batch) for each in group] for group in _around(net, name)]
        if cast is not None:
            fed = op.family != "linear" or any(
                _learns(net, each, learns) for each in net.reads(name)
            )
            fresh = {key: size for key, size in cast.copies(name).items() if key not in copied}
            if fed and fresh:
                copied |= fresh.keys()
                copies[name] = sum(fresh.values())
        more = op.kept_besides(*tensors)
        more += sum(
            bytes_of(net.tensor(each, name).at(batch)) or 0
            for each in dict.fromkeys(copied_in)
            if each not in casts
        )
        more += sum(_half(net.tensor(each, name), batch) for each in dict.fromkeys(casts))
        if more:
            besides[name] = more
    unsized = [places.places[at].output[0] for at in users if places.places[at].bytes is None]
    return Needs(users, besides, copies, tuple(dict.fromkeys((*unknown, *unsized))), learns)


def device_of(net: ArchGraph, name: str, maker: int | None) -> int | None:
    """Return the device where a node's gradient is computed."""
    device: int | None = net.nodes[name]["device"]
    return maker if device is None else device


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


def _flattened(net: ArchGraph, name: str, source: str, places: Places, batch: int) -> bool:
    """Return whether a matrix product copies an operand, so that its batch axes become one.

    PyTorch's ``matmul``, of which attention with dropout is made, reshapes what has more than three
    axes; a reshape copies what does not lie in order.
    """
    product = net.op(name).kind == "MatMul" or net.op(name).keeps == "third"
    if not product or isinstance(source, Key):
        return False
    shape = net.tensor(source, name).at(batch).shape
    strides = places.strides.get(output_at(source))
    if shape is None or strides is None or len(shape) < 4:
        return False
    return reshaped(shape, strides, (elements(shape[:-2]), *shape[-2:])) is None


def _half(tensor: Tensor, batch: int) -> int:
    """Return the bytes of a tensor in a half type."""
    return 2 * elements(tensor.at(batch).shape or ())


def _chosen(net: ArchGraph, name: str, learns: Mapping[str, bool]) -> list[str]:
    """Return what a node reads that its gradient needs."""
    op, sources = net.op(name), net.reads(name)
    word = op.keeps
    chosen: list[str] = []
    if word in _ALONE:
        place = _ALONE.index(word)
        chosen = list(sources[place : place + 1])
    elif word in ("inputs", "others", "all"):
        chosen = list(sources)
        if word == "others" and len(sources) == 2:
            # Without a gradient there is no need.
            grow = [_learns(net, each, learns) for each in sources]
            chosen = [each for each, other in zip(sources, reversed(grow), strict=True) if other]
    return chosen


def _needed(net: ArchGraph, name: str, places: Places, chosen: Sequence[str]) -> Sequence[int]:
    """Return the places that a node's gradient needs: of what it reads, and of what it gives."""
    word = net.op(name).keeps
    found = [places.of[output_at(each)] for each in chosen if not isinstance(each, Key)]
    if word in ("output", "all"):
        count = len(net.nodes[name]["outputs"])
        found += [places.of[name, number] for number in range(count)]
    return found


def _around(net: ArchGraph, name: str) -> tuple[list[Tensor], list[Tensor]]:
    return [net.tensor(each, name) for each in net.reads(name)], [*net.nodes[name]["outputs"]]
