"""What scripts and other packages may rely on, as a list: a change shows up as a difference.

``python tests/test_public_interface.py`` writes the list anew; docs/versions.md says what of it a
release may change.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path

import archgraph as ag
from archgraph import errors, ops, plugins
from archgraph.cli.app import parser
from archgraph.exporters import pictures
from archgraph.tables import cost_report
from archgraph.tables.cost_json import cost_record

ROOT = Path(__file__).parents[1]
STORED = ROOT / "tests" / "outputs" / "interface.txt"
PUBLIC = {"archgraph", "archgraph.errors", "archgraph.exporters.pictures", "archgraph.ops"}


def signature(thing: object) -> str:
    text = re.sub(r"<factory>|<function.*?>", "...", str(inspect.signature(thing)))
    return re.sub(r"archgraph(\.\w+)+\.", "", text)


def members(kind: type) -> Iterator[str]:
    """Yield the public methods and properties that a class of ours defines or inherits."""
    for name in sorted(dir(kind)):
        found = inspect.getattr_static(kind, name)
        home = next(each for each in kind.__mro__ if name in vars(each))
        if name.startswith("_") or not home.__module__.startswith("archgraph."):
            continue
        if isinstance(found, property):
            yield f"  .{name}"
        elif callable(getattr(kind, name)):
            yield f"  .{name}{signature(getattr(kind, name))}"


def names_of(module: object, names: list[str]) -> Iterator[str]:
    for name in sorted(names):
        thing = getattr(module, name)
        if not isinstance(thing, type):
            yield name + (signature(thing) if inspect.isroutine(thing) else "")
        elif issubclass(thing, Exception):
            yield f"{name}({thing.__bases__[0].__name__})"
        elif is_dataclass(thing):
            yield f"{name}({', '.join(each.name for each in fields(thing))})"
            yield from members(thing)
        else:
            # Of a class that is made as one of networkx is, the versions of networkx differ.
            ours = getattr(thing.__init__, "__module__", "").startswith("archgraph.")
            yield name + (signature(thing) if ours else "")
            yield from members(thing)


def operators() -> Iterator[str]:
    ops.load_all()
    for name, kind in sorted(ops.OPS.items()):
        if kind.__module__.startswith("archgraph."):
            yield f"{name}{signature(kind)}"


def commands() -> Iterator[str]:
    (found,) = (each for each in parser()._actions if each.metavar == "COMMAND")
    for name, command in found.choices.items():
        if command.fill is not None:
            command.fill(command)
        words = [each.option_strings[-1] for each in command._actions if each.option_strings]
        yield f"{name} {' '.join(sorted(words))}"


def keys() -> Iterator[str]:
    record = cost_record(cost_report(ag.load("alexnet_two_gpu"), by="block"))
    yield f"whole: {', '.join(record)}"
    yield f"node: {', '.join(record['nodes'][0])}"
    yield f"group: {', '.join(record['groups'][0])}"


def interface() -> str:
    parts = {
        "archgraph": names_of(ag, list(ag.__all__)),
        "archgraph.errors": names_of(errors, list(errors.__all__)),
        "archgraph.ops.Op": members(ops.Op),
        "archgraph.ops": operators(),
        "archgraph.exporters.pictures": names_of(pictures, list(pictures.__all__)),
        "commands": commands(),
        "cost --format json": keys(),
        "entry points": re.findall(r"^``(archgraph\.\w+)``", plugins.__doc__ or "", re.M),
    }
    return "\n\n".join("\n".join([f"# {head}", *lines]) for head, lines in parts.items()) + "\n"


def test_the_public_interface_is_the_one_that_is_listed():
    assert interface() == STORED.read_text(encoding="utf-8")


def test_each_package_says_whether_it_is_public():
    for folder, name in {"archgraph": "archgraph", "exporters": "archgraph.exporters"}.items():
        for file in (ROOT / folder).rglob("__init__.py"):
            package = ".".join([name, *file.parent.relative_to(ROOT / folder).parts])
            said = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
            assert ("Public" in said) == (package in PUBLIC), package
            assert ("(private)." in said.partition("\n")[0]) == (package not in PUBLIC), package


def test_the_rule_for_versions_names_what_is_public():
    text = (ROOT / "docs" / "versions.md").read_text(encoding="utf-8")
    for name in PUBLIC - {"archgraph"}:
        assert f"`{name}`" in text


def test_every_group_of_entry_points_is_explained():
    listed = set(re.findall(r"^``archgraph\.(\w+)``", plugins.__doc__ or "", re.M))
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    used = set(re.findall(r'^\[project\.entry-points\."archgraph\.(\w+)"\]', project, re.M))
    assert used <= listed
    source = "".join(
        file.read_text(encoding="utf-8")
        for folder in ("archgraph", "exporters")
        for file in (ROOT / folder).rglob("*.py")
    )
    asked = re.findall(r"\b(?:offers|loaded|function|origin_of)\(\s*\"(\w+)\"", source)
    asked += re.findall(r"offered_for\(.*?, \"(\w+)\"\)", source)
    assert set(asked) <= listed


if __name__ == "__main__":
    STORED.write_text(interface(), encoding="utf-8")
