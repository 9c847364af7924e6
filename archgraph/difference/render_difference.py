"""A difference in any format: in words, as a table of one row per difference, or as JSON."""

from __future__ import annotations

import json
from typing import Any

from archgraph.difference.findings import Change, Findings
from archgraph.difference.in_words import in_words
from archgraph.difference.setting_text import plain, setting_text
from archgraph.errors import FormatError
from archgraph.metrics import STATIC_METRICS
from archgraph.nearest import nearest
from archgraph.tables.operator_text import operator_text
from archgraph.tables.render import FORMATS, render
from archgraph.tables.table import Cell, Column, Table

__all__ = ["difference_record", "difference_table", "render_difference"]

KINDS = {
    "inputs": "input",
    "replaced": "replaced",
    "changed": "changed",
    "resized": "resized",
    "retyped": "retyped",
    "shared": "shared",
    "rewired": "rewired",
    "following": "follows",
}
"""What a row of each list of changes is called."""

COLUMNS = (
    Column("difference", "Difference"),
    Column("before", "Before"),
    Column("after", "After"),
    Column("op", "Operator"),
    Column("what", "What"),
    Column("params", "Parameters", "number"),
    Column("macs", "MACs", "number"),
)


def render_difference(difference: Findings, format: str) -> str:
    """Return the difference as text; FormatError names the formats there are."""
    if format == "words":
        return in_words(difference)
    if format == "json":
        return json.dumps(difference_record(difference), indent=1, ensure_ascii=False) + "\n"
    if format not in FORMATS:
        raise FormatError(
            f"there is no format '{format}'{nearest(format, ('words', *FORMATS))}; "
            f"there are words, {', '.join(FORMATS)}."
        )
    return render(difference_table(difference), format)


def difference_table(difference: Findings) -> Table:
    """Return one row per difference; costs are what the second network has more of."""
    one, two = difference.first, difference.second

    def costs(before: str, after: str) -> list[Cell]:
        found: list[Cell] = []
        for metric in ("params", "macs"):
            values = [
                net.nodes[name][metric] if name else 0
                for net, name in ((one, before), (two, after))
            ]
            unknown = None in values
            found.append(None if unknown else values[1] - values[0])
        return found

    rows: list[tuple[Cell, ...]] = [
        ("removed", name, "", operator_text(one.op(name)), "", *costs(name, ""))
        for name in difference.removed
    ]
    rows += [
        ("added", "", name, operator_text(two.op(name)), "", *costs("", name))
        for name in difference.added
    ]
    for key, word in KINDS.items():
        for change in getattr(difference, key):
            what = ", ".join(map(setting_text, change.settings))
            again = key in ("retyped", "shared", "rewired")
            pair = change.before, change.after
            cells: list[Cell] = ["", ""] if again else costs(*pair)
            rows.append((word, *pair, operator_text(one.op(pair[0])), what, *cells))
    for before, after in difference.renamed:
        rows.append(("renamed", before, after, operator_text(one.op(before)), "", "", ""))
    if difference.outputs:
        before, after = (", ".join(names) for names in difference.outputs)
        rows.append(("outputs", before, after, "", "", "", ""))
    title = f"{one.name} → {two.name}"
    if difference.equal:
        return Table(title, COLUMNS, (), notes=(in_words(difference).strip(),))
    return Table(title, COLUMNS, tuple(rows), subtitle="Parameters and MACs: what was added")


def difference_record(difference: Findings) -> dict[str, Any]:
    """Return the difference as plain values; names are as in the fields of Difference."""

    def changes(listed: tuple[Change, ...]) -> list[dict[str, Any]]:
        return [
            {
                "before": change.before,
                "after": change.after,
                "settings": {
                    each.name: [plain(each.before), plain(each.after)] for each in change.settings
                },
            }
            for change in listed
        ]

    one, two = difference.first, difference.second
    return {
        "first": one.name,
        "second": two.name,
        "equal": difference.equal,
        "isomorphic": difference.isomorphic,
        "totals": {
            key: {"before": before, "after": after}
            for key, (before, after) in difference.totals.items()
            if key in STATIC_METRICS
        },
        "added": [{"name": name, "op": two.op(name).kind} for name in difference.added],
        "removed": [{"name": name, "op": one.op(name).kind} for name in difference.removed],
        **{key: changes(getattr(difference, key)) for key in KINDS},
        "renamed": [list(pair) for pair in difference.renamed],
        "outputs": None if difference.outputs is None else list(map(list, difference.outputs)),
        "pairs": dict(difference.pairs),
    }
