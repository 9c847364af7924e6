"""Tries archgraph on every Python that is here and writes the tables of docs/platforms.md.

``python -m bench.platforms`` takes all that ``PYTHONS="python3.12 /opt/python3.14"`` names, or one
of each release on the search path, with the newest packages; ``--lowest`` takes the oldest Python
with the oldest packages that pyproject allows. Neither writes the page where something failed.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

from packaging.utils import canonicalize_name
from packaging.version import Version

from bench.page import put
from bench.platforms.interpreters import found
from bench.platforms.requirements import EXTRAS, ROOT, RUNTIME, lowest
from bench.platforms.trying import Tried, tried
from tests.fresh import build

PAGE = ROOT / "docs" / "platforms.md"


def main(words: Sequence[str] | None = None) -> int:
    """Try what is asked for, print it, and write the page where all went well."""
    parser = argparse.ArgumentParser(prog="python -m bench.platforms")
    parser.add_argument("--lowest", action="store_true", help="the lowest versions, on the oldest")
    chosen = parser.parse_args(words)
    pythons = found()[:1] if chosen.lowest else found()
    pins = lowest(RUNTIME + EXTRAS) if chosen.lowest else []
    with tempfile.TemporaryDirectory() as made:
        files = build(Path(made))
        rows = [tried(python, files, Path(made), pins) for python in pythons]
    text = table(rows)
    print(text)
    if failed := [f"Python {row.python.version}: {each}" for row in rows for each in row.failed]:
        print("", *failed, sep="\n")
        return 1
    put(PAGE, "lowest" if chosen.lowest else "versions", text)
    return 0


def table(rows: Sequence[Tried]) -> str:
    """Return what was tried as a table, with the versions that were installed below it."""
    lines = [
        "| Python | with these extras' packages | commands | tests | failed |",
        "|---|---|---|---|---|",
        *(
            f"| {row.python.version} | {', '.join(row.extras) or 'none'} | {row.commands} "
            f"| {row.tests:,} | {len(row.failed)} |"
            for row in rows
        ),
    ]
    return "\n".join([*lines, "", f"Versions: {versions(rows)}."])


def versions(rows: Sequence[Tried]) -> str:
    """Return the versions that were installed of what pyproject asks for."""
    names = dict.fromkeys([*(each.name for each in RUNTIME + EXTRAS), "torch"])
    found = []
    for name in names:
        taken = {row.versions[key] for row in rows for key in row.versions if alike(key, name)}
        if taken:
            found.append(f"{name} {' and '.join(sorted(taken, key=Version))}")
    return ", ".join(found)


def alike(one: str, other: str) -> bool:
    """Return whether two names are of one distribution."""
    return canonicalize_name(one) == canonicalize_name(other)


if __name__ == "__main__":
    raise SystemExit(main())
