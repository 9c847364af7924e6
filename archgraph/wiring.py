"""A network's wiring: its nodes, what they read and store, and the costs that follow."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, Self

from archgraph.attributes import COMPUTED, check_node
from archgraph.costs import CostedGraph
from archgraph.cycles import cycle_text
from archgraph.errors import CycleError, GraphError
from archgraph.evaluation import Evaluated, evaluate
from archgraph.forms import is_line, shown
from archgraph.limits import NAME, NESTING
from archgraph.module_paths import modules_around
from archgraph.nearest import nearest
from archgraph.ops.base import Op
from archgraph.ops.source import Input
from archgraph.provenance import Provenance, Weights
from archgraph.stored_tensors import (
    all_tensors,
    counted,
    first_readers,
    keys_read,
    note_key,
    noted_keys,
    stored,
    weight_type,
)
from archgraph.tensors import (
    Key,
    Kind,
    Shape,
    Stored,
    Tensor,
    bytes_of,
    follows_batch,
    node_of,
    ref_to,
    state_key,
)

__all__ = ["Use", "WiredGraph", "add", "take"]

_NAME = re.compile(r"[^\s./:]+(\.[^\s./:]+)*")

_PROVENANCE, _MAKER = "archgraph.provenance", "archgraph.maker"
"""Kept where networkx forgets them with every change of nodes and edges."""

Use = tuple[int, int]
"""Which output of a node feeds which input position of another."""


class WiredGraph(CostedGraph):
    """A graph of operators: what each reads and gives, what is stored, what the whole returns."""

    weights: Weights | None = None
    """The numbers of what it stores, for a network that was read from a module or a file."""

    found: Mapping[str, tuple[str, str, tuple[str, ...]]] | None = None
    """Label, level and operators of groups that were found in the network that it was cut from."""

    if TYPE_CHECKING:
        _node: dict[str, dict[str, Any]]
        _succ: dict[str, dict[str, Any]]
        _pred: dict[str, dict[str, Any]]

    _readers: dict[str, str] | None = None
    """Who reads each stored tensor first, while the graph only grows; None until it is asked."""

    # ---- where it is from ----------------------------------------------------------------

    @property
    def provenance(self) -> Provenance | None:
        """What it was read from; None once a node or an edge was added or removed."""
        found: Provenance | None = self.__networkx_cache__.get(_PROVENANCE)
        return found

    def came_from(self, provenance: Provenance) -> Self:
        """Say what the network, as it is now, was read from; return the network."""
        self.weights = provenance.weights or None
        self.__networkx_cache__[_PROVENANCE] = provenance
        return self

    @property
    def again(self) -> Callable[[Any], Any] | None:
        """What makes it anew for another input: reads it again, or builds what its name stands for.

        None once a node or an edge was added or removed, and for a network that nobody can make.
        What is built may have other parameters, as a layer that reads a whole map has.
        """
        source = self.provenance
        found: Callable[[Any], Any] | None = self.__networkx_cache__.get(_MAKER)
        return found if source is None else source.again

    def made_by(self, again: Callable[[Any], Any]) -> Self:
        """Say what makes the network, as it is now, for another input; return the network."""
        self.__networkx_cache__[_MAKER] = again
        return self

    def copy(self, as_view: bool = False) -> Self:
        """Return a copy as networkx does; it stores the same numbers."""
        made: Self = super().copy(as_view)
        made.weights, made.found = self.weights, self.found
        return made

    def __getstate__(self) -> dict[str, Any]:
        """Return what is pickled: the graph without the way to what it was read from."""
        state = dict(self.__dict__)
        state.pop("weights", None)
        state["__networkx_cache__"] = {}
        return state

    # ---- building ------------------------------------------------------------------------

    def add(self, name: str, op: Op, inputs: Sequence[str] = (), **attributes: Any) -> str:
        """Add one operator that reads the outputs of ``inputs``, in this order; return its name.

        Raises GraphError for a name that is malformed or taken and for an input that does not
        exist, ShapeError for an operator that cannot take its inputs' shapes.
        """
        return add(self, name, op, inputs, attributes)

    def _output(self, source: str, reader: str = "") -> tuple[str, int]:
        """Return the node and the number of the output that an input names: ``split:1``."""
        nodes = self._node
        if source in nodes:
            return source, 0
        who = f"node '{reader}' reads" if reader else f"'{self.name}' has no"
        node, colon, number = str(source).partition(":")
        if node not in nodes:
            raise GraphError(f"{who} {shown(source)}, which does not exist{nearest(source, self)}.")
        outputs = nodes[node]["outputs"]
        if not colon or not number.isdecimal() or int(number) >= len(outputs):
            raise GraphError(
                f"{who} {shown(source)}: '{node}' has {len(outputs)} "
                f"output{'s' * (len(outputs) != 1)}, counted from 0."
            )
        return node, int(number)

    def tensor(self, source: str, reader: str = "") -> Tensor:
        """Return what ``source`` stands for: a node's first output, ``split:1``, a stored Key."""
        if type(source) is Key:
            return stored(self, source, reader).tensor
        node, output = self._output(source, reader)
        found: Tensor = self._node[node]["outputs"][output]
        return found

    def _carried(self, node: str, pairs: Sequence[Use]) -> int | None:
        """Return the bytes of the outputs that an edge carries, each counted once."""
        outputs = self._node[node]["outputs"]
        if len(outputs) == 1:
            size: int | None = self._node[node]["activation_bytes"]
            return size
        total = 0
        for output in {output for output, _ in pairs}:
            size = bytes_of(outputs[output])
            if size is None:
                return None
            total += size
        return total

    # ---- what is stored ------------------------------------------------------------------

    def store(
        self,
        key: str,
        shape: Sequence[int],
        dtype: str = "float32",
        kind: Kind = "parameter",
        *,
        value: Sequence[float] | None = None,
        alias: str | None = None,
        doubtful: bool = False,
        moved: bool = False,
    ) -> Key:
        """Declare a stored tensor and return its key, to be read as an input of ``add``.

        ``kind`` is "parameter", "buffer" or "constant"; ``value`` the numbers of a small one;
        ``alias`` the key of a tensor that it is the same as, ``moved`` where its elements stand in
        another shape or order there. Raises ShapeError, FormatError, or GraphError for a key that
        is taken.
        """
        made = Stored(
            tuple(shape),
            dtype,
            kind,
            None if value is None else tuple(value),
            alias,
            doubtful,
            moved,
        )
        known = self.graph.setdefault("tensors", {})
        if key in known and Stored.of(known[key], key) != made:
            raise GraphError(f"the stored tensor '{key}' is declared twice, in two ways.")
        known[key] = made.record()
        note_key(self, key.rpartition(".")[0], key)
        return Key(key)

    @property
    def tensors(self) -> dict[str, Stored]:
        """What the network stores, by key as in a state dict: parameters, buffers, constants."""
        return all_tensors(self)

    def keys_of(self, name: str) -> dict[str, str]:
        """Return the keys of the stored tensors that a node reads, by role or input position."""
        self._must_hold(name)
        data = self.nodes[name]
        op = data["op"]
        usual = {role: state_key(name, role) for role in (*op.parameters(), *op.buffers())}
        return usual | (data.get("tensors") or {})

    def remove_node(self, n: str) -> None:
        """Remove a node and its edges, as networkx does."""
        self._readers = None
        super().remove_node(n)

    def remove_nodes_from(self, nodes: Any) -> None:
        """Remove nodes and their edges, as networkx does."""
        self._readers = None
        super().remove_nodes_from(nodes)

    def set_outputs(self, *names: str) -> None:
        """Declare which nodes' values the network returns, the main one first.

        A further output of a node is named as in ``add``: ``lstm:1``.
        """
        for name in names:
            self._must_hold(node_of(name))
            self._output(name)
        self.graph["outputs"] = list(names)

    def define_group(self, key: str, kind: Literal["stage", "block"], label: str) -> str:
        """Name a group of nodes for pictures and tables; nodes join it by their attribute."""
        self.graph.setdefault("groups", {})[key] = {"kind": kind, "label": label}
        return key

    # ---- reading -------------------------------------------------------------------------

    def inputs_of(self, name: str) -> tuple[str, ...]:
        """Return the names of the nodes whose outputs ``name`` reads, by input position."""
        self._must_hold(name)
        return tuple(source for _, source, _ in self._placed(name))

    def _placed(self, name: str) -> list[tuple[int, str, int]]:
        """Return (input position, node, output) of what a node reads, by position."""
        return sorted(
            (position, source, output)
            for source, edge in self.pred[name].items()
            for output, position in edge.get("uses", ())
        )

    def reads(self, name: str) -> tuple[str, ...]:
        """Return what a node reads at each input position, as ``add`` takes it.

        That is a node's name, ``name:1`` for its second output, or the Key of a stored tensor.
        """
        if name not in self._node:
            self._must_hold(name)
        found: dict[int, str] = {}
        for source, edge in self._pred[name].items():
            for output, position in edge.get("uses", ()):
                found[position] = ref_to(source, output) if output else source
        keys = self._node[name].get("tensors")
        for word, key in keys.items() if keys else ():
            if word.isdecimal():
                found[int(word)] = Key(key)
        return tuple([found[position] for position in sorted(found)])

    def op(self, name: str) -> Op:
        """Return the operator of a node."""
        if name not in self._node:
            self._must_hold(name)
        op: Op = self._node[name]["op"]
        return op

    @property
    def sources(self) -> list[str]:
        """The nodes where data enters, in the order in which they were added."""
        return [name for name, data in self.nodes.items() if isinstance(data.get("op"), Input)]

    @property
    def outputs(self) -> list[str]:
        """The nodes whose values the network returns, the main one first."""
        return list(dict.fromkeys(map(node_of, self.results)))

    @property
    def results(self) -> list[str]:
        """What the network returns: nodes' names, ``lstm:1`` for a node's second output.

        Where it says nothing, or nothing that is still there, that is what nobody reads.
        """
        declared = [ref for ref in self.graph.get("outputs") or () if node_of(ref) in self]
        return declared or [name for name in self if not self.succ[name]]

    @property
    def input_shape(self) -> Shape:
        """The shape of the first input, for one image."""
        sources = self.sources
        if not sources:
            raise GraphError(f"the graph '{self.name}' has no Input node.")
        shape: Shape = self.nodes[sources[0]]["shape"]
        return shape

    @property
    def groups(self) -> dict[str, dict[str, str]]:
        """The named groups by id: ``{"kind": "stage" or "block", "label": …}``."""
        groups: dict[str, dict[str, str]] = self.graph.get("groups", {})
        return groups

    @property
    def batched(self) -> bool:
        """Whether the network takes any batch; else its shapes and costs are those of one."""
        return any(
            follows_batch(tensor.shape)
            for _, data in self.nodes(data=True)
            if isinstance(data.get("op"), Input)
            for tensor in data["outputs"]
        )

    def crossings(self) -> list[tuple[str, str, int | None]]:
        """Return (source, target, bytes for one image) of each edge between two devices.

        None stands for bytes that are unknown.
        """
        found = []
        for source, target, edge in self.edges(data=True):
            here, there = self.nodes[source]["device"], self.nodes[target]["device"]
            if here is not None and there is not None and here != there:
                found.append((source, target, edge["bytes"]))
        return found

    def topological(self) -> list[str]:
        """Return the nodes, each after all that it reads; raise CycleError naming a cycle."""
        waiting = {name: len(sources) for name, sources in self.pred.items()}
        ready = [name for name in self if not waiting[name]]
        for name in ready:  # grows while it is read
            for target in self.succ[name]:
                waiting[target] -= 1
                if not waiting[target]:
                    ready.append(target)
        if len(ready) < len(self):
            raise CycleError(cycle_text(self.pred, waiting))
        return ready


def add(
    net: WiredGraph,
    name: str,
    op: Op,
    inputs: Sequence[str],
    attributes: Mapping[str, Any],
    known: Evaluated | None = None,
) -> str:
    """Add one operator as ``net.add`` does.

    ``known`` is what it gives and costs, from a reader that asked before and asks for many at once;
    it is not believed where the operator reads something else here.
    """
    nodes = net._node
    if not isinstance(name, str) or not is_line(name) or not _NAME.fullmatch(name):
        raise GraphError(
            f"{shown(name)} cannot name a node: use words joined by dots, such as "
            f"'layer1.0.conv1', of at most {NAME:,} characters."
        )
    if name.count(".") > NESTING:
        raise GraphError(
            f"{shown(name)} cannot name a node: it lies in {name.count('.'):,} modules, but at "
            f"most {NESTING} can stand in each other."
        )
    if name in nodes:
        raise GraphError(f"two nodes are named '{name}'; every node needs a name of its own.")
    if not isinstance(op, Op):
        raise GraphError(f"node '{name}' needs an operator of archgraph.ops, not {shown(op)}.")
    for attribute in attributes:
        if attribute in COMPUTED:
            raise GraphError(f"'{attribute}' of node '{name}' is computed; it cannot be given.")
    if attributes:
        check_node(name, attributes)
    for parent in reversed(modules_around(name)):
        if parent in nodes:
            raise GraphError(f"'{parent}' is an operator, so '{name}' cannot lie inside it.")
    uses: dict[str, list[Use]] = {}
    keys: dict[str, str] = dict(attributes.get("tensors") or {})
    read: list[Tensor] = []
    for position, source in enumerate(inputs):
        if type(source) is Key:
            keys[str(position)] = str(source)
            read.append(stored(net, source, name).tensor)
            continue
        node, output = (source, 0) if source in nodes else net._output(source, name)
        uses.setdefault(node, []).append((output, position))
        read.append(nodes[node]["outputs"][output])
    stores = keys or op.parameters() or op.buffers()
    weight = weight_type(net, name, op, keys) if stores else "float32"
    if known is not None and (*read,) == known.inputs and weight == known.weight:
        data = dict(known.data)
    else:
        data = evaluate(name, op, tuple(read), weight)
    if stores and (keys or net._readers is not None or "tensors" in net.graph or "@" in name):
        if net._readers is None:
            net._readers = first_readers(net)
        keys = noted_keys(net, name, op, keys)
        always = not attributes.get("training_only")
        data |= counted(net, name, op, keys, net._readers, always)
        for key, first in data.get("shared", {}).items():
            note_key(net, first, key)
    data["device"] = None
    data |= attributes
    data.pop("tensors", None)
    if keys:
        data["tensors"] = keys
    if "origin" in data:
        data["origin"] = tuple(data["origin"])  # files hold a list
    net.add_node(name, **data)
    for node, pairs in uses.items():
        net.add_edge(node, name, uses=tuple(pairs), bytes=net._carried(node, pairs))
    return name


def take(
    net: WiredGraph, name: str, data: Mapping[str, Any], sources: Mapping[str, Mapping[str, Any]]
) -> bool:
    """Put a node of another graph into one in which all that it reads gives the same as there.

    ``sources`` are its edges by the nodes that it reads. Returns whether that can be: not where the
    node shares a stored tensor, for then it depends on the others what it counts.
    """
    op, tensors = data["op"], data.get("tensors") or {}
    if tensors or op.parameters() or op.buffers():
        if net._readers is None:
            net._readers = first_readers(net)
        keys = keys_read(net, name, op, tensors)
        if "shared" in data or not net._readers.keys().isdisjoint(keys):
            return False
        net._readers.update(dict.fromkeys(keys, name))
    net.add_node(name, **data)
    for source, edge in sources.items():
        net.add_edge(source, name, **edge)
    return True
