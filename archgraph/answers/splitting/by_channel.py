"""A network split by channel: each device holds its part of the filters of every layer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate

from archgraph.answers.splitting.channel_rules import (
    LayerPart,
    filters_of,
    is_layer,
    layer_part,
    on_part,
)
from archgraph.answers.splitting.lying_pieces import Lying, Piece, channels_of, shape_of
from archgraph.errors import GraphError, ShapeError, UnknownNameError
from archgraph.graph import ArchGraph
from archgraph.nearest import nearest
from archgraph.ops import Concat, Input, Op, Slice, Split
from archgraph.ops.base import axis_of
from archgraph.options import written
from archgraph.parts import in_order
from archgraph.provenance import Weights
from archgraph.tensors import Key, Shape, node_of, output_of, ref_to
from archgraph.units import listed_names, spaced_shape

__all__ = ["by_channel"]


def by_channel(net: ArchGraph, devices: int, talk: str | Sequence[str] | None) -> ArchGraph:
    """Return a network of which each device holds its part of the filters of every layer.

    A layer that reads all channels brings those of all devices together first, in an operator
    whose ``role`` is "gather". With ``talk`` only the layers that it names do (by name or label);
    all others read the channels of their own device, and norms over neighbouring channels work on
    these, as in AlexNet (Krizhevsky et al., 2012, sections 3.2 and 3.5). The last layers run whole
    on device 0, which gathers what they read. Parts of layers have ``part_of``.

    Raises UnknownNameError for a layer that there is not, ShapeError for channels that cannot be
    shared equally, GraphError for an operator that needs the channels of all devices at once.
    """
    made = _Splitting(net, devices, None if talk is None else _talking(net, talk))
    return made.network()


def _talking(net: ArchGraph, talk: str | Sequence[str]) -> frozenset[str]:
    """Return the layers that a user names, by the network's names or the paper's."""
    known: dict[str, str] = {}
    for name in net:
        if is_layer(net.op(name)):
            known[name] = name
            known.setdefault(str(net.nodes[name].get("label", name)), name)
    words = [each.strip() for each in talk.split(",")] if isinstance(talk, str) else talk
    for word in words:
        if word not in known:
            there = listed_names([*dict.fromkeys(known.values())], 8)
            raise UnknownNameError(
                f"'{net.name}' has no layer '{word}' that could read all channels"
                f"{nearest(word, known)}; there are {there}."
            )
    return frozenset(known[word] for word in words)


class _Splitting(Lying):
    """The split network while it is made, operator by operator in the order of the whole one."""

    def __init__(self, net: ArchGraph, devices: int, talk: frozenset[str] | None) -> None:
        super().__init__(net)
        self.devices, self.talk = devices, talk
        self.last = _last_layers(net)
        if all(name in self.last for name in net if is_layer(net.op(name))):
            raise GraphError(
                f"'{net.name}' has no layers before its last ones whose filters devices could "
                f"share; use {written('how', 'pipeline')}."
            )
        self.cut: list[str] = []
        """What reads less than it did, and so computes something else."""

    def network(self) -> ArchGraph:
        """Return the split network."""
        for name in self.order:
            self._put(name)
        results = [self.whole(result, 0, result) for result in self.net.results]
        self.made.set_outputs(*results)
        made = self.made
        title = self.net.graph.get("title") or self.net.name
        made.graph["title"] = f"{title} on {self.devices} devices"
        made.graph["notes"] = [*self.net.graph.get("notes", ()), self._said()]
        if self.net.weights is not None:
            made.weights = Weights(self.net.weights.origin, self.loaders)
        made.check_names()
        return made

    def _said(self) -> str:
        said = (
            f"Split over {self.devices} devices by channel: each holds its part of every layer's "
            "filters, and the last layers are whole on device 0"
        )
        if not self.cut:
            return f"{said}. It computes what '{self.net.name}' computes with the same weights."
        return (
            f"{said}. {listed_names(self.cut, 4)} read the channels of their own device only, "
            f"which is another network than '{self.net.name}'."
        )

    # ---- each operator of the whole network ------------------------------------------------

    def _put(self, name: str) -> None:
        net = self.net
        op, reads = net.op(name), [each for each in net.reads(name) if type(each) is not Key]
        if isinstance(op, Input):
            self.made.add(name, op, **self._extras(name, None))
            self.lies(name, [Piece(None, name, 0, channels_of(net, name))])
            self.outside.add(name)
        elif is_layer(op) and len(reads) == 1:
            self._layer(name, op, reads[0])
        elif all(node_of(each) in self.outside for each in reads):
            self.outside.add(name)
            self.waiting.add(name)
        elif isinstance(op, Concat) and self._joins(op, reads):
            self.lies(name, self._joined(reads))
        elif isinstance(op, (Slice, Split)) and self._taken(name, op, reads[0]):
            pass
        elif all(self.alone(each) for each in reads):
            homes = [piece.device for each in reads for piece in self.laid(each)]
            home = next(each for each in homes if each is not None)
            self._alone_on(name, home)
        elif len(reads) == 1 and op.silent and shape_of(net, reads[0]) is not None:
            self.waiting.add(name)
        else:
            self._by_pieces(name)

    def _layer(self, name: str, op: Op, source: str) -> None:
        """Put the parts of a layer on the devices."""
        if name in self.last:
            self._alone_on(name, 0)
            return
        read, given, groups = filters_of(op)
        shape = shape_of(self.net, source)
        if shape is None or (op.family == "linear" and len(shape) != 2):
            said = "unknown" if shape is None else spaced_shape(shape[1:])
            raise self.refusal(name, f"what it reads, {said}, has its features last")
        if given % self.devices:
            raise ShapeError(
                f"'{name}' has {given:,} filters, which {self.devices} devices cannot share "
                f"equally; use another number of devices, or {written('how', 'pipeline')}."
            )
        each = given // self.devices
        if groups > 1:
            self._grouped(name, op, source)
            return
        local = self.talk is not None and name not in self.talk and not self.alone(source)
        found = []
        for device in range(self.devices):
            spans, ref = (
                self.own(source, device, name)
                if local
                else (((0, read),), self.whole(source, device, name))
            )
            part = layer_part(op, spans, (device * each, (device + 1) * each), 1)
            found.append(self._part(name, part, device, ref, device, self.devices))
        if local:
            self.cut.append(name)
        starts = range(0, given, each)
        self.lies(
            name,
            [Piece(d, ref, s, each) for d, (ref, s) in enumerate(zip(found, starts, strict=True))],
        )

    def _grouped(self, name: str, op: Op, source: str) -> None:
        """Put a layer whose groups each device has whole: what they read is there already."""
        read, given, groups = filters_of(op)
        wide, narrow = read // groups, given // groups
        pieces = self.laid(source)
        if len(pieces) == 1 or any(each.start % wide or each.size % wide for each in pieces):
            raise ShapeError(
                f"'{name}' has {groups:,} groups of {wide:,} channels, which do not lie whole on "
                f"{self.devices} devices; use another number of devices, or "
                f"{written('how', 'pipeline')}."
            )
        found, equal = [], len(pieces) * (len({each.size for each in pieces}) == 1)
        for number, piece in enumerate(pieces):
            first, count = piece.start // wide, piece.size // wide
            span = (first * narrow, (first + count) * narrow)
            part = layer_part(op, ((piece.start, piece.start + piece.size),), span, count)
            ref = self._part(name, part, piece.device or 0, piece.ref, number, equal)
            found.append(Piece(piece.device, ref, span[0], span[1] - span[0]))
        self.lies(name, found)

    def _part(
        self, name: str, part: LayerPart, device: int, source: str, number: int, count: int
    ) -> str:
        """Add a part of a layer and say what it is of the whole one."""
        cuts = {"weight": part.weight, "bias": part.bias}
        return self.add(name, part.op, [source], device, cuts, (number, count))

    def _by_pieces(self, name: str) -> None:
        """Put an operator that works on each of the channels that it finds by itself."""
        net, op = self.net, self.net.op(name)
        reads = net.reads(name)
        lead = next((each for each in reads if type(each) is not Key and not self.alone(each)), "")
        shape, given = shape_of(net, lead), net.tensor(name).shape
        if shape is None or given is None or len(given) < 2 or len(net.nodes[name]["outputs"]) > 1:
            raise self.refusal(name)
        pieces = self.laid(lead)
        found, equal = [], len(pieces) * (len({each.size for each in pieces}) == 1)
        for number, piece in enumerate(pieces):
            device = piece.device or 0
            part = on_part(op, shape, given, piece.start, piece.size, alone=self.talk is not None)
            start, rest = divmod(piece.start * int(given[1]), int(shape[1]))
            size, more = divmod(piece.size * int(given[1]), int(shape[1]))
            if part is None or rest or more:
                raise self.refusal(name)
            sources = [self._beside(name, each, shape, pieces, number) for each in reads]
            stretch = (0, ((piece.start, piece.start + piece.size),))
            roles = (*op.parameters(), *op.buffers())
            sliced = dict.fromkeys((r for r in roles if _sized(op, r) == int(shape[1])), (stretch,))
            ref = self.add(name, part, sources, device, sliced, (number, equal))
            found.append(Piece(piece.device, ref, start, size))
        if self.talk is not None and op.family == "norm" and len(pieces) > 1 and not roles:
            self.cut.append(name)
        self.lies(name, found)

    def _beside(
        self, name: str, source: str, shape: Shape, pieces: Sequence[Piece], number: int
    ) -> str:
        """Return what stands at an input beside a piece: as much of another, or what stretches."""
        if type(source) is Key:
            stored = self.net.tensor(source, name).shape or ()
            if len(stored) >= len(shape) - 1 and int(stored[1 - len(shape)]) != 1:
                raise self.refusal(name, f"it reads '{source}', which holds all channels")
            return source
        piece = pieces[number]
        other = shape_of(self.net, source)
        if other is not None and (len(other) < len(shape) - 1 or int(other[1 - len(shape)]) == 1):
            return self.whole(source, piece.device or 0, name)
        found = self.laid(source)
        spans = [(each.device, each.start, each.size) for each in found]
        if spans != [(each.device, each.start, each.size) for each in pieces]:
            raise self.refusal(name, "its inputs lie on the devices in different parts")
        return found[number].ref

    def _joins(self, op: Concat, reads: Sequence[str]) -> bool:
        """Return whether a concatenation only puts channels beside each other that lie apart."""
        shape = shape_of(self.net, reads[0])
        homes = {piece.device for each in reads for piece in self.laid(each)}
        return (
            shape is not None
            and axis_of(op.dim, shape) == 1
            and len(homes) > 1
            and None not in homes
        )

    def _joined(self, reads: Sequence[str]) -> list[Piece]:
        starts = accumulate((channels_of(self.net, each) for each in reads), initial=0)
        return [
            piece._replace(start=start + piece.start)
            for each, start in zip(reads, starts, strict=False)
            for piece in self.laid(each)
        ]

    def _taken(self, name: str, op: Slice | Split, source: str) -> bool:
        """Take parts of the channels that lie apart already; False where they do not."""
        shape, pieces = shape_of(self.net, source), self.laid(source)
        if shape is None or axis_of(op.dim, shape) != 1 or len(pieces) == 1:
            return False
        if isinstance(op, Split):
            stops = [*accumulate(op.sizes)]
            spans = list(zip([0, *stops[:-1]], stops, strict=True))
        elif op.step == 1:
            spans = [(op.start, op.stop)]
        else:
            return False
        for number, (start, stop) in enumerate(spans):
            inside = [p for p in pieces if start <= p.start and p.start + p.size <= stop]
            if sum(each.size for each in inside) != stop - start:
                raise self.refusal(name, "it cuts where no device ends")
            self.pieces[name, number] = tuple(
                each._replace(start=each.start - start) for each in inside
            )
        return True

    # ---- where things lie -------------------------------------------------------------------

    def laid(self, source: str) -> tuple[Piece, ...]:
        """Return the pieces of an output; what only passes data on is put behind each of them."""
        node, number = node_of(source), output_of(source)
        if node in self.outside and node in self.waiting:
            return (Piece(None, source, 0, channels_of(self.net, source)),)
        for name in reversed([*self._passed(node)]):
            if (name, 0) not in self.pieces:
                self._by_pieces(name)
        return self.pieces[node, number]

    def _passed(self, node: str) -> Iterator[str]:
        """Yield what waits on the way back from a node, itself first."""
        while node in self.waiting and node not in self.outside and (node, 0) not in self.pieces:
            yield node
            node = node_of(next(each for each in self.net.reads(node) if type(each) is not Key))

    # ---- adding -----------------------------------------------------------------------------

    def _alone_on(self, name: str, device: int) -> None:
        """Put a whole operator on one device."""
        net = self.net
        sources = [
            self.whole(each, device, name) if type(each) is not Key else each
            for each in net.reads(name)
        ]
        made = self.add(name, net.op(name), sources, device, {}, None, suffix=False)
        for number in range(len(net.nodes[name]["outputs"])):
            ref = ref_to(name, number)
            self.pieces[name, number] = (
                Piece(device, ref_to(made, number), 0, channels_of(net, ref)),
            )


def _last_layers(net: ArchGraph) -> set[str]:
    """Return the layers behind which there are no others."""
    behind: set[str] = set()
    found = set()
    for name in reversed(in_order(net)):
        inside = any(each in behind for each in net.succ[name])
        if is_layer(net.op(name)):
            if not inside:
                found.add(name)
            behind.add(name)
        elif inside:
            behind.add(name)
    return found


def _sized(op: Op, role: str) -> int:
    shape = {**op.parameters(), **op.buffers()}[role]
    return int(shape[0]) if len(shape) == 1 else 0
