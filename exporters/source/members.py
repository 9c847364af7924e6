"""A class's submodules: how ``__init__`` assigns them and how ``forward`` reaches them."""

from __future__ import annotations

from dataclasses import dataclass, field

from archgraph.errors import ExportError

from .code_layout import Brackets, Expression, Keyword, Loop, call, lay_out
from .forward_calls import Unit
from .module_attributes import hides
from .python_names import is_attribute, quoted

__all__ = ["Member", "members"]

INDENT = 8


@dataclass(frozen=True, slots=True)
class Member:
    """A unit that is a submodule, and what builds it; ``stateless``: nothing of it is stored."""

    unit: Unit
    built: Expression
    stateless: bool


@dataclass(slots=True)
class _Group:
    """Members below one word of a path."""

    inside: dict[str, _Group | Member] = field(default_factory=dict)


def members(
    found: list[Member], optional: str | None = None, condition: str | None = None
) -> tuple[list[str], dict[str, str]]:
    """Return the statements of ``__init__``, and what each unit's path is called in ``forward``.

    The ``optional`` unit is an nn.Identity unless the condition holds. Raises ExportError for a
    name that would hide an attribute of nn.Module.
    """
    top = _Group()
    for member in found:
        group = top
        *path, last = member.unit.path.split(".")
        for word in path:
            inner = group.inside.setdefault(word, _Group())
            assert isinstance(inner, _Group)  # no operator's name is also a module's
            group = inner
        group.inside[last] = member
    lines: list[str] = []
    names: dict[str, str] = {}
    for word, each in top.inside.items():
        _check(word, each)
        reference = f"self.{word}" if is_attribute(word) else f"self.get_submodule({quoted(word)})"
        built = _built(each)
        if isinstance(each, _Group) and (one := _same_for_all(each)) is not None:
            built = one
            names |= dict.fromkeys(_paths(each), reference)
        else:
            names |= _references(each, reference)
        if word == optional:
            lines.append(f"        self.{word}: nn.Module = nn.Identity()\n")
            lines.append(f"        if {condition}:\n")
            lines.append(f"            {lay_out(f'self.{word} = ', built, INDENT + 4)}\n")
        elif is_attribute(word):
            lines.append(f"        {lay_out(f'self.{word} = ', built, INDENT)}\n")
        else:
            adding = call("self.add_module", quoted(word), built)
            lines.append(f"        {lay_out('', adding, INDENT)}\n")
    return lines, names


def _built(each: _Group | Member) -> Expression:
    """Return what builds a member, or the container of a group."""
    if isinstance(each, Member):
        return each.built
    words, values = list(each.inside), [_built(inner) for inner in each.inside.values()]
    if words == [str(number) for number, _ in enumerate(words)]:
        if len(values) > 1 and all(value == values[0] for value in values):
            values = [Loop(values[0], f"for _ in range({len(values)})")]
        return call("nn.ModuleList", Brackets("[", tuple(values), "]"))
    if len(values) > 2 and all(value == values[0] for value in values):
        names = ", ".join(map(quoted, words))
        entries: tuple[Expression, ...] = (
            Loop(Keyword("name", values[0], ": "), f"for name in ({names})"),
        )
    else:
        pairs = zip(words, values, strict=True)
        entries = tuple(Keyword(quoted(word), value, ": ") for word, value in pairs)
    return call("nn.ModuleDict", Brackets("{", entries, "}"))


def _references(each: _Group | Member, name: str) -> dict[str, str]:
    """Return how to reach each unit of a member or group that is called ``name``."""
    if isinstance(each, Member):
        return {each.unit.path: name}
    numbered = list(each.inside) == [str(number) for number, _ in enumerate(each.inside)]
    found: dict[str, str] = {}
    for word, inner in each.inside.items():
        found |= _references(inner, f"{name}[{word if numbered else quoted(word)}]")
    return found


def _same_for_all(group: _Group) -> Expression | None:
    """Return the one layer that serves for all of a group: nothing is stored in it.

    Both GPUs of AlexNet have the same pools.
    """
    inside = [each for each in group.inside.values() if isinstance(each, Member) and each.stateless]
    if len(inside) < 2 or len(inside) < len(group.inside):
        return None
    return inside[0].built if all(each.built == inside[0].built for each in inside) else None


def _paths(group: _Group) -> list[str]:
    return [each.unit.path for each in group.inside.values() if isinstance(each, Member)]


def _check(word: str, each: _Group | Member, *, in_dict: bool = False) -> None:
    if hides(word, in_dict=in_dict):
        while isinstance(each, _Group):
            each = next(iter(each.inside.values()))
        raise ExportError(
            f"node '{each.unit.name}' cannot become a PyTorch submodule, because every "
            f"{'nn.ModuleDict' if in_dict else 'module'} already has an attribute '{word}'; "
            "rename the node."
        )
    if isinstance(each, _Group):
        for inner, inside in each.inside.items():
            _check(inner, inside, in_dict=True)
