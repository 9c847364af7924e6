"""load_onnx: an ONNX file as an ArchGraph."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from archgraph.errors import ArchGraphError, FormatError
from archgraph.graph import ArchGraph
from archgraph.importers.onnx.facts import Facts, notes_of, read_facts
from archgraph.importers.onnx.naming import Place, clean, names_of, place_of
from archgraph.importers.onnx.reading import read_model
from archgraph.importers.onnx.steps import Step, steps_of
from archgraph.importers.onnx.values import Values, understand
from archgraph.json_format import check_graph_attributes
from archgraph.ops import Input, Opaque

if TYPE_CHECKING:
    from onnx import ModelProto

__all__ = ["load_onnx"]


def load_onnx(path: str | Path, *, input: Sequence[int] | None = None) -> ArchGraph:
    """Return the network that an ONNX file holds, whoever wrote it.

    Initialisers become parameters; operators that archgraph does not know become ``Opaque``,
    whose costs are unknown. A file that archgraph wrote comes back with its names, groups,
    devices and facts. Weights are never read, nor any file beside this one, and nothing in it is
    run. ``input`` is the shape of the first input without its batch axis.

    Raises FileError, FormatError, ShapeError or MissingDependencyError.
    """
    path = Path(path)
    origin = f"'{path}'"
    model = read_model(path)
    net = _network(model, path, origin, None if _complete(model) else input)
    if input is None or net.input_shape == tuple(input):
        return net
    if any(isinstance(net.op(name), Opaque) for name in net):
        return _network(model, path, origin, input)
    return net.with_input(input)


def _complete(model: ModelProto) -> bool:
    """Return whether the file says for which input it was made."""
    dims = [d for i in model.graph.input[:1] for d in i.type.tensor_type.shape.dim[1:]]
    return "input" in notes_of(model) or all(d.HasField("dim_value") for d in dims)


def _network(model: ModelProto, path: Path, origin: str, input: Sequence[int] | None) -> ArchGraph:
    values = understand(model, origin, input)
    facts = read_facts(model)
    steps = steps_of(model, values, facts, origin)
    if not steps:
        raise FormatError(f"{origin} holds no network: nothing in it works on its input.")
    names = _names(model, values, steps)
    net = ArchGraph(name=path.stem)
    _describe(net, facts)
    try:
        for value, shape in values.inputs.items():
            net.add(names[value], Input(shape[1:]), **facts.attributes.get(value, {}))
        for step in steps:
            inputs = [names[source] for source in step.inputs]
            net.add(names[step.value], step.op, inputs, **step.attributes)
        net.check_names()
        results = [names[info.name] for info in model.graph.output if info.name in names]
        net.set_outputs(*dict.fromkeys(results))
    except ArchGraphError as error:
        raise type(error)(f"{origin}: {error}") from None
    return net


def _describe(net: ArchGraph, facts: Facts) -> None:
    """Put on the network what the file notes of it as a whole, unless that is malformed."""
    before = dict(net.graph)
    net.graph.update({k: v for k, v in facts.network.items() if k != "outputs"})
    try:
        check_graph_attributes(net)
    except ArchGraphError:
        net.graph.clear()
        net.graph.update(before)


def _names(model: ModelProto, values: Values, steps: list[Step]) -> dict[str, str]:
    """Return the name of each value's node."""
    made_from = {o: n.input[0] for n in model.graph.node if n.input for o in n.output}

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
    for step in free:
        assert step.node is not None
        place = place_of(step.node, step.node.op_type.lower(), stored)
        places.append(place)
    given = [notes_of(step.node).get("node", "") if step.node else "" for step in free]
    for index, name in enumerate(given, len(inputs)):
        if name and clean(name) == name:
            places[index] = Place("", name)
    found = names_of(places, noted.values())
    keys = [value for value, _ in inputs] + [step.value for step in free]
    return noted | dict(zip(keys, found, strict=True))


def _looks_stored(name: str) -> bool:
    return bool(re.search(r"(weight|kernel|_w)", name))
