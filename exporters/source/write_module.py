"""A network as one Python file: docstring, imports, the blocks' classes, the network's class."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from archgraph import ops
from archgraph.errors import ExportError
from archgraph.files import replacing, write_text
from archgraph.graph import ArchGraph
from archgraph.ops.registry import offered_for
from archgraph.stored_tensors import tied

from .code_layout import Brackets, lay_out
from .construct import Call, Chain, Construct, build, construct, fields_of
from .fields import Field
from .file_docstring import described
from .forward import forward, input_names
from .forward_calls import Body, Unit, trains
from .lacking import LACKING, lacking_in
from .literals import literal
from .members import Member, members
from .own_keys import with_own_keys
from .parameters import Parameter, Parameters, parameters
from .python_names import Names, camel
from .save_weights import check_suffix, save_weights
from .shared import Shared, shared
from .source_units import Structure
from .stored import constants, in_its_type, stored_tensors, tied_tensors
from .terms import Slot, Values
from .titles import class_title
from .torch_modules import with_torch_modules

__all__ = ["export_source", "source"]

_DEEPEST = 40
"""Modules inside modules; Python's own parser takes 200 brackets."""


def export_source(net: ArchGraph, path: Path, *, checkpoint: str | Path | None = None) -> Path:
    """Write the network's PyTorch source, and its weights into ``checkpoint``: both or neither.

    The checkpoint is a ``.safetensors``, ``.pth`` or ``.pt`` file with the weights that the network
    was read with, else those of seed 0; the class of the source loads it strictly.
    """
    if checkpoint is None:
        return write_text(path, source(net))
    check_suffix(checkpoint)
    text = source(net)
    with replacing(path) as written, replacing(checkpoint) as weights:
        written.write_text(text, encoding="utf-8", newline="\n")
        save_weights(net, weights)
    return path


def source(net: ArchGraph) -> str:
    """Return a Python file with the network as an ``nn.Module``; it imports nothing but torch.

    The class has the state-dict keys of ``archgraph.to_torch`` and computes the same. Raises
    ExportError for an operator that PyTorch does not have, for a name that no submodule can
    bear and for modules nested without end.
    """
    net.check()
    net.inference()  # refuses a graph in which inference needs what only training computes
    if not net.sources or not net.outputs:
        raise ExportError(f"'{net.name}' has no input or no output, so there is nothing to write.")
    unknown = {
        op.type_name: name
        for name in reversed(list(net))
        if isinstance(op := net.op(name), ops.Opaque)
    }
    if len(unknown) > 1:
        listed = ", ".join(f"'{each}' (node '{name}')" for each, name in sorted(unknown.items()))
        raise ExportError(
            f"'{net.name}' cannot be written as PyTorch source: its operators {listed} are unknown "
            "to archgraph."
        )
    for name in net:
        if name.count(".") > _DEEPEST:
            raise ExportError(
                f"node '{name[:40]}…' lies {name.count('.')} modules deep, but PyTorch source is "
                f"written for at most {_DEEPEST}."
            )
    return _Writer(with_torch_modules(with_own_keys(net))).text()


@dataclass(frozen=True, slots=True)
class _Class:
    """A class that is written: its name, its parameters, its modules."""

    name: str
    parameters: tuple[Parameter, ...]
    modules: tuple[str, ...]
    text: str


class _Writer:
    def __init__(self, net: ArchGraph) -> None:
        self.net = net
        self.structure = Structure(net)
        self.shared = {path: each for each in shared(self.structure) for path in each.modules}
        self.names = Names(LACKING)
        self.main = self.names.unused(camel(str(net.graph.get("title") or net.name)) or "Network")
        heads = [value for value in net.results if trains(net, value)]
        main = len(net.results) - len(heads)
        # A head alone, such as googlenet/aux1, is a network like any other.
        self.heads = len(heads) if main else 0
        named = self.heads and main == 1
        self.result = self.names.unused(f"{self.main}Outputs") if named else ""
        self.written: dict[str, _Class] = {}
        self.classifiers = _classifiers(net)

    def text(self) -> str:
        """Return the whole file."""
        network = self._network()
        classes = list({each.name: each for each in self.written.values()}.values())
        parts = [each.text for each in classes]
        if self.result:
            fields = ["logits", *(f"aux_logits{n}" for n in range(1, self.heads + 1))]
            rows = "".join(f"    {field}: Tensor\n" for field in fields)
            parts.append(f"class {self.result}(NamedTuple):\n{rows}")
        body = "\n\n".join([*parts, network])
        lacking = lacking_in(list(map(self.net.op, self.net)), body)
        body = "\n\n".join([*lacking, body])
        offered = (offered_for(self.net.op(name), "layers") for name in self.net)
        modules = {point.module for point in offered if point}
        return f"{described(self.net)}\n\n{_imports(body, modules)}\n\n{body}"

    def _call(self, path: str, label: str) -> Call:
        """Return how a block is made, writing its class where that is not done."""
        kind = self.shared[path]
        if path not in self.written:
            self.written |= dict.fromkeys(kind.modules, self._class(kind))
        found = self.written[path]
        place = found.modules.index(path)
        fields = tuple(
            Field(p.name, p.values[place], p.family, p.positional, p.default, label)
            for p in found.parameters
        )
        return Call(found.name, fields)

    def _class(self, kind: Shared) -> _Class:
        bodies = [self.structure.body(path) for path in kind.modules]
        made = [self._constructs(body) for body in bodies]
        name = self.names.unused(class_title(self.net, kind.modules, bodies[0]))
        ends = self._channels(bodies, 0), self._channels(bodies, 1)
        present = tuple(kind.optional in constructs for constructs in made)
        slots = list(_slots(made))
        found = parameters(slots, ends, present, kind.optional)
        inputs = input_names(bodies[0], self.structure, whole=False)
        text = self._module(name, kind.modules[0], bodies[0], made[0], found, inputs, kind.optional)
        return _Class(name, found.all, kind.modules, text)

    def _network(self) -> str:
        body = self.structure.body("")
        made = self._constructs(body)
        found = parameters(list(_slots([made])), ((None,), (None,)), (True,), None)
        # Its own number of classes is the network's default.
        alone = tuple(replace(each, default=each.values[0]) for each in found.all)
        inputs = input_names(body, self.structure, whole=True)
        return self._module(self.main, "", body, made, replace(found, all=alone), inputs, None)

    def _constructs(self, body: Body) -> dict[str, Construct]:
        """Return what builds each submodule of a class, in the order of the graph."""
        units = [
            unit
            for unit in body.units
            if unit.kind != "expression"
            # What runs again is made once.
            and (self.structure.module_of(unit.name) == unit.name or not self._first_of(unit, body))
        ]
        return {
            unit.path: self._tagged(construct(unit, self.structure, self._call), unit.name)
            for unit in sorted(units, key=lambda unit: self.structure.first(unit.name))
        }

    def _first_of(self, unit: Unit, body: Body) -> bool:
        """Return whether another unit of a class is the first run of this one."""
        return any(other.path == unit.path and other.name < unit.name for other in body.units)

    def _tagged(self, made: Construct, name: str) -> Construct:
        """Mark the number of classes: the width of the last layer."""
        if isinstance(made, Chain):
            words = made.words or [str(number) for number, _ in enumerate(made.steps)]
            steps = (
                self._tagged(step, f"{name}.{word}")
                for word, step in zip(words, made.steps, strict=True)
            )
            return Chain(tuple(steps), made.words)
        if name not in self.classifiers:
            return made
        fields = (
            replace(f, family="classes") if f.name == "out_features" else f for f in made.fields
        )
        return Call(made.function, tuple(fields))

    def _channels(self, bodies: list[Body], end: int) -> Values:
        ends = [(body.outputs if end else body.inputs)[:1] for body in bodies]
        shapes = [(self.net.tensor(each[0]).shape or ()) if each else () for each in ends]
        return tuple(
            int(shape[1]) if len(shape) > 1 and isinstance(shape[1], int) else None
            for shape in shapes
        )

    def _module(
        self,
        name: str,
        path: str,
        body: Body,
        made: dict[str, Construct],
        found: Parameters,
        inputs: list[str],
        optional: str | None,
    ) -> str:
        """Return the text of a class."""
        units = {unit.path: unit for unit in reversed(body.units)}
        texts = iter(found.texts)
        built = []
        for word, each in made.items():
            stateless = not any(
                self.net.op(n).parameters() or self.net.op(n).buffers()
                for n in self.structure.members.get(units[word].name, [units[word].name])
            )
            built.append(Member(units[word], build(each, texts), stateless))
        lines, references = members(built, optional, found.condition)
        own, keys = stored_tensors(self.structure, path, made)
        prefix = f"{self.structure.module_of(path)}."
        words = {each.removeprefix(prefix).partition(".")[0] for each in (*made, *keys)}
        formulas, computed = constants(self.structure, body, words)
        lines, references = [*lines, *own, *formulas], references | keys | computed
        if not path:
            lines += [*tied_tensors(self.structure), *in_its_type(self.structure)]
        heads = self.heads if name == self.main else 0
        statements = forward(self.structure, path, body, references, inputs, heads, self.result)
        given = Brackets("(", ("self", *map(_declared, found.all)), ") -> None:")
        begin = f"    {lay_out('def __init__', given, 4)}\n        super().__init__()\n"
        begin = f"{begin}{''.join(lines)}\n" if lines else ""
        returned = self._returned(len(body.outputs), heads)
        taken = ("self", *(f"{each}: Tensor" for each in inputs))
        takes = Brackets("(", taken, f") -> {returned}:")
        return (
            f"class {name}(nn.Module):\n"
            f"{begin}"
            f"    {lay_out('def forward', takes, 4)}\n"
            f"{''.join(statements)}"
        )

    def _returned(self, count: int, heads: int) -> str:
        """Return the type of what a forward method returns, of its ``count`` outputs."""
        if self.result and heads:
            return f"Tensor | {self.result}"
        if heads or count > 4:
            return "tuple[Tensor, ...]"
        return "Tensor" if count == 1 else f"tuple[{', '.join(['Tensor'] * count)}]"


def _slots(made: list[dict[str, Construct]]) -> Iterator[Slot]:
    """Yield every argument of a class: of each unit, in each module that has it."""
    for path, first in made[0].items():
        each = [list(fields_of(m[path])) if path in m else None for m in made]
        for place, _ in enumerate(fields_of(first)):
            fields = [None if found is None else found[place] for found in each]
            if len({field.family for field in fields if field is not None}) > 1:
                # The last layer's class also makes other layers.
                fields = [field and replace(field, family="features") for field in fields]
            yield Slot(path, tuple(fields))


def _declared(parameter: Parameter) -> str:
    default = "" if parameter.default is None else f" = {literal(parameter.default)}"
    return f"{parameter.name}: {parameter.annotation}{default}"


def _classifiers(net: ArchGraph) -> set[str]:
    """Return the last linear layers, if all have the same width: that of the classes."""
    found = set()
    for name in net.outputs:
        while isinstance(net.op(name), ops.Softmax) and net.inputs_of(name):
            name = net.inputs_of(name)[0]
        found.add(name)
    widths = {op.out_features for op in map(net.op, found) if isinstance(op, ops.Linear)}
    shared = {tied(net, key) for key, each in net.tensors.items() if each.alias}
    if any(tied(net, key) in shared for n in found for key in net.keys_of(n).values()):
        return set()
    same = len(widths) == 1 and all(isinstance(net.op(name), ops.Linear) for name in found)
    return found if same and widths != {1} else set()


def _imports(body: str, modules: Iterable[str]) -> str:
    """Return the imports of what the classes use, among it ``modules`` of other packages."""
    used = {node.id for node in ast.walk(ast.parse(body)) if isinstance(node, ast.Name)}
    lines = [f"import {module}\n" for module in modules]
    lines += ["import torch\n"] if "torch" in used else []
    lines += ["import torch.nn.functional as F\n"] if "F" in used else []
    typing = "".join(f"import {each}\n" for each in ("base64", "zlib") if each in used)
    typing += "from collections import OrderedDict\n" if "OrderedDict" in used else ""
    typing += "from typing import NamedTuple\n" if "NamedTuple" in used else ""
    typing += "\n" if typing else ""
    return f"{typing}{''.join(sorted(lines))}from torch import Tensor, nn\n"
