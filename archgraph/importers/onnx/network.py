"""load_onnx: an ONNX file as an ArchGraph."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archgraph.checking import check_graph, check_references
from archgraph.errors import ArchGraphError, FormatError, ShapeError
from archgraph.formats.onnx_notes import INPUT, Notes, metadata_of, notes_of, read_notes
from archgraph.graph import ArchGraph
from archgraph.importers.garbage import no_collections
from archgraph.importers.onnx.call import Number, Read, Weight
from archgraph.importers.onnx.file_numbers import FileNumbers
from archgraph.importers.onnx.file_provenance import provenance_of
from archgraph.importers.onnx.following import understand
from archgraph.importers.onnx.initialisers import sources_of
from archgraph.importers.onnx.inputs import Asked, Given, given
from archgraph.importers.onnx.naming import Place, clean, module_of, modules_of, names_of, place_of
from archgraph.importers.onnx.node_steps import steps_of
from archgraph.importers.onnx.nodes import Node, nodes_of
from archgraph.importers.onnx.reading import read_model
from archgraph.importers.onnx.step import Step
from archgraph.importers.onnx.stored_numbers import Data
from archgraph.importers.onnx.tensor_kinds import Stock
from archgraph.importers.onnx.values import Source, Values
from archgraph.importers.onnx.weight_positions import weights_of
from archgraph.importers.onnx.well_formed import require_made_once
from archgraph.ops import Add, Input
from archgraph.provenance import Provenance
from archgraph.recognition import recognise as recognised
from archgraph.stored_tensors import all_keys
from archgraph.tensors import Key, Tensor, ref_to, state_key
from archgraph.wiring import add

if TYPE_CHECKING:
    from onnx import ModelProto, ValueInfoProto

__all__ = ["load_onnx"]


def load_onnx(path: str | Path, *, input: Asked = None, recognise: bool = True) -> ArchGraph:
    """Return the network that an ONNX file holds, whoever wrote it.

    The batch is followed from axis 0 of the inputs; a file whose network takes no other batch
    than its own is read as it stands (``net.batched`` is False). What the file stores is in
    ``net.tensors``; operators that archgraph does not know become ``Opaque``, whose costs are
    unknown. A file that archgraph wrote comes back with its names, groups, devices and notes.
    Of weights only what a question needs is looked at, nor is any file beside this one opened, and
    nothing in it is run. ``input`` is the shape of the first input without its batch axis, or those
    of inputs by name with all axes, where "N" stands for the batch: ``{"state": (2, "N", 128)}``.
    Sizes that stay open are letters in shapes (``3×H×W``), and costs that depend on them unknown.
    Formulas that others wrote out (GELU by its erf) become the operators that people mean, unless
    ``recognise`` is False.

    Raises FileError, FormatError, ShapeError or MissingDependencyError.
    """
    with no_collections():
        return _loaded(Path(path), input, recognise)


def _loaded(path: Path, input: Asked, recognise: bool) -> ArchGraph:
    origin = f"'{path}'"
    model, data = read_model(path)
    try:
        nodes = nodes_of(model.graph.node)
    except FormatError as error:
        raise FormatError(f"{origin} is damaged: {error}") from None
    require_made_once(model, nodes, origin)
    notes = read_notes(model, (node.notes for node in nodes))
    stored, infos = sources_of(model, nodes, notes)
    asked = _of_inputs(input, stored) if isinstance(input, Mapping) else input
    # Our own operators know what they are at another size, better than the nodes made of them.
    ours = INPUT in notes_of(metadata_of(model)) and bool(notes.claims)
    first = None if isinstance(asked, Mapping) else asked
    read = _Reading(model, nodes, data, path, origin, stored, notes)
    found = given(infos, model, origin, None if ours and first is not None else asked)
    net = read.network(read.values(found, asked), recognise)
    if ours and first is not None and net.input_shape != tuple(first):
        net = net.with_input(first)
    if not ours and (modules := modules_of(nodes)):
        # A layer whose weights say its name is a module, wherever the file says that it runs.
        named = {name: net.op(name).kind for name in net if net.op(name).parameters()}
        net.graph["modules"] = {**named, **modules}
    if not ours and len(net.results) == len(read.results):
        net.graph["result_names"] = dict(zip(net.results, read.results, strict=True))
    again = partial(_again, path, recognise=recognise)
    fixed = found.fixed if net.batched else None
    return net.came_from(read.provenance(net, infos, fixed, again))


def _again(path: Path, shape: Asked, recognise: bool) -> ArchGraph:
    return load_onnx(path, input=shape, recognise=recognise)


def _of_inputs(
    asked: Mapping[str, Sequence[Any]], stored: dict[str, Source]
) -> Mapping[str, Sequence[Any]]:
    """Return what is asked of inputs; an input that holds weights takes its shape from there."""
    for name, shape in asked.items():
        if name in stored and stored[name].made:
            stored[name] = stored[name]._replace(
                tensor=Tensor(tuple(shape), stored[name].tensor.dtype)
            )
    return {name: shape for name, shape in asked.items() if name not in stored}


class _Reading:
    """One file, read for its inputs with the batch followed or as they stand."""

    def __init__(
        self,
        model: ModelProto,
        nodes: list[Node],
        data: Data,
        path: Path,
        origin: str,
        stored: Mapping[str, Source],
        notes: Notes,
    ) -> None:
        self.model, self.nodes, self.data = model, nodes, data
        self.path, self.origin = path, origin
        self.stored, self.notes = stored, notes
        self.results: list[str] = []
        self.found: dict[str, Weight] = {}

    def values(self, found: Given, input: Asked) -> Values:
        """Return what is known of the file's values, with the batch followed if it takes any.

        It does if no node contradicts that which does not contradict the inputs as they stand.
        """
        followed = understand(self.model, self.nodes, found, found.open, self.stored)
        if not followed.refusals:
            return followed
        standing = understand(self.model, self.nodes, found, found.standing, self.stored)
        if input is not None and not found.as_noted:
            for number, reason in standing.refusals.items():
                node = standing.nodes[number]
                called = node.name or next(iter(node.output), "")
                raise ShapeError(
                    f"{self.origin} does not take this input: its node '{called}' "
                    f"({node.op_type}): {reason}"
                )
        return followed if followed.refusals.keys() <= standing.refusals.keys() else standing

    def provenance(
        self,
        net: ArchGraph,
        infos: Sequence[ValueInfoProto],
        fixed: int | None,
        again: Callable[[Any], ArchGraph],
    ) -> Provenance:
        """Return the way back from the network, as it was read, to the file."""
        # In a file of ours tensors bear the keys of the network.
        weights = {key: Weight(self.notes.stored(key)[0]) for key in all_keys(net)}
        weights = {key: each for key, each in weights.items() if each.value in self.stored}
        numbers = FileNumbers(self.model, self.data, self.followed)
        pairs = zip(self.results, net.results, strict=True)
        outputs = [(name, net.tensor(ref)) for name, ref in pairs]
        found = weights | self.found
        return provenance_of(self.path, numbers, found, infos, outputs, fixed, again, self.model)

    def network(self, values: Values, recognise: bool) -> ArchGraph:
        """Return the graph of what the file holds; what it notes as operators stays as it is."""
        stock = Stock(self.model, values, self.data)
        self.found, self.followed = stock.found, values
        steps = steps_of(self.model, values, stock, self.notes, self.origin)
        if not steps:
            raise FormatError(f"{self.origin} holds no network: nothing in it works on its input.")
        names = _names(values, steps)
        net = ArchGraph(name=self.path.stem)
        _describe(net, self.notes)
        refs = {
            value: ref_to(names[step.value], place)
            for step in steps
            for place, value in enumerate(step.makes)
        }
        refs |= {value: names[value] for value in values.inputs}
        try:
            for value, tensor in values.inputs.items():
                attributes = self.notes.attributes.get(value, {})
                net.add(names[value], Input.of(tensor), **attributes)
            for step in steps:
                _add(net, step, names[step.value], refs, stock)
            net.check_names()
            results: dict[str, str] = {}
            for info in self.model.graph.output:
                if info.name in refs:
                    results.setdefault(refs[info.name], info.name)
            if not results:
                first = self.model.graph.output[0].name
                raise FormatError(f"its output '{first}' is made by nothing in it.")
            net.set_outputs(*results)
            self.results = list(results.values())
            if recognise:
                net = recognised(net, [names[step.value] for step in steps if not step.name])
        except ArchGraphError as error:
            raise type(error)(f"{self.origin}: {error}") from None
        return net


def _add(net: ArchGraph, step: Step, name: str, refs: Mapping[Any, str], stock: Stock) -> None:
    """Add one operator, and the stored tensors that it reads."""
    attributes = step.attributes
    if step.origin:
        attributes = {**attributes, "origin": step.origin}
    node = step.node
    module = module_of(node) if node is not None and node.metadata else ""

    def source(position: int, read: Read) -> str:
        if isinstance(read, Number):
            return Key(stock.constant(net, f"{name}.{position}", read.value, "float32"))
        if type(read) is Key or read in refs:
            return refs.get(read, read)
        at = node.input.index(read) if node is not None and read in node.input else -1
        place = "" if node is None else weights_of(node).get(at, "")
        owner = f"{module}.bias" if module and _is_bias(net, step, refs) else ""
        return Key(stock.declare(net, Weight(read), place, owner))

    if step.weights:
        keys = {}
        for role, weight in step.weights.items():
            place = "buffer" if role.startswith("running") else "parameter"
            key = stock.declare(net, weight, place, f"{module}.{role}" if module else "")
            if key != state_key(name, role):
                keys[role] = key
        if keys:
            attributes = {**attributes, "tensors": keys}
    inputs = [refs.get(read) or source(at, read) for at, read in enumerate(step.reads)]
    add(net, name, step.op, inputs, attributes, step.known)


def _is_bias(net: ArchGraph, step: Step, refs: Mapping[Any, str]) -> bool:
    """Return whether what a sum reads besides a layer's result can be the bias of that layer."""
    before = [refs[read] for read in step.reads if isinstance(read, str) and read in refs]
    return isinstance(step.op, Add) and any(
        name in net and getattr(net.op(name), "bias", None) is False for name in before
    )


def _describe(net: ArchGraph, notes: Notes) -> None:
    """Put on the network what the file notes of it as a whole, unless that is malformed."""
    before = dict(net.graph)
    net.graph.update({k: v for k, v in notes.network.items() if k != "outputs"})
    try:
        check_graph(net.graph)
        check_references(net)
    except ArchGraphError:
        net.graph.clear()
        net.graph.update(before)


def _names(values: Values, steps: list[Step]) -> dict[str, str]:
    """Return the name of each value's node."""
    made_from = {o: n.input[0] for n in values.nodes if n.input for o in n.output}

    def stored(name: str) -> str:
        """Follow a weight through reshapes and copies to the tensor that is in the file."""
        for _ in range(8):
            source = made_from.get(name, "")
            if source not in values.static or _looks_stored(name):
                break
            name = source
        return name

    noted = {step.value: step.name for step in steps if step.name}
    ours = bool(noted)
    inputs = [
        (value, (name if ours else name.replace(".", "_")) or "input")
        for value, name in zip(values.inputs, map(clean, values.inputs), strict=True)
    ]
    free = [step for step in steps if not step.name]
    places = [Place("", name) for _, name in inputs]
    runs: Counter[tuple[str, str]] = Counter()
    for step in free:
        assert step.node is not None
        place = place_of(step.node, clean(step.node.op_type.lower()) or "unnamed", stored)
        if place.whole and not step.part:
            # What runs again with the same weights is a run of its own, of the same state.
            runs[place.path, step.op.kind] += 1
            number = runs[place.path, step.op.kind]
            place = place._replace(path=f"{place.path}@{number}" if number > 1 else place.path)
        places.append(place)
    given = [step.node.notes.get("node", "") if step.node else "" for step in free]
    for index, name in enumerate(given, len(inputs)):
        if name and clean(name) == name:
            places[index] = Place("", name)
    found = names_of(places, noted.values())
    keys = [value for value, _ in inputs] + [step.value for step in free]
    return noted | dict(zip(keys, found, strict=True))


def _looks_stored(name: str) -> bool:
    return bool(re.search(r"(weight|kernel|_w)", name))
