"""A difference in sentences for a terminal: what is alike is said once, with how many it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from textwrap import wrap

from archgraph.difference.findings import Change, Findings
from archgraph.difference.renamings import renamings
from archgraph.difference.setting_text import exact_change, setting_text, shape_change
from archgraph.graph import ArchGraph
from archgraph.metrics import STATIC_METRICS
from archgraph.ops import Op
from archgraph.tables.operator_text import operator_text
from archgraph.tables.table import Cell, Column, Table, total_cell
from archgraph.tables.terminal import terminal
from archgraph.units import listed_names

__all__ = ["alike", "called", "in_words", "said", "totals_table"]

WIDE = 100
"""After how many columns a line is broken."""

NAMES = 4
"""How many names a sentence lists; a table has them all."""


def in_words(difference: Findings) -> str:
    """Return the difference as text, ending with a line break."""
    if difference.isomorphic:
        first, *renamed = alike(difference)
        return "\n".join([first, *(part for line in renamed for part in _wrapped(line)), ""])
    lines = [" → ".join(called(difference)), ""]
    for head, told in said(difference):
        lines += [head, *(part for line in told for part in _wrapped(line)), ""]
    return "\n".join([*lines, terminal(totals_table(difference))])


def called(difference: Findings) -> tuple[str, str]:
    """Return what the networks are called, also where both are called the same."""
    one, two = difference.first, difference.second
    if one.name == two.name:
        return f"{one.name} (first)", f"{two.name} (second)"
    return one.name, two.name


def alike(difference: Findings) -> list[str]:
    """Return sentences on networks that are the same, but maybe for names, not yet wrapped."""
    one, two = difference.first.name, difference.second.name
    same = f"the same {_operators(len(difference.pairs))} with the same settings, shapes and edges"
    if difference.equal:
        return [f"{one} and {two} are equal: {same}, under the same names."]
    return [
        f"{one} and {two} are equal but for names: {same}.",
        *renamings(difference.renamed),
    ]


def said(difference: Findings) -> list[tuple[str, list[str]]]:
    """Return what differs, kind by kind: a heading, and sentences that are not yet wrapped."""
    return [(head, told) for head, told in _sections(difference) if told]


def _sections(difference: Findings) -> Iterator[tuple[str, list[str]]]:
    one, two = difference.first, difference.second

    def head(word: str, names: Sequence[object]) -> str:
        return f"{word}: {_operators(len(names))}"

    count = len(difference.inputs)
    yield f"Input{'s' * (count != 1)} changed", _changes(difference.inputs, one, named=False)
    yield head("Removed", difference.removed), _grouped(one, difference.removed)
    yield head("Added", difference.added), _grouped(two, difference.added)
    yield head("Replaced", difference.replaced), _changes(difference.replaced, one, named=False)
    yield head("Other settings", difference.changed), _changes(difference.changed, one)
    yield head("Other widths", difference.resized), _changes(difference.resized, one)
    yield head("Other element types", difference.retyped), _types(difference.retyped)
    yield head("Stored tensors shared otherwise", difference.shared), _shared(difference.shared)
    yield head("Read from elsewhere", difference.rewired), _changes(difference.rewired, one)
    if difference.outputs:
        before, after = (", ".join(names) or "nothing" for names in difference.outputs)
        yield "Returned", [f"{before} → {after}"]
    yield head("Other output shapes follow from this", difference.following), _follow(difference)
    yield head("Renamed", difference.renamed), renamings(difference.renamed)


def _wrapped(line: str) -> list[str]:
    return wrap(
        line,
        WIDE,
        initial_indent="  ",
        subsequent_indent="    ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def _operators(count: int) -> str:
    return f"{count:,} operator{'s' * (count != 1)}"


# ---- added and removed ----------------------------------------------------------------------


def _grouped(net: ArchGraph, names: Sequence[str]) -> list[str]:
    """Return a line for whole modules that hold the same, then for each sort of operator."""
    groups: dict[str, list[str]] = {}
    whole = _whole_modules(net, names)
    for name in names:
        groups.setdefault(whole.get(name, name), []).append(name)
    alike: dict[tuple[str, ...], list[str]] = {}
    for path, members in groups.items():
        alike.setdefault(_holds(net, members, path), []).append(path)
    lines = []
    for held, paths in sorted(alike.items(), key=lambda each: -len(each[1])):
        one, *more = held
        if more or paths[0] not in net:
            what = " each" if len(paths) > 1 else ""
            lines.append(f"{listed_names(paths, NAMES)}: {', '.join(held)}{what}")
        else:
            count = f"{len(paths):,} × " if len(paths) > 1 else ""
            lines.append(f"{count}{one}: {listed_names(paths, NAMES)}")
    return lines


def _holds(net: ArchGraph, members: Sequence[str], path: str) -> tuple[str, ...]:
    """Return what a group holds in words, each with how many of it."""
    counts = Counter(operator_text(net.op(name)) for name in members)
    if members == [path]:
        return tuple(counts)
    return tuple(f"{count} × {text}" if count > 1 else text for text, count in counts.items())


def _whole_modules(net: ArchGraph, names: Sequence[str]) -> dict[str, str]:
    """Return for each name the outermost module of which all operators are among the names."""
    sizes = Counter(path for name in net for path in _around(name))
    among = Counter(path for name in names for path in _around(name))
    found = {}
    for name in names:
        for path in _around(name):
            if sizes[path] == among[path] > 1:
                found[name] = path
                break
    return found


def _around(name: str) -> list[str]:
    """Return the modules around a node, the outermost first."""
    words = name.split(".")
    return [".".join(words[:count]) for count in range(1, len(words))]


# ---- changes --------------------------------------------------------------------------------


def _changes(changes: Sequence[Change], net: ArchGraph, *, named: bool = True) -> list[str]:
    """Return a line for each sort of change, with the names that the second network has."""

    def told(change: Change) -> str:
        text = ", ".join(map(setting_text, change.settings))
        op: Op = net.op(change.before)
        return f"{operator_text(op)}: {text}" if named else text

    return _lines(changes, told)


def _types(changes: Sequence[Change]) -> list[str]:
    return _lines(changes, lambda change: ", ".join(map(setting_text, change.settings)))


def _shared(changes: Sequence[Change]) -> list[str]:
    def told(change: Change) -> str:
        ((_, before, after),) = change.settings
        return "with others" if before and after else "now" if after else "no longer"

    return _lines(changes, told)


def _lines(changes: Sequence[Change], told: Callable[[Change], str]) -> list[str]:
    groups: dict[str, list[str]] = {}
    for change in changes:
        groups.setdefault(told(change), []).append(change.after)
    return [
        f"{text}  ({f'{len(names):,} × ' if len(names) > 1 else ''}{listed_names(names, NAMES)})"
        for text, names in sorted(groups.items(), key=lambda group: -len(group[1]))
    ]


def _follow(difference: Findings) -> list[str]:
    """Return the shapes that follow, each once."""
    counts = Counter(
        shape_change(setting) for change in difference.following for setting in change.settings
    )
    most = [f"{text} ({count:,} ×)" for text, count in counts.most_common(NAMES)]
    left = len(counts) - len(most)
    return [*most, *([f"and {left:,} more"] if left else [])]


# ---- totals ---------------------------------------------------------------------------------


def totals_table(difference: Findings) -> Table:
    """Return the totals of both networks, and what lies between them."""
    names = called(difference)
    columns = (
        Column("metric", "One image, inference"),
        Column("before", names[0], "number"),
        Column("after", names[1], "number"),
        Column("change", "Change", "number"),
    )
    rows: list[tuple[Cell, ...]] = []
    for key, totals in difference.totals.items():
        metric = STATIC_METRICS[key]
        title = f"{metric.title} ({metric.unit})" if metric.unit == "B" else metric.title
        both = [
            total_cell(metric, [value for _, value in net.values(key)])
            for net in (difference.first, difference.second)
        ]
        rows.append((title, *both, exact_change(*totals)))
    count = len(difference.first), len(difference.second)
    rows.append(("Operators", *count, exact_change(*count)))
    return Table("", columns, tuple(rows))
