"""Runs every measurement and prints one table; also writes it to bench-results/."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from pathlib import Path

from archgraph.tables import Column, Table, render
from bench import costs, drawing, module_reading, onnx_export, onnx_reading, sweeping
from bench.rivals import sample
from bench.timing import Row

RESULTS = Path("bench-results")
COLUMNS = (
    Column("what", "What"),
    Column("unit", "In"),
    Column("archgraph", "archgraph", "number"),
    Column("other", "Other tool"),
    Column("theirs", "It", "number"),
    Column("ratio", "Ratio", "number"),
)


def measured() -> Iterator[Row]:
    """Yield every comparison as it is made."""
    for part in (costs, drawing, sample, onnx_export, onnx_reading, module_reading, sweeping):
        for row in part.rows():
            print(
                f"{row.what}: {row.ours:.3g} {row.unit}, "
                f"{row.other} {row.theirs:.3g} {row.unit}, {row.ratio:.2g} times as much",
                flush=True,
            )
            yield row


def main() -> None:
    """Measure, print, write."""
    rows = tuple(
        (
            row.what,
            row.unit,
            round(row.ours, 4),
            row.other,
            round(row.theirs, 3),
            round(row.ratio, 2),
        )
        for row in measured()
    )
    table = Table(
        title="archgraph against other tools",
        columns=COLUMNS,
        rows=rows,
        subtitle=f"Least time of several runs, Python {platform.python_version()}, "
        f"{platform.machine()}",
    )
    RESULTS.mkdir(exist_ok=True)
    for suffix, form in (("md", "markdown"), ("json", "json"), ("csv", "csv")):
        (RESULTS / f"bench.{suffix}").write_text(render(table, form), encoding="utf-8")
    print(f"\n{render(table, 'table')}\nalso in {RESULTS}/")


if __name__ == "__main__":
    main()
