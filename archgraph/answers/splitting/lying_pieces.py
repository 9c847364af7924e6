"""What a network becomes on several devices: the pieces of its outputs, and where they lie."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from archgraph.answers.splitting.channel_rules import Cut, Spans, is_layer
from archgraph.errors import GraphError
from archgraph.graph import ArchGraph
from archgraph.limits import OPERATORS
from archgraph.ops import Concat, LocalResponseNorm, Op
from archgraph.options import written
from archgraph.parts import extra_attributes, in_order
from archgraph.structure import structure
from archgraph.tensors import Key, Shape, Stored, node_of, output_of, ref_to, state_key

__all__ = ["Lying", "Piece", "channels_of", "shape_of"]

KINDS: tuple[Literal["stage", "block"], ...] = ("stage", "block")
"""The kinds of groups that a network can declare."""

Output = tuple[str, int]
"""A node of the whole network and the number of its output."""


class Piece(NamedTuple):
    """Some of the channels of an output, as one operator of the split network gives them.

    ``device`` is None for what comes from outside: every device has it.
    """

    device: int | None
    ref: str
    start: int
    size: int


class Lying:
    """The network that is made of another, and where each of that one's outputs lies in it."""

    def __init__(self, net: ArchGraph) -> None:
        self.net = net
        self.order = in_order(net)
        self.place = {name: number for number, name in enumerate(self.order)}
        facts = {key: value for key, value in net.graph.items() if key not in ("outputs", "groups")}
        if "tensors" in facts:
            facts["tensors"] = dict(facts["tensors"])
        self.made = ArchGraph(**facts)
        self.size = 0
        self.pieces: dict[Output, tuple[Piece, ...]] = {}
        self.waiting: set[str] = set()
        """Operators that are put where they are read: what only passes data on, or is not split."""
        self.outside: set[str] = set()
        """Operators that depend on nothing but inputs: each device computes them by itself."""
        self.whole_on: dict[tuple[str, int], str] = {}
        self.gathered: dict[tuple[Output, int, bool], str] = {}
        tree = structure(net)
        self.labels = {key: group.label for key, group in tree.groups.items()}
        self.groups = {kind: tree.cuts[kind].group for kind in KINDS}
        self.shared = {key for kind in KINDS for key in _of_several(net, self.groups[kind])}
        """Groups of layers that wait for those of other devices: they stay whole."""
        self.loaders: dict[str, Any] = {}

    def laid(self, source: str) -> tuple[Piece, ...]:
        """Return the pieces of an output; what only passes data on is put behind each of them."""
        raise NotImplementedError

    def lies(self, name: str, pieces: Iterable[Piece]) -> None:
        """Say in which pieces the first output of an operator lies."""
        self.pieces[name, 0] = tuple(pieces)

    def base(self, source: str) -> str:
        """Return the output behind what only passes data on."""
        while node_of(source) in self.waiting and node_of(source) not in self.outside:
            source = next(each for each in self.net.reads(node_of(source)) if type(each) is not Key)
        return source

    def alone(self, source: str) -> bool:
        """Return whether an output lies whole in one place, or comes from outside."""
        base = self.base(source)
        return node_of(base) in self.outside or len(self.laid(base)) == 1

    def whole(self, source: str, device: int, reader: str) -> str:
        """Return what gives all of an output on a device: it is brought there where it is not."""
        needed: set[str] = set()
        waiting = [node_of(source)]
        while waiting:
            node = waiting.pop()
            if node in self.waiting and node not in needed and (node, device) not in self.whole_on:
                needed.add(node)
                waiting += self.net.pred[node]
        for node in sorted(needed, key=self.place.__getitem__):
            sources = [self._there(each, device, reader) for each in self.net.reads(node)]
            self.whole_on[node, device] = self.add(
                node, self.net.op(node), sources, device, {}, None, suffix=True
            )
        return self._there(source, device, reader)

    def _there(self, source: str, device: int, reader: str) -> str:
        """Return what gives all of an output on a device, all that waits before it being there."""
        if type(source) is Key:
            return source
        node, number = node_of(source), output_of(source)
        if node in self.waiting:
            return ref_to(self.whole_on[node, device], number)
        pieces = self.pieces[node, number]
        return pieces[0].ref if len(pieces) == 1 else self._gather(source, pieces, device, reader)

    def _gather(
        self, source: str, pieces: Sequence[Piece], device: int, reader: str, own: str = ""
    ) -> str:
        """Return what puts pieces of an output beside each other on a device, added where new."""
        output = (node_of(source) + own, output_of(source))
        trains = bool(self.net.nodes[node_of(reader)].get("training_only"))
        if (output, device, False) in self.gathered:
            return self.gathered[output, device, False]
        if (output, device, trains) not in self.gathered:
            name = f"{output[0]}.gather{output[1] or ''}{'_trains' * trains}.gpu{device}"
            extras = {**self._lanes(node_of(reader), device), "role": "gather", "device": device}
            if trains:
                extras["training_only"] = True
            self._grows(len(pieces))
            self.gathered[output, device, trains] = self.made.add(
                name, Concat(), [each.ref for each in pieces], **extras
            )
        return self.gathered[output, device, trains]

    def own(self, source: str, device: int, reader: str) -> tuple[Spans, str]:
        """Return which channels of an output a device has, and what gives them."""
        own = [each for each in self.laid(source) if each.device == device]
        if not own:
            raise self.refusal(reader, f"device {device} has none of the channels that it reads")
        spans = tuple((each.start, each.start + each.size) for each in own)
        if len(own) == 1:
            return spans, own[0].ref
        return spans, self._gather(source, own, device, reader, own=".own")

    def add(
        self,
        name: str,
        op: Op,
        sources: Sequence[str],
        device: int,
        cuts: Mapping[str, Cut],
        part: tuple[int, int] | None,
        *,
        suffix: bool = True,
    ) -> str:
        """Add an operator of the split network, what it stores, and whose part it is.

        ``part`` is its number and that of all parts, 0 where these are not equally large.
        """
        net, made = self.net, self.made
        self._grows(len(sources))
        called = f"{name}.gpu{device}" if suffix else name
        count = 1
        while called in made:
            count += 1
            called = f"{name}.gpu{device}_{count}"
        keys = net.keys_of(name)
        data = net.nodes[name]
        extras = self._extras(name, device)
        if part is not None and (op.parameters() or op.buffers()):
            if data.get("shared"):
                raise self.refusal(name, "it shares its weights with another operator")
            extras.pop("tensors", None)
            if part[1]:
                extras["part_of"] = {"layer": name, "index": part[0], "of": part[1]}
            own = self._store(keys, called, op, cuts)
            if own:
                extras["tensors"] = own
        elif net.weights is not None:
            for key in keys.values():
                if key in net.weights:
                    self.loaders[key] = lambda key=key: net.weights[key]
        return made.add(called, op, sources, **extras)

    def _store(
        self, keys: Mapping[str, str], called: str, op: Op, cuts: Mapping[str, Cut]
    ) -> dict[str, str]:
        """Declare the tensors of a part where the whole ones are declared; return other keys."""
        net = self.net
        declared = net.graph.get("tensors") or {}
        shapes = {**op.parameters(), **op.buffers()}
        found = {}
        for word, key in keys.items():
            if word not in shapes:
                self._loader(key, key, ())
                if not word.isdecimal():
                    found[word] = key
                continue
            # What runs again has weights of its own here, or it would have been refused.
            own = f"{called.replace('@', '_')}.{word}"
            if own != state_key(called, word):
                found[word] = own
            if key in declared:
                whole = Stored.of(declared[key], key)
                self.made.store(own, shapes[word], whole.dtype, whole.kind)
                self.made.graph["tensors"].pop(key, None)
            self._loader(own, key, cuts.get(word, ()))
        return found

    def _loader(self, own: str, key: str, cut: Cut) -> None:
        weights = self.net.weights
        if weights is not None and key in weights:
            self.loaders[own] = lambda: _cut_out(weights[key], cut)

    def _extras(self, name: str, device: int | None) -> dict[str, Any]:
        extras = dict(extra_attributes(self.net, name))
        for word in ("stage", "block"):
            extras.pop(word, None)
        return {**extras, "device": device, **self._lanes(name, device)}

    def _lanes(self, name: str, device: int | None) -> dict[str, str]:
        """Return the stage and the block of an operator, each device having its own of them."""
        found: dict[str, str] = {}
        for kind in KINDS:
            key = self.groups[kind].get(name)
            if key is None and kind == "block" and device is not None and self._gathers(name):
                key = name  # what it gathers and itself are one box
            if key is not None:
                declared = self.net.groups.get(key, {}).get("kind") == kind
                alike = device is None or key in self.shared
                own = (
                    (key if declared else f"{key}.{kind}")
                    if alike
                    else f"{key}.{kind}.lane{device}"
                )
                label = self.labels.get(key) or str(self.net.nodes[name].get("label", key))
                found[kind] = self.made.define_group(own, kind, label)
        return found

    def _grows(self, edges: int) -> None:
        """Count one more operator; every gathering reads the parts of all devices."""
        self.size += 1 + edges
        if self.size > OPERATORS:
            raise GraphError(
                f"'{self.net.name}' would have over {OPERATORS:,} operators and edges when split "
                f"so; use fewer devices, or {written('how', 'pipeline')}."
            )

    def _gathers(self, name: str) -> bool:
        """Return whether a layer reads what lies in several places."""
        reads = [each for each in self.net.reads(name) if type(each) is not Key]
        return is_layer(self.net.op(name)) and not all(map(self.alone, reads))

    def refusal(self, name: str, why: str = "") -> GraphError:
        """Return the error for an operator that cannot be split, and why."""
        op, instead = self.net.op(name), ""
        if isinstance(op, LocalResponseNorm) and not why:
            why = "it reads neighbouring channels of other devices"
            instead = f"name in {written('talk')} the layers that may, or "
        return GraphError(
            f"'{name}' ({op.kind}) cannot be split by channel: "
            f"{why or 'it works on the channels of all devices at once'}; {instead}use "
            f"{written('how', 'pipeline')}."
        )


def _of_several(net: ArchGraph, group: Mapping[str, str]) -> list[str]:
    """Return the groups that hold more than one layer."""
    layers = Counter(key for name, key in group.items() if is_layer(net.op(name)))
    return [key for key, count in layers.items() if count > 1]


def shape_of(net: ArchGraph, source: str) -> Shape | None:
    """Return the whole shape of an output that has channels behind its batch; None for others."""
    shape = net.tensor(source).shape if source else None
    return None if shape is None or len(shape) < 2 or type(shape[1]) is not int else shape


def channels_of(net: ArchGraph, source: str) -> int:
    """Return how many channels an output has; 1 for one that has none."""
    shape = shape_of(net, source)
    return 1 if shape is None else int(shape[1])


def _cut_out(whole: Any, cut: Cut) -> Any:
    """Return a part of an array or a tensor."""
    for axis, spans in cut:
        if len(spans) == 1:
            place: Any = slice(*spans[0])
        else:
            place = [each for start, stop in spans for each in range(start, stop)]
        whole = whole[(*[slice(None)] * axis, place)]
    return whole
