"""Tensors that a class stores beside its layers, and weights that are tied."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import reduce

from archgraph.errors import ExportError
from archgraph.stored_tensors import tied
from archgraph.tensors import Key, Stored

from .code_layout import Brackets, Expression, call, lay_out
from .forward_calls import Body, is_number
from .literals import literal
from .module_attributes import hides
from .python_names import Names, is_attribute, quoted
from .source_units import Structure

__all__ = ["constants", "in_its_type", "read_of", "stored_tensors", "tied_tensors"]

INDENT = 8


def stored_tensors(
    structure: Structure, path: str, members: Collection[str]
) -> tuple[list[str], dict[str, str]]:
    """Return the statements that make a class's own tensors, and how each key is read.

    ``members`` are its submodules' paths.
    """
    prefix = structure.module_of(path)
    lines: list[str] = []
    references: dict[str, str] = {}
    made = {each[:end] for each in members for end in _ends(each)}
    for key in structure.loose.get(prefix, []):
        words = key.removeprefix(f"{prefix}." if prefix else "").split(".")
        if hides(words[0]):
            raise ExportError(
                f"the stored tensor '{key}' cannot be held by a PyTorch module, because every "
                f"module already has an attribute '{words[0]}'; rename it."
            )
        holder = "self"
        for number, word in enumerate(words[:-1], 1):
            inner, below = _inside(holder, word), ".".join(words[:number])
            if below not in made:
                made.add(below)
                adding = call(f"{holder}.add_module", quoted(word), "nn.Module()")
                lines.append(f"        {lay_out('', adding, INDENT)}\n")
            holder = inner
        lines.append(f"        {_statement(holder, words[-1], structure.tensors[key])}\n")
        references[key] = read_of(holder, words[-1])
    return lines, references


def constants(
    structure: Structure, body: Body, taken: Collection[str]
) -> tuple[list[str], dict[str, str]]:
    """Return the statements that make the constants a class reads, and how each key is read.

    Equal ones are made once. ``taken`` are the attributes that the class has.
    """
    lines: list[str] = []
    references: dict[str, str] = {}
    known: dict[str, str] = {}
    names = Names(taken)
    for key in dict.fromkeys(key for unit in body.units for key in unit.inputs):
        if type(key) is not Key or key not in structure.constants:
            continue
        made, word = structure.constants[key]
        if str(made) not in known:
            word = word if is_attribute(word) and not hides(word) else "constant"
            name = known[str(made)] = names.unused(word)
            line = call("self.register_buffer", quoted(name), made, "persistent=False")
            lines.append(f"        {lay_out('', line, INDENT)}\n")
        references[key] = f"self.{known[str(made)]}"
    return lines, references


def _ends(path: str) -> list[int]:
    """Return where the paths of a module and of all modules around it end."""
    return [place for place, sign in enumerate(f"{path}.") if sign == "."]


def _inside(holder: str, word: str) -> str:
    if is_attribute(word):
        return f"{holder}.{word}"
    return f"{holder}.get_submodule({quoted(word)})"


def read_of(holder: str, word: str) -> str:
    """Return how a tensor of a module is read, also where its name is no attribute."""
    return f"{holder}.{word}" if is_attribute(word) else f"getattr({holder}, {quoted(word)})"


def _statement(holder: str, word: str, stored: Stored) -> str:
    """Return what registers a tensor: as an attribute where that is one, else by its name."""
    value = _value(stored)
    if stored.kind == "parameter":
        learns = stored.dtype.startswith(("float", "bfloat", "complex"))
        rest: tuple[Expression, ...] = () if learns else ("requires_grad=False",)
        made = call("nn.Parameter", value, *rest)
        if is_attribute(word):
            return lay_out(f"{holder}.{word} = ", made, INDENT)
        return lay_out("", call(f"{holder}.register_parameter", quoted(word), made), INDENT)
    known = stored.kind == "constant" and stored.value is not None
    rest = ("persistent=False",) if known else ()
    return lay_out("", call(f"{holder}.register_buffer", quoted(word), value, *rest), INDENT)


def _value(stored: Stored) -> Expression:
    kind = () if stored.dtype == "float32" else (f"dtype=torch.{stored.dtype}",)
    if stored.value is None:
        return call("torch.zeros", *_sizes(stored.shape), *kind)
    numbers = Brackets("[", tuple(map(literal, stored.value)), "]")
    made = call("torch.tensor", numbers, f"dtype=torch.{stored.dtype}")
    if len(stored.shape) == 1:
        return made
    return Brackets(
        "torch.tensor(",
        (numbers, f"dtype=torch.{stored.dtype}"),
        f").reshape({', '.join(_sizes(stored.shape))})",
    )


def _sizes(shape: Sequence[int]) -> tuple[str, ...]:
    return tuple(map(str, shape)) or ("()",)


def tied_tensors(structure: Structure) -> list[str]:
    """Return the statements that tie weights: ``self.lm_head.weight = self.wte.weight``.

    A module that does nothing but hold such a weight is made for it.
    """
    lines = []
    made = _made(structure)
    for key, stored in structure.tensors.items():
        if stored.alias is not None and not stored.moved:
            for end in _ends(key)[:-1]:
                if key[:end] not in made:
                    made.add(key[:end])
                    *around, word = key[:end].split(".")
                    holder = reduce(_inside, around, "self")
                    adding = call(f"{holder}.add_module", quoted(word), "nn.Module()")
                    lines.append(f"        {lay_out('', adding, INDENT)}\n")
            value = read_of(*_reach(tied(structure.net, key)))
            holder, word = _reach(key)
            if is_attribute(word):
                line = lay_out(f"{holder}.{word} = ", value, INDENT)
            else:
                tying = call(f"{holder}.register_parameter", quoted(word), value)
                line = lay_out("", tying, INDENT)
            lines.append(f"        {line}\n")
    return lines


def in_its_type(structure: Structure) -> list[str]:
    """Return the statement that brings a network of one other type of floats into that type."""
    floats = {
        stored.dtype
        for stored in structure.tensors.values()
        if stored.dtype.startswith(("float", "bfloat")) and not is_number(stored)
    }
    kind = floats.pop() if len(floats) == 1 else "float32"
    return [] if kind == "float32" else [f"        self.to(torch.{kind})\n"]


def _made(structure: Structure) -> set[str]:
    """Return the paths of all modules that the classes make."""
    paths = [structure.module_of(n) for n in structure.net if not structure.is_written(n)]
    paths += structure.blocks
    paths += [key.rpartition(".")[0] for keys in structure.loose.values() for key in keys]
    return {path[:end] for path in paths for end in _ends(path)}


def _reach(key: str) -> tuple[str, str]:
    """Return how the network's class reaches the module that holds a tensor, and its name there."""
    *path, word = key.split(".")
    if all(map(is_attribute, path)):
        return ".".join(["self", *path]), word
    return f"self.get_submodule({quoted('.'.join(path))})", word
