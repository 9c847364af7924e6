"""A cycle of a graph, named in an error."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

__all__ = ["cycle_text"]

_SHOWN = 8
"""How many nodes of a cycle are named."""


def cycle_text(sources: Mapping[str, Iterable[str]], waiting: Mapping[str, int]) -> str:
    """Return a sentence that names a cycle, in time that grows with the graph only.

    ``waiting`` counts what each node still waits for when all that can run has run: one that waits
    has a source that waits, so going back from any ends on a cycle.
    """
    node = next(name for name, count in waiting.items() if count)
    place: dict[str, int] = {}
    while node not in place:
        place[node] = len(place)
        node = next(source for source in sources[node] if waiting[source])
    cycle = [node, *reversed(list(place)[place[node] + 1 :])]
    names = [*cycle, node]
    if len(names) > _SHOWN + 1:
        names = [*names[: _SHOWN - 1], f"… ({len(cycle):,} in all)", node]
    return f"the graph has a cycle: {' → '.join(names)}."
