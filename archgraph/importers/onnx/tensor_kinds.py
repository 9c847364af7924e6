"""What a file stores: which of its tensors are learned, which are kept, which are constants.

Nothing in ONNX says whether a float tensor was learned. The rule, in this order (docs/counting.md
has it for readers):

1. what torch's exporter notes of a tensor holds: PARAMETER, BUFFER, CONSTANT_TENSOR;
2. whole numbers, booleans and texts are constants, but for quantised weights;
3. what stands where an operator takes weights is learned (a norm's mean and variance are buffers;
   the ones and zeros of a norm that must be given some are constants);
4. single numbers, tensors that are all one number (unless they are named as in a state dict) and
   masks (0 and −100 or less) are constants;
5. anything else is taken as learned, and marked as doubtful.
"""

from __future__ import annotations

from math import isnan, prod
from typing import TYPE_CHECKING, Any

from archgraph.importers.onnx.call import UnreadableError, Weight
from archgraph.importers.onnx.nodes import Node
from archgraph.importers.onnx.stored_numbers import (
    Data,
    filled_with,
    fingerprint,
    is_mask,
    on_the_diagonal,
)
from archgraph.importers.onnx.values import STATE_KEY, Values
from archgraph.importers.onnx.weight_positions import NORMS_OF_ONE, weights_of
from archgraph.tensors import SMALL, Key, Kind, Shape, is_known

if TYPE_CHECKING:
    from onnx import ModelProto

    from archgraph.graph import ArchGraph

__all__ = ["Stock"]

_NOTE = "pkg.torch.export.graph_signature.InputSpec.kind"
_NOTED: dict[str, Kind] = {
    "PARAMETER": "parameter",
    "BUFFER": "buffer",
    "CONSTANT_TENSOR": "constant",
}
_FEW_BITS = ("int4", "uint4", "int8", "uint8")
_TAKES = ("Add", "Gather", "MatMul")
"""What takes weights at no place of its own, but beside what the user's data changes."""
_LAYERS = ("Conv", "ConvTranspose", "Gemm", "MatMul")
"""Layers behind which the Add of a stored row is their bias."""


class Stock:
    """The stored tensors of one file; those that are read get an entry in the network."""

    def __init__(self, model: ModelProto, values: Values, data: Data) -> None:
        self.values, self.data = values, data
        self.noted = _noted(model)
        self.places: dict[str, str] = {}
        self.quantised: set[str] = set()
        self.taken_out = False
        tables: list[str] = []
        products: list[str] = []
        makers = {name: node for node in values.nodes for name in node.output}
        for node in values.nodes:
            self._look(node, makers, tables, products)
        self.copies = self._copies(tables, products)
        self.found: dict[str, Weight] = {}
        """What stands behind each key that was declared."""
        self._kinds: dict[str, tuple[Kind, bool]] = {}

    # ---- what kind a tensor is -----------------------------------------------------------

    def kind(self, root: str) -> tuple[Kind, bool]:
        """Return the kind of a stored tensor, and whether that is doubtful."""
        if root not in self._kinds:
            self._kinds[root] = self._decided(root)
        return self._kinds[root]

    def learned(self, value: str) -> bool:
        """Return whether a static value is computed from learned tensors."""
        return any(self.kind(root)[0] == "parameter" for root in self.values.static[value].sources)

    def _decided(self, root: str) -> tuple[Kind, bool]:
        source, place = self.values.stored[root], self.places.get(root)
        shape, dtype = source.tensor
        if root in self.noted:
            return self.noted[root], False
        if dtype is not None and not dtype.startswith(("float", "bfloat", "complex")):
            # Quantised weights are whole numbers, and learned all the same.
            return ("parameter" if root in self.quantised else "constant"), False
        if place == "constant":
            return "constant", False
        known = self.values.static[root]
        if place == "norm" and known.fill in (0, 1):
            return "constant", False
        if place is not None:
            return ("buffer" if place == "buffer" else "parameter"), False
        if source.made and self.taken_out:
            return "parameter", True
        if prod(shape or ()) == 1:
            return "constant", False
        fill = known.fill
        array = None if source.proto is None else self.data.array(source.proto)
        if fill is None and array is not None:
            fill = filled_with(array)
        if fill is not None and not STATE_KEY.fullmatch(root):
            return "constant", False
        if array is not None and fill is None and is_mask(array):
            return "constant", False
        return "parameter", True

    # ---- where tensors are read ----------------------------------------------------------

    def _look(
        self, node: Node, makers: dict[str, Any], tables: list[str], products: list[str]
    ) -> None:
        """Note what a node takes as weights."""
        static = self.values.static
        places = weights_of(node)
        if not places and node.op_type not in _TAKES:
            return
        dynamic = [name for name in node.input if name and name not in static]
        for position, name in enumerate(node.input):
            found = static.get(name)
            if found is None or not found.root:
                continue
            kind = places.get(position)
            if node.op_type in NORMS_OF_ONE and kind:
                kind = "norm"
            elif node.op_type == "MatMul" and dynamic and len(found.tensor.shape or ()) == 2:
                kind = "parameter"
            elif node.op_type == "Gather" and position == 0 and dynamic:
                kind = "parameter" if len(found.tensor.shape or ()) == 2 else None
            elif node.op_type == "Add" and len(dynamic) == 1 and _is_row(found.tensor.shape):
                before = makers.get(dynamic[0])
                kind = "parameter" if before is not None and before.op_type in _LAYERS else None
            if kind is None:
                continue
            self.places.setdefault(found.root, kind)
            # Tables of few bits are quantised, those of indices have more.
            if kind == "parameter" and (
                node.op_type != "Gather" or found.tensor.dtype in _FEW_BITS
            ):
                self.quantised.add(found.root)
            self.taken_out |= self.values.stored[found.root].made
            if node.op_type == "Gather":
                tables.append(found.root)
            elif node.op_type in ("MatMul", "Gemm") and position == 1:
                products.append(found.root)

    def _copies(self, tables: list[str], products: list[str]) -> dict[str, tuple[str, bool]]:
        """Return which weights of products are copies of a table: tied, but written twice.

        With the table stands whether they are its transpose.

        The numbers are compared, as they are or turned; only these pairs are, because layers of a
        new network may well be equal and yet two.
        """
        found: dict[str, tuple[str, bool]] = {}
        alike: dict[object, list[str]] = {}
        sizes = {frozenset(self.values.stored[table].tensor.shape or ()) for table in tables}
        for product in dict.fromkeys(products):
            if frozenset(self.values.stored[product].tensor.shape or ()) in sizes:
                matrix = self._matrix(product)
                if matrix is not None:
                    alike.setdefault(_glance(matrix), []).append(product)
        prints: dict[bytes, tuple[str, bool]] = {}
        among: set[str] = set()
        for table in dict.fromkeys(tables):
            matrix = self._matrix(table)
            if matrix is None:
                continue
            others = [each for each in alike.get(_glance(matrix), ()) if each != table]
            if not others or filled_with(matrix) is not None:
                continue
            among.update(others)
            # A square one may be its own transpose, and is then no turned copy.
            for turned in (False, True):
                prints.setdefault(fingerprint(matrix.T if turned else matrix), (table, turned))
        for product in dict.fromkeys(products):
            if product in among and (matrix := self._matrix(product)) is not None:
                copied = prints.get(fingerprint(matrix))
                if copied is not None and copied[0] != product:
                    found[product] = copied
        return found

    def _matrix(self, root: str) -> Any | None:
        """Return a stored tensor that has two axes, where its numbers are in the file."""
        source = self.values.stored[root]
        if source.proto is None or len(source.tensor.shape or ()) != 2:
            return None
        return self.data.array(source.proto)

    # ---- entries in the network ----------------------------------------------------------

    def declare(self, net: ArchGraph, weight: Weight, place: str = "", owner: str = "") -> str:
        """Put a stored tensor into the network and return its key.

        ``place`` is "parameter" or "buffer" for what an operator takes as weights, whatever it is
        computed from; ``owner`` is the key that it has there by the file's notes on modules.
        Raises UnreadableError for what cannot be stored.
        """
        static = self.values.static.get(weight.value)
        if static is None or not is_known(static.tensor) or static.tensor.dtype is None:
            raise UnreadableError
        shape, dtype = static.tensor.shape or (), static.tensor.dtype
        if not static.root:
            kind: Kind = "constant" if not place else "buffer" if place == "buffer" else "parameter"
            numbers = None if weight.part else static.numbers
            wanted = weight.shape or shape
            behind = weight._replace(shape=wanted)
            key = weight.value + weight.part
            return self._store(net, behind, key, wanted, dtype, kind, numbers=numbers)
        root = self.values.stored[static.root].tensor
        kind, doubtful = self.kind(static.root)
        own: Shape = root.shape or ()
        if owner and self._is_merged(static.root, owner):
            there = net.graph.get("tensors", {}).get(owner, {"shape": [*own]})
            key = owner if there["shape"] == [*own] else f"{owner}_{'x'.join(map(str, own))}"
            return self._store(net, Weight(static.root), key, own, dtype, kind)
        if weight.part:
            key = static.root + weight.part
            return self._store(net, weight, key, weight.shape or (), dtype, kind, doubtful)
        wanted = shape if weight.shape is None else weight.shape
        original, turned = self.copies.get(static.root, (None, False))
        if original is not None:
            self.declare(net, Weight(original))
        numbers = self.values.static[static.root].numbers if prod(own) <= SMALL else None
        stored = Weight(static.root)
        key = self._store(
            net,
            stored,
            static.root,
            own,
            root.dtype or dtype,
            kind,
            doubtful,
            original,
            numbers,
            moved=turned,
        )
        if static.turned is False and wanted == own and dtype == root.dtype:
            return key
        name = weight.value if wanted == shape and weight.value != key else ""
        name = name or f"{static.root} as {'x'.join(map(str, wanted)) or 'scalar'}"
        moved = weight._replace(shape=wanted)
        return self._store(net, moved, name, wanted, dtype, kind, doubtful, key, moved=True)

    def _is_merged(self, root: str, owner: str) -> bool:
        """Return whether a vector stands for one of another module too.

        torch's newer exporter writes vectors of equal first values, all ones or zeros, once.
        """
        module, other = owner.rpartition(".")[0], root.rpartition(".")[0]
        noted = (
            self.noted.get(root) == "parameter"
            and len(self.values.static[root].tensor.shape or ()) == 1
        )
        if not noted or not module or not other or f"{module}.".startswith(f"{other}."):
            return False
        fill = self.values.static[root].fill
        if fill is None:
            proto = self.values.stored[root].proto
            array = None if proto is None else self.data.array(proto)
            fill = None if array is None else filled_with(array)
        return fill is not None

    def constant(self, net: ArchGraph, key: str, value: float, dtype: str) -> str:
        """Put a number of a formula into the network and return its key."""
        return net.store(key, (), dtype, "constant", value=(value,))

    def _store(
        self,
        net: ArchGraph,
        weight: Weight,
        key: str,
        shape: Shape,
        dtype: str,
        kind: Kind,
        doubtful: bool = False,
        alias: str | None = None,
        numbers: Any = None,
        *,
        moved: bool = False,
    ) -> str:
        self.found.setdefault(key, weight)
        known = net.graph.get("tensors", {}).get(key)
        if known is not None and list(known["shape"]) == [*shape]:
            return Key(key)  # by the file's own notes, which know its kind
        value = None
        if numbers is not None and len(numbers) == 1 and prod(shape) <= SMALL:
            found = numbers[0].reshape(-1).tolist()
            if all(isinstance(n, (int, float, bool)) and not isnan(n) for n in found):
                value = found
        return net.store(
            key, shape, dtype, kind, value=value, alias=alias, doubtful=doubtful, moved=moved
        )


def _glance(matrix: Any) -> object:
    """Return what a matrix has in common with its copies and its transpose, told at a glance."""
    return frozenset(matrix.shape), str(matrix.dtype), on_the_diagonal(matrix)


def _is_row(shape: tuple[Any, ...] | None) -> bool:
    """Return whether at most one extent is more than 1."""
    return shape is not None and sum(each != 1 for each in shape) <= 1


def _noted(model: ModelProto) -> dict[str, Kind]:
    """Return what torch's exporter notes of the kinds of tensors."""
    found = {}
    for holder in (*model.graph.value_info, *model.graph.initializer, *model.graph.input):
        for entry in holder.metadata_props:
            if entry.key == _NOTE and entry.value in _NOTED:
                found[holder.name] = _NOTED[entry.value]
    return found
