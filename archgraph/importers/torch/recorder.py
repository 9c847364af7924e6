"""Recorder: every call of ATen that a module makes, before torch takes composite ones apart.

Tensors that follow from numbers with a point, of inputs or parameters, live on the meta device and
have shapes only. What follows from neither (position ids, the example's tokens and masks) is
computed, so that a module may read its numbers.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import torch
from torch._C import DispatchKey
from torch._subclasses.schema_check_mode import SchemaCheckMode
from torch.utils._python_dispatch import TorchDispatchMode

from archgraph.importers.torch.asked_numbers import ANSWERS, sized_by_numbers
from archgraph.importers.torch.scopes import Scopes
from archgraph.importers.torch.shape_results import ShapeResults
from archgraph.importers.torch.shared_memory import Memory
from archgraph.importers.torch.trace import Call, Source, Value, element_type
from archgraph.tensors import SMALL

__all__ = ["LARGEST", "NeedsNumbers", "Recorder"]

LARGEST = 2**24
"""Constants of more elements are not computed."""

SHAPE_ONLY = {
    "expand_as": "other",
    "view_as": "other",
    "reshape_as": "other",
    "type_as": "other",
    "to": "other",
    "_shape_as_tensor": "self",
}
"""Arguments of which a function reads the shape or the type and not the numbers."""

OPERATORS = {
    "__and__": "bitwise_and",
    "__or__": "bitwise_or",
    "__xor__": "bitwise_xor",
    "__iand__": "bitwise_and",
    "__ior__": "bitwise_or",
    "__ixor__": "bitwise_xor",
}
"""Python's operators that ATen knows as functions of their own."""


class NeedsNumbers(Exception):  # noqa: N818 - a message to the reader, not an error of the user
    """A module asks for the numbers of a tensor of which only the shape is known."""


class Recorder(SchemaCheckMode):  # type: ignore[no-untyped-call]
    """Records calls while it is entered (with torch's Python dispatcher enabled).

    With ``arithmetic`` everything is computed with the numbers there are; ``beneath`` sees what is
    left after calls are taken apart. torch lets few modes see them before; this is one by its base
    class alone.
    """

    def __init__(self, scopes: Scopes, *, arithmetic: bool, beneath: bool) -> None:
        key = None if beneath else DispatchKey.PreDispatch
        TorchDispatchMode.__init__(self, key)  # type: ignore[no-untyped-call]
        self._scopes = scopes
        self._arithmetic = arithmetic
        self.values: list[Value] = []
        self.calls: list[Call] = []
        self.asking: list[Call] = []
        """Calls that ask for numbers, or for a size that numbers say."""
        self._memory = Memory(self._made)
        self._results = ShapeResults()

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """Say that nothing is compiled here; keeping torch from it costs time at every call."""
        return False

    # ---- values --------------------------------------------------------------------------

    def given(
        self, tensor: torch.Tensor, source: Source, key: str = "", *, constant: bool = False
    ) -> Value:
        """Say what a tensor is that no call made."""
        value = self._new(tensor, source, constant)
        value.key = key
        self._memory.know(tensor, value)
        return value

    def value(self, tensor: torch.Tensor) -> Value:
        """Return the value that a tensor has now; one that was never seen is a constant."""
        found = self._memory.value(tensor)
        return self.given(tensor, "constant", constant=True) if found is None else found

    def _new(self, tensor: torch.Tensor, source: Source, constant: bool) -> Value:
        value = Value(
            len(self.values), tuple(tensor.shape), element_type(tensor.dtype), source, constant
        )
        if constant:
            value.numbers = _numbers(tensor)
            value.kept = None if tensor.is_meta else (tensor, tensor._version)
        self.values.append(value)
        return value

    def _made(
        self, name: str, arguments: dict[str, Any], shape: tuple[int, ...], dtype: str | None
    ) -> Value:
        """Record a call that keeps track of memory; nothing runs."""
        call = Call(name, arguments, self._scopes.current)
        call.constant = all(each.constant for each in call.values)
        value = Value(len(self.values), shape, dtype, "call", call.constant, call=call)
        self.values.append(value)
        call.outputs.append(value)
        self.calls.append(call)
        return value

    # ---- calls ---------------------------------------------------------------------------

    def __torch_dispatch__(
        self,
        func: Any,
        types: Sequence[type],
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """Record one call, and run it."""
        del types
        signature = _signature(func)
        given = signature.bound(args, kwargs or {})
        arguments = given.copy()
        for key in signature.tensors:
            arguments[key] = _mapped(given[key], self.value)
        call = Call(signature.name, arguments, self._scopes.current)
        self._forget_numbers(call)
        call.constant = all(each.constant for each in call.values)
        if not call.constant and (call.name in ANSWERS or sized_by_numbers(call)):
            self.asking.append(call)
        if call.name in ANSWERS:
            return self._answer(func, args, kwargs)
        targets = [
            (given[key], arguments[key]) for key in signature.written if given[key] is not None
        ]
        above = {id(t): self._memory.above(t) for t, _ in targets if isinstance(t, torch.Tensor)}
        result = self._run(func, call, given, args, kwargs or {})
        self.calls.append(call)
        if targets:
            self._write(call, targets, above)
            # What ran may have been a stand-in for what the module holds.
            return targets[0][0] if len(targets) == 1 else result
        self._take_all(call, result, given)
        return result

    def _forget_numbers(self, call: Call) -> None:
        """Take what only gives a shape or a type out of the arguments of a call."""
        only = SHAPE_ONLY.get(call.name)
        if call.name.endswith("_like") or call.name.startswith("new_"):
            only = "self"
        if only is not None and isinstance(call.arguments.get(only), Value):
            call.arguments[only] = None

    def _answer(self, func: Any, args: Any, kwargs: Any) -> Any:
        if any(each.is_meta for each in _tensors([*args, *(kwargs or {}).values()])):
            raise NeedsNumbers
        return func(*args, **(kwargs or {}))

    def _run(
        self, func: Any, call: Call, given: Mapping[str, Any], args: Any, kwargs: Mapping[str, Any]
    ) -> Any:
        if self._arithmetic:
            return func(*args, **kwargs)
        signature = _signature(func)
        tensors = signature.tensors_of(given)
        real = _is_computable(call, given, tensors)
        shapes = not real and bool(tensors) and all(each.is_meta for each in tensors)
        if shapes and kwargs.get("device") is None and call.name != "to":
            return self._results.of(func, args, kwargs)
        place = torch.device("cpu" if real else "meta")
        convert: Callable[[torch.Tensor], torch.Tensor] = self._real if real else self._shape_only
        args = _mapped(args, convert)
        rest = {key: _mapped(each, convert) for key, each in kwargs.items()}
        if "device" in signature.defaults and (rest.get("device") is not None or not tensors):
            rest["device"] = place
        if call.name == "to":
            args = tuple(place if isinstance(each, torch.device) else each for each in args)
        if rest.get("pin_memory"):
            rest["pin_memory"] = False
        return func(*args, **rest) if real else self._results.of(func, args, rest)

    def _real(self, tensor: torch.Tensor) -> torch.Tensor:
        """Return a tensor to compute with in place of one of which only the shape matters."""
        if tensor.is_meta:
            return torch.empty_strided(tensor.shape, tensor.stride(), dtype=tensor.dtype)
        return tensor if tensor.device.type == "cpu" else tensor.cpu()

    def _shape_only(self, tensor: torch.Tensor) -> torch.Tensor:
        """Return a tensor on the meta device in place of one that has numbers."""
        if tensor.is_meta:
            return tensor
        block = self._memory.block(tensor)
        if block is None:
            return tensor.detach().to("meta")
        if block.stand_in is None:
            storage = block.base.untyped_storage().nbytes() // tensor.element_size()
            stand_in = torch.empty(storage, dtype=tensor.dtype, device="meta")
            block.stand_in = stand_in
            self._memory.share(stand_in, block)
        found = block.stand_in
        if found.dtype != tensor.dtype:
            found = found.view(tensor.dtype)
        return found.as_strided(tensor.shape, tensor.stride(), tensor.storage_offset())

    # ---- results -------------------------------------------------------------------------

    def _take_all(self, call: Call, result: Any, given: Mapping[str, Any]) -> None:
        tensors = [each for each in _listed(result) if isinstance(each, torch.Tensor)]
        for output, tensor in enumerate(tensors):
            value = self._new(tensor, "call", call.constant)
            value.call, value.output = call, output
            call.outputs.append(value)
            block = self._memory.block(tensor)
            view = None
            if block is not None:
                for source in _tensors(list(given.values())):
                    if self._memory.block(source) is block and source is not tensor:
                        view = (source, call, output)
                        break
            self._memory.know(tensor, value, view)

    def _write(
        self,
        call: Call,
        targets: Sequence[tuple[Any, Any]],
        above: Mapping[int, Any],
    ) -> None:
        for output, (tensor, _) in enumerate(targets):
            if not isinstance(tensor, torch.Tensor):
                continue
            value = self._new(tensor, "call", call.constant)
            value.call, value.output = call, output
            call.outputs.append(value)
            self._memory.write(tensor, value, above[id(tensor)])


def _is_computable(call: Call, given: Mapping[str, Any], tensors: Sequence[torch.Tensor]) -> bool:
    """Return whether a call has numbers to work with, and not too many."""
    if any(each.is_meta for each in tensors):
        # What was forgotten gives its shape alone.
        wanted = [given[key] for key, value in call.arguments.items() if value is not None]
        if any(each.is_meta for each in _tensors(wanted)):
            return False
    sizes = call["size"]
    count = math.prod(sizes) if isinstance(sizes, (list, tuple)) and sizes else 0
    return max([count, *(each.numel() for each in tensors)], default=0) <= LARGEST


def _numbers(tensor: torch.Tensor) -> tuple[float | int | bool, ...] | None:
    """Return the numbers of a small tensor that has some."""
    if tensor.is_meta or tensor.numel() > SMALL or tensor.is_complex():
        return None
    try:
        found = tuple(tensor.detach().reshape(-1).tolist())
    except (RuntimeError, NotImplementedError):
        return None
    return found if all(isinstance(n, (bool, int, float)) for n in found) else None


@dataclass(frozen=True, slots=True)
class Signature:
    """What a function says of itself: its plain name, its parameters and their defaults.

    ``tensors`` are the parameters that take tensors, ``written`` those that it writes to.
    """

    name: str
    defaults: dict[str, Any]
    tensors: tuple[str, ...]
    written: tuple[str, ...]

    def bound(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> dict[str, Any]:
        """Return every argument of a call by name."""
        found = {**self.defaults, **kwargs} if kwargs else self.defaults.copy()
        found.update(zip(self.defaults, args, strict=False))
        return found

    def tensors_of(self, given: Mapping[str, Any]) -> list[torch.Tensor]:
        """Return the tensors among the arguments of a call."""
        return [tensor for key in self.tensors for tensor in _tensors(given[key])]


@cache
def _signature(func: Any) -> Signature:
    schema = func._schema
    name = schema.name.partition("::")[2]
    written = tuple(
        each.name for each in schema.arguments if each.alias_info and each.alias_info.is_write
    )
    if name in OPERATORS:
        name = OPERATORS[name]
    elif written and name.endswith("_") and not name.endswith("__"):
        name = name[:-1]
    defaults = {
        each.name: each.default_value if each.has_default_value() else None
        for each in schema.arguments
    }
    tensors = tuple(each.name for each in schema.arguments if "Tensor" in str(each.type))
    return Signature(name, defaults, tensors, written)


def _mapped(value: Any, change: Callable[[torch.Tensor], Any]) -> Any:
    if isinstance(value, torch.Tensor):
        return change(value)
    if isinstance(value, (list, tuple)):
        return type(value)([_mapped(each, change) for each in value])
    return value


def _listed(value: Any) -> Sequence[Any]:
    return value if isinstance(value, (list, tuple)) else (value,)


def _tensors(value: Any) -> list[torch.Tensor]:
    if isinstance(value, torch.Tensor):
        return [value]
    if isinstance(value, (list, tuple)):
        return [tensor for each in value for tensor in _tensors(each)]
    return []
