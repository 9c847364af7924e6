"""The pages of metrics and of operators' formulas are what the code says.

``python tests/test_formula_pages.py`` writes their tables anew.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from one_of_each import networks

from archgraph.answers.explanation.node import Explanation, Formula, explain
from archgraph.graph import ArchGraph
from archgraph.metrics import STATIC_METRICS, Metric, metric_families, whole_metrics
from archgraph.ops.base import Reach
from archgraph.tensors import shape_text

DOCS = Path(__file__).parents[1] / "docs"

SUMS = {
    "sum": "sum",
    "max": "largest",
    "ratio": "ratio of the sums",
}
KEPT = {
    "nothing": "nothing",
    "input": "its input",
    "second": "its second input",
    "inputs": "its inputs",
    "others": "for each input the others",
    "output": "its output",
    "all": "inputs and output",
    "unknown": "unknown",
}
COSTS = {"params": "parameters", "macs": "MACs", "flops": "FLOPs", "lecture": "lecture"}
HOMES = {
    "archgraph.analysis": "[receptive fields](receptive-fields.md)",
    "archgraph.answers.footprint.metrics_of_memory": "[memory](memory.md)",
    "archgraph.answers.speed.speed_metrics": "[time](time.md)",
    "archgraph.answers.splitting.device_loads": "[devices](devices.md)",
}
"""The page that says more of what a module offers, and from where its formulas are."""


def row(*cells: str) -> str:
    return f"| {' | '.join(each.replace('|', '∣') for each in cells)} |"


# ---- metrics ----------------------------------------------------------------------------------


def metrics_table() -> str:
    """Return a line for each metric of ours, families last."""
    lines = [
        row("name", "title", "unit", "of several", "with the batch", "what it is", "more"),
        "|---|---|---|---|---|---|---|",
    ]
    static = [(each, "[formulas](operators.md), [counting](counting.md)") for each in ours()]
    lines += [_metric(each, more) for each, more in static]
    lines += [_metric(each, _home(each.compute or each.by_batch)) for each in whole()]
    for family in metric_families().values():
        home = getattr(family.make, "__module__", "")
        if home.startswith("archgraph."):
            what = family.description
            lines.append(row(f"`{family.pattern}`", "", "", "", "", what, _home(family.make)))
    return "\n".join(lines)


def ours() -> list[Metric]:
    return list(STATIC_METRICS.values())


def whole() -> list[Metric]:
    found = whole_metrics().values()
    return [each for each in found if _module(each.compute or each.by_batch) in HOMES]


def _module(function: object) -> str:
    function = getattr(function, "func", function)
    return getattr(function, "__module__", "")


def _home(function: object) -> str:
    return HOMES.get(_module(function), f"`{_module(function)}`")


def _metric(metric: Metric, more: str) -> str:
    grows = "its own way" if metric.by_batch else "times the batch" if metric.per_image else "same"
    unit = metric.unit or "numbers"
    name = f"`{metric.name}`"
    return row(name, metric.title, unit, SUMS[metric.reduce], grows, metric.description, more)


# ---- operators --------------------------------------------------------------------------------


def operators_table() -> str:
    """Return a line for each operator: its formulas on an example, as its code counts."""
    lines = [
        row("operator", "reads → gives", *(COSTS[each] for each in COSTS), "sees", "keeps"),
        "|---|---|---|---|---|---|---|---|",
    ]
    seen = set()
    for kind, net in networks():
        if kind in seen or kind.__name__.startswith("_"):
            continue
        seen.add(kind)
        lines.append(_operator(net, explain(net, "it")))
    return "\n".join(lines)


def _operator(net: ArchGraph, found: Explanation) -> str:
    costs = {each.name: each for each in found.costs}
    reads = ", ".join(shape_text(shape) if shape is not None else "?" for _, shape in found.reads)
    gives = shape_text(found.gives) if found.gives is not None else "?"
    op, source = net.op("it"), net.reads("it")
    shape = net.tensor(source[0], "it").shape if source else None
    sees = _sees(op.reach(shape, 0)) if shape else "–"
    cells = [_formula(costs[key]) for key in COSTS]
    settings = ", ".join(f"{key}={value}" for key, value in op.settings().items())
    name = f"`{op.kind}`" + (f" {settings}" if settings else "")
    return row(name, f"{reads or '–'} → {gives}", *cells, sees, KEPT[op.keeps])


def _formula(found: Formula) -> str:
    if found.value is None:
        return "unknown"
    return f"{found.text} = {found.value:,}" if found.text else f"{found.value:,}"


def _sees(reach: Reach | None) -> str:
    if reach is None:
        return "unknown"
    if reach.size is None:
        return "all"
    if not reach.stride:
        return f"{reach.size}, elsewhere"
    step = f"{reach.stride}/{reach.parts}" if reach.parts > 1 else str(reach.stride)
    return f"{reach.size}, step {step}"


TABLES = {
    ("metrics.md", "metrics"): metrics_table,
    ("operators.md", "examples"): operators_table,
}


def between(page: str, mark: str) -> tuple[str, str, str]:
    """Return a page's text before a table, the table, and the text behind it."""
    text = (DOCS / page).read_text(encoding="utf-8")
    before, start, rest = text.partition(
        f"<!-- {mark}: made by python tests/test_formula_pages.py -->\n\n"
    )
    table, end, behind = rest.partition(f"\n\n<!-- end of {mark} -->")
    assert start, f"{page} has no place for '{mark}'"
    assert end, f"{page} has no end of '{mark}'"
    return before + start, table, end + behind


@pytest.mark.parametrize(("page", "mark"), TABLES)
def test_the_page_is_what_the_code_says(page, mark):
    assert between(page, mark)[1] == TABLES[page, mark]()


def test_every_metric_of_ours_has_a_page_that_says_more():
    homes = [_home(each.compute or each.by_batch) for each in whole_metrics().values()]
    assert [home for home in homes if not home.startswith("[")] == []
    for home in HOMES.values():
        assert (DOCS / home.partition("(")[2].rstrip(")")).exists()


if __name__ == "__main__":
    for (page, mark), table in TABLES.items():
        before, _, behind = between(page, mark)
        (DOCS / page).write_text(before + table() + behind, encoding="utf-8")
