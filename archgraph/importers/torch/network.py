"""load_module: a PyTorch module as an ArchGraph."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any

import torch

from archgraph.errors import FormatError, ShapeError
from archgraph.graph import ArchGraph
from archgraph.importers.torch import rules as _rules  # noqa: F401 - fills RULES
from archgraph.importers.torch.building import Building, Constant, Out, Source, Step
from archgraph.importers.torch.class_names import class_names
from archgraph.importers.torch.example_inputs import (
    Arguments,
    Asked,
    arguments_of,
    image_like,
    named_floats,
)
from archgraph.importers.torch.exported import opened
from archgraph.importers.torch.held_tensors import Held, held_by
from archgraph.importers.torch.module_provenance import provenance_of
from archgraph.importers.torch.module_state import in_mode
from archgraph.importers.torch.naming import name_steps
from archgraph.importers.torch.trace import Trace, element_type
from archgraph.importers.torch.tracing import traced
from archgraph.ops import Input
from archgraph.options import is_typed, written
from archgraph.recognition import recognise as recognised
from archgraph.tensors import Key, ref_to

__all__ = ["inner", "load_module"]


def load_module(
    module: torch.nn.Module,
    *,
    input: Asked = None,
    example: object = None,
    batch: object = 0,
    training: bool = False,
    name: str | None = None,
    recognise: bool = True,
    partial: bool = False,
) -> ArchGraph:
    """Return the network that a module is, as it runs; ``module`` may be an ExportedProgram too.

    ``input`` is the shape of its one input without the batch, or whole shapes of floats by the
    names of its arguments, with "N" for the batch; ``example`` what it is called with:
    a tensor, a tuple of positional arguments, a dict of keywords, or (args, kwargs). ``batch``
    says which axis of the example's tensors is the batch: one for all, one for each, or by name;
    None where there is none. The module is run on shapes alone for batches of 2 and 3; where it
    takes one size only it is read at that size, as a network of a fixed batch. It is read in
    evaluation mode, or with ``training`` as it trains, and left in its own. Formulas that it writes
    out (x·sigmoid(x)) become the operators that people mean, unless ``recognise`` is False.
    An exported program says itself what it is called with.

    Raises FormatError for a module that cannot be run so, naming the part that failed; with
    ``partial`` the network ends there in a node of unknown costs, and says so.
    """
    names: Sequence[str] = ()
    if isinstance(module, torch.export.ExportedProgram):
        program = opened(module)
        module, names, name = program.module, program.names, name or program.kind
        if input is None and example is None:
            example = program.example
    arguments = _arguments(module, input, example, batch, names)
    module = inner(module)
    held = held_by(module)
    with in_mode(module, training):
        trace = traced(module, held, arguments, partial=partial)
    net, constants, places = _network(trace, held, name or type(module).__name__)
    net.graph["modules"] = class_names(module)
    image = input is not None and not isinstance(input, Mapping)
    again = functools.partial(
        _again,
        module,
        example,
        image,
        batch=batch,
        training=training,
        name=name,
        recognise=recognise,
    )
    found = recognised(net) if recognise else net
    return found.came_from(
        provenance_of(module, held, constants, arguments, places, training=training, again=again)
    )


def _arguments(
    module: torch.nn.Module, input: Asked, example: object, batch: object, names: Sequence[str]
) -> Arguments:
    """Return what the module is called with: an example, one image, inputs by name."""
    if isinstance(input, Mapping):
        if example is None:
            return named_floats(module, input)
        return arguments_of(module, example, batch, names).resized(input)
    if (input is None) == (example is None):
        other = "a factory that returns (module, example)" if is_typed() else "example=…"
        raise FormatError(
            f"reading a {type(module).__name__} needs either {written('input', (3, 224, 224))}, "
            f"the shape of one image, or {other} with what it is called with."
        )
    if input is not None:
        return image_like(module, input)
    return arguments_of(module, example, batch, names)


def _again(
    module: torch.nn.Module, example: object, image: bool, input: Asked, **options: Any
) -> ArchGraph:
    """Read a module for another input; those by name are given like the example's.

    One that was read with the shape of an ``image`` calls its one input by a name of ours.
    """
    if example is not None and not isinstance(input, Mapping):
        raise ShapeError(
            f"{type(module).__name__} was read with an example; say another input by its name, as "
            "{'tokens': ('N', 128)}."
        )
    wanted: Asked = input
    if image and isinstance(input, Mapping) and [*input] == ["input"]:
        first, *rest = input["input"]
        wanted = tuple(int(each) for each in rest) if first == "N" else input
    return load_module(module, input=wanted, example=example, **options)


def inner(module: torch.nn.Module) -> torch.nn.Module:
    """Return the module itself where one that compiles it or spreads it over devices is given."""
    if isinstance(module, torch.nn.DataParallel):
        return inner(module.module)
    if isinstance(module, torch.jit.ScriptModule):
        return module
    original = module._modules.get("_orig_mod")
    return module if original is None else inner(original)


def _network(
    trace: Trace, held: Held, name: str
) -> tuple[ArchGraph, dict[str, torch.Tensor], list[int]]:
    """Return the graph, the numbers of its constants by key, and where its results stand."""
    building = Building(trace, held)
    for call in trace.calls:
        if not call.constant:
            building.translate(call)
    results = building.results(trace.results)
    if not results:
        raise FormatError(f"{name} returns no tensor that follows from its input.")
    if trace.partial:
        building.end(list(results))
    steps = _needed(building.steps, list(results))
    name_steps(steps)
    net = ArchGraph(name=name)
    read = {str(each) for step in steps for each in step.inputs if isinstance(each, Key)}
    read |= {key for step in steps for key in step.keys.values()}
    _declare(net, held, read)
    constants: dict[str, torch.Tensor] = {}
    for step in steps:
        for source in step.inputs:
            if isinstance(source, Constant) and source.key not in net.graph.get("tensors", {}):
                if source.kept is not None:
                    constants[source.key] = source.kept
                shape, dtype = source.tensor
                net.store(
                    source.key,
                    [int(n) for n in shape or ()],
                    dtype or "float32",
                    "constant",
                    value=source.numbers,
                )
        net.add(
            step.name,
            step.op,
            [_reference(each) for each in step.inputs],
            tensors=step.keys,
            origin=tuple(step.origin),
        )
    net.check_names()
    net.set_outputs(*(str(_reference(each)) for each in results))
    places = results.items() if trace.names else ()
    named = {str(_reference(each)): trace.names[place] for each, place in places}
    if any(named.values()):
        net.graph["result_names"] = named
    if trace.asked:
        net.graph["asked"] = trace.asked
    if trace.partial:
        net.graph["partial"] = trace.partial
        return net, constants, list(results.values())
    used = {held.aliases.get(key, key) for key in read}
    unused = [k for k in held.parameters if k not in held.aliases and k not in used]
    if unused:
        net.graph["unused"] = unused
    return net, constants, list(results.values())


def _reference(source: Source) -> str:
    if isinstance(source, Key):
        return source
    if isinstance(source, Constant):
        return Key(source.key)
    return ref_to(source.step.name, source.number)


def _needed(steps: Sequence[Step], results: Sequence[Out]) -> list[Step]:
    """Leave out what nobody reads and what neither stores nor multiplies anything."""
    readers: dict[int, int] = {}
    for step in steps:
        for source in step.inputs:
            if isinstance(source, Out):
                readers[id(source.step)] = readers.get(id(source.step), 0) + 1
    given = {id(each.step) for each in results}
    kept = []
    for step in reversed(steps):
        if readers.get(id(step)) or id(step) in given or _matters(step):
            kept.append(step)
            continue
        for source in step.inputs:
            if isinstance(source, Out):
                readers[id(source.step)] -= 1
    return kept[::-1]


def _matters(step: Step) -> bool:
    return isinstance(step.op, Input) or bool(step.keys) or step.op.multiplies


def _declare(net: ArchGraph, held: Held, read: set[str]) -> None:
    """Declare what the module stores: its state dict, and what else is read."""
    stored = {**held.parameters, **held.buffers}
    for key, tensor in stored.items():
        if key not in held.saved and key not in read:
            continue
        kind = "buffer" if key in held.saved else "constant"  # what no state dict holds
        kind = "parameter" if key in held.parameters else kind
        dtype = element_type(tensor.dtype) or "float32"
        net.store(key, tuple(tensor.shape), dtype, kind, alias=held.aliases.get(key))  # type: ignore[arg-type]
