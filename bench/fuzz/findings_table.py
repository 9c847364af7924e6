"""The table of a run: how many cases of each kind of file ended how."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

__all__ = ["WORDS", "findings_table"]

WORDS = {
    "done": "done",
    "refused": "refused in one line",
    "traceback": "traceback",
    "crash": "crash",
    "timeout": "over 10 s",
    "memory": "over 1 GiB",
    "opened": "other file opened",
    "ran": "code run",
    "half-written": "half-written",
    "lost": "nothing written",
    "litter": "litter",
    "garbled": "garbled",
    "silent": "nothing said",
    "malformed": "malformed",
}
"""What each verdict is called in the table."""


def findings_table(seed: str, rows: Sequence[dict[str, Any]]) -> str:
    """Return a table in Markdown, a row for each kind of file."""
    suffixes = sorted({row["suffix"] for row in rows})
    always = list(WORDS)[:8]
    words = [*always, *(w for w in WORDS if w not in always and any(r["word"] == w for r in rows))]
    lines = [
        f"| seed {seed} | cases | " + " | ".join(WORDS[word] for word in words)
        + " | slowest, s | largest, MiB |",
        "|---|" + "---:|" * (len(words) + 3),
    ]  # fmt: skip
    for suffix in [*suffixes, None]:
        these = [row for row in rows if suffix in (None, row["suffix"])]
        counts = Counter(row["word"] for row in these)
        slowest = max(row["seconds"] for row in these)
        largest = max(row["memory"] for row in these) / 2**20
        name = "all" if suffix is None else f".{suffix}"
        cells = [f"{len(these):,}", *(f"{counts[word]:,}" for word in words)]
        lines.append(f"| {name} | {' | '.join(cells)} | {slowest:.1f} | {largest:.0f} |")
    return "\n".join(lines)
