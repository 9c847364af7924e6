"""The house can be read: each file is one idea, says it in its first line, and is not long."""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[1]
FILES = [
    file
    for folder in ("archgraph", "exporters", "gallery", "tests", "bench", "docs")
    for file in sorted((ROOT / folder).rglob("*.py"))
]
LONGEST = 450


def test_no_file_is_longer_than_a_reader_bears():
    lines = {file: file.read_text(encoding="utf-8").count("\n") for file in FILES}
    assert len(lines) > 300
    assert {file: n for file, n in lines.items() if n > LONGEST} == {}


def test_every_file_says_in_its_first_line_what_it_is():
    for file in FILES:
        first = (ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or "").split("\n")[
            0
        ]
        assert first.endswith((".", "…")), file


def test_no_file_is_called_after_nothing():
    for file in FILES:
        assert not re.search(r"util|helper|misc|common", file.stem), file


def test_each_name_of_a_file_stands_for_one_thing():
    """Rooms of the same kind may call the same thing alike; nothing else bears a name twice."""
    names = Counter(
        file.stem
        for file in FILES
        if file.parts[len(ROOT.parts)] in ("archgraph", "exporters", "gallery")
    )
    twice = {name for name, count in names.items() if count > 1 and name != "__init__"}
    assert twice <= ALIKE


ALIKE = {
    # A family of operators has a file wherever operators are defined, read or written.
    *("activations", "arithmetic", "attention", "indexing", "layer_norm", "layers", "moves"),
    *("recurrent", "reduce", "reductions", "resample", "base"),
    # What each importer or exporter does in its own way.
    *("naming", "network", "options", "registry", "stored"),
    # A command and what it calls.
    *("draw", "export", "listing"),
}
"""Words that several rooms use in the same sense."""
