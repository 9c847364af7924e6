"""The steps of a network under construction, and how one call becomes some of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import isnan

import torch

from archgraph.errors import ArchGraphError
from archgraph.evaluation import evaluate
from archgraph.importers.torch.held_tensors import Held
from archgraph.importers.torch.trace import Call, Trace, Value, element_type
from archgraph.ops import Full, Identity, Input, Op, Opaque
from archgraph.provenance import part_of_origin
from archgraph.tensors import Key, Tensor, follows_batch

__all__ = ["RULES", "Building", "Constant", "Made", "Out", "Rule", "Source", "Step", "rule"]


@dataclass(eq=False)
class Step:
    """One node to be: its operator, what it reads, where it stands, the calls it stands for."""

    op: Op
    inputs: list[Source]
    outputs: tuple[Tensor, ...]
    scope: str
    word: str
    keys: dict[str, str] = field(default_factory=dict)
    origin: list[str] = field(default_factory=list)
    name: str = ""


@dataclass(frozen=True)
class Out:
    """One output of a step."""

    step: Step
    number: int = 0

    @property
    def tensor(self) -> Tensor:
        """Its shape and type."""
        return self.step.outputs[self.number]


@dataclass(eq=False)
class Constant:
    """A stored constant; it is named after the node that reads it first, and its ``role`` there.

    ``kept`` is the tensor with its numbers, where they are known.
    """

    tensor: Tensor
    numbers: tuple[float | int | bool, ...] | None = None
    role: str = "constant"
    key: str = ""
    kept: torch.Tensor | None = None


Source = Out | Key | Constant
"""What a step reads: an output, a parameter or buffer by key, a constant."""

Made = Source | list[Source] | None

Rule = Callable[["Building", Call], Made]
"""Adds steps for a call and returns its results; None where it does not know that form of it."""

RULES: dict[str, Rule] = {}
"""The rules by the name of a function of ATen."""


def rule(*names: str) -> Callable[[Rule], Rule]:
    """Make a function the rule for functions of ATen."""

    def registered(found: Rule) -> Rule:
        RULES.update(dict.fromkeys(names, found))
        return found

    return registered


MULTIPLY = re.compile(
    r"addbmm|addr$|attention|bilinear|cdist|conv|corr|_mm|^mm|bmm|dot|einsum|gru|linear(?!1d)|lstm|"
    r"matmul|mv$|outer|rnn|tensordot"
)
"""Words in the names of functions that multiply matrices: their costs are not zero."""


class Building:
    """Steps in order, and which source every value has."""

    def __init__(self, trace: Trace, held: Held) -> None:
        self.steps: list[Step] = []
        self._held = held
        self._sources: dict[int, Source] = {}
        self._tensors: dict[str, Tensor] = {
            key: Tensor(tuple(each.shape), element_type(each.dtype))
            for key, each in (*held.parameters.items(), *held.buffers.items())
        }
        self._numbers = {id(call): f"{n}:{call.name}" for n, call in enumerate(trace.calls)}
        self._scope = ""
        self._call: Call | None = None
        self._read = {id(value) for call in trace.calls for value in call.values}
        self._read |= {id(value) for value in trace.results}
        for value in trace.inputs:
            tensor = Tensor(value.shape, value.dtype)
            op = Input.of(tensor)
            step = Step(op, [], (tensor,), "", value.key, origin=[f"input:{value.key}"])
            self.steps.append(step)
            self._sources[value.index] = Out(step)

    # ---- what is read --------------------------------------------------------------------

    def source(self, value: Value) -> Source:
        """Return what gives a value; constants that follow the batch are made where needed."""
        found = self._sources.get(value.index)
        if found is None:
            found = self._found(value)
            self._sources[value.index] = found
        return found

    def _found(self, value: Value) -> Source:
        key = self.key(value)
        if key is not None:
            return Key(key)
        if value.constant and not follows_batch(value.shape) and value.dtype is not None:
            numbers = value.numbers
            if numbers is not None and any(map(isnan, numbers)):
                numbers = None
            return Constant(Tensor(value.shape, value.dtype), numbers, kept=_kept(value))
        if value.call is not None:
            self.translate(value.call)
            return self._sources[value.index]
        return self.add(Full(value.shape, dtype=value.dtype or "float32"), [], word="constant")

    def key(self, value: Value | None) -> str | None:
        """Return the state-dict key of a value that is stored as it is; else None."""
        return value.key if value is not None and value.source in ("parameter", "buffer") else None

    def tensor(self, source: Source) -> Tensor:
        """Return the shape and the type of a source."""
        return self._tensors[source] if isinstance(source, Key) else source.tensor

    def shape(self, source: Source) -> tuple[int, ...]:
        """Return the shape of a source."""
        return self.tensor(source).shape or ()

    def buffer_beside(self, key: str, name: str) -> str | None:
        """Return the key of a buffer of the module that holds ``key``, where there is one."""
        found = f"{key.rpartition('.')[0]}.{name}".lstrip(".")
        return found if found in self._held.buffers else None

    # ---- what is made --------------------------------------------------------------------

    def add(
        self,
        op: Op,
        inputs: Sequence[Source],
        *,
        word: str | None = None,
        keys: Mapping[str, str | None] | None = None,
    ) -> Out:
        """Add a step and return its first output."""
        given = {role: key for role, key in (keys or {}).items() if key is not None}
        weights = [self._tensors[given[role]].dtype for role in op.parameters() if role in given]
        weight = next((each for each in weights if each is not None), "float32")
        found = evaluate("", op, tuple(map(self.tensor, inputs)), weight)
        call = self._call
        step = Step(
            op,
            list(inputs),
            found["outputs"],
            self._scope,
            word or (call.name.strip("_") if call is not None else op.kind.lower()),
            given,
        )
        self.steps.append(step)
        return Out(step)

    def outputs(self, first: Out) -> list[Source]:
        """Return all outputs of the step that ``first`` is one of."""
        return [Out(first.step, number) for number in range(len(first.step.outputs))]

    def translate(self, call: Call) -> None:
        """Add the steps of one call; an Opaque one where no rule fits what was seen."""
        before = self._call, self._scope
        for value in call.values:  # constants that follow the batch come before
            self._call_it(self.source(value), value, call)
        self._call, self._scope = call, call.scope
        count = len(self.steps)
        found = self._by_rule(call)
        if found is None:
            del self.steps[count:]
            found = self._opaque(call)
        for value, source in zip(call.outputs, found, strict=False):
            self._sources[value.index] = source
        self._tell(call, found[0] if found else None, self.steps[count:])
        self._call, self._scope = before

    @staticmethod
    def _call_it(source: Source, value: Value, call: Call) -> None:
        """Call a constant after the argument that it is, or is one of."""
        if isinstance(source, Constant) and source.role == "constant":
            for word, each in call.arguments.items():
                if each is value or (isinstance(each, list) and value in each):
                    source.role = word
                    return

    def _by_rule(self, call: Call) -> list[Source] | None:
        known = RULES.get(call.name)
        if known is None:
            return None
        try:
            made = known(self, call)
        except (ArchGraphError, AttributeError, TypeError):
            # A form of the function whose arguments are not those that the rule reads.
            return None
        if made is None:
            return None
        found = made if isinstance(made, list) else [made]
        expected = [Tensor(value.shape, value.dtype) for value in call.outputs[: len(found)]]
        if any(id(value) in self._read for value in call.outputs[len(found) :]):
            return None
        found = found[: len(expected)]
        return found if [self.tensor(each) for each in found] == expected else None

    def _opaque(self, call: Call) -> list[Source]:
        multiplies = MULTIPLY.search(call.name) is not None
        if not call.outputs:
            return []
        # Tensors without elements have no shape that a graph holds.
        shapes = [
            Tensor(None if 0 in value.shape else value.shape, value.dtype) for value in call.outputs
        ]
        op = Opaque(
            call.name,
            shapes[0].shape,
            0,
            None if multiplies else 0,
            shapes[0].dtype,
            batched=False,
            others=tuple((each.shape, each.dtype) for each in shapes[1:]),
        )
        return self.outputs(self.add(op, [self.source(value) for value in call.values]))

    def _tell(self, call: Call, source: Source | None, made: Sequence[Step]) -> None:
        """Let the step that stands for a call say so, also where it was there before.

        Others that were made for it say that they are parts of it.
        """
        mark = self._numbers.get(id(call))
        if mark is None:
            return
        if isinstance(source, Out) and mark not in source.step.origin:
            source.step.origin.append(mark)
        others = (step for step in made if not step.origin)
        for number, step in enumerate(others, 1):
            step.origin.append(part_of_origin(mark, number))

    def end(self, given: Sequence[Out]) -> None:
        """Say that what follows was not read: a node of unknown costs behind what was made last."""
        self._call, self._scope = None, ""
        rest = Opaque("not read", None, None, None, None, batched=False)
        self.add(rest, given, word="not_read").step.origin.append("rest:")

    def results(self, values: Sequence[Value]) -> dict[Out, int]:
        """Return what a network gives, each once, and where among these values it stands first.

        What it stores and gives as it is becomes a step.
        """
        found: dict[Out, int] = {}
        for place, value in enumerate(values):
            source = self.source(value)
            if isinstance(source, Constant):
                continue
            if isinstance(source, Key):
                source = self.add(Identity(), [source], word=source.rpartition(".")[2])
                source.step.origin.append(f"output:{value.key}")
                self._sources[value.index] = source
            found.setdefault(source, place)
        return found


def _kept(value: Value) -> torch.Tensor | None:
    """Return the numbers of a constant, unless others were written over them."""
    if value.kept is None:
        return None
    tensor, version = value.kept
    found: torch.Tensor | None = tensor if tensor._version == version else None
    return found
