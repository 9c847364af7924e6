"""What networks are looked up by: words, a year, what they are built with, sizes by decade."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from archgraph.architecture import architectures
from archgraph.graph import ArchGraph
from archgraph.metrics import Number
from archgraph.ops import Add, Concat, Conv2d
from archgraph.units import UNKNOWN, count_text

__all__ = ["Traits", "decades", "title_of", "traits_of"]

CHAIN = "a plain chain"


@dataclass(frozen=True, slots=True)
class Traits:
    """A network as people look for it; ``params`` and ``macs`` are None where unknown."""

    title: str
    words: str
    year: int | None
    built: tuple[str, ...]
    params: Number | None
    macs: Number | None


def title_of(net: ArchGraph) -> str:
    """Return the network's title for people: ``ResNet-50``."""
    return str(net.graph.get("title") or net.name)


def traits_of(net: ArchGraph) -> Traits:
    """Return a network's traits; its words are all that its name, title and paper say."""
    known = architectures().get(net.name)
    paper = net.graph.get("paper", {})
    year = (known and known.year) or paper.get("year")
    said = (
        net.name,
        title_of(net),
        net.graph.get("summary", ""),
        *(paper.get(key, "") for key in ("title", "authors", "venue")),
        year or "",
    )
    return Traits(
        title=title_of(net),
        words=" ".join(filter(None, map(str, said))).lower(),
        year=year if isinstance(year, int) else None,
        built=tuple(_built(net)),
        params=net.total("params"),
        macs=net.total("macs"),
    )


def _built(net: ArchGraph) -> Iterator[str]:
    """Yield what a network is built with, in words, as it runs at inference."""
    running = [name for name in net if not net.nodes[name].get("training_only")]
    ops = [net.op(name) for name in running]
    joins = [net.op(name) for name in running if net.in_degree(name) > 1]
    convs = [op for op in ops if isinstance(op, Conv2d)]
    wide = [op for op in convs if op.groups > 1]
    found = {
        CHAIN: running and not joins and len(net.sources) == 1,
        "sums (shortcuts)": any(isinstance(op, Add) for op in joins),
        "concatenation": any(isinstance(op, Concat) for op in joins),
        "attention": any(op.family == "attention" for op in ops),
        "recurrence": any(op.family == "recurrent" for op in ops),
        "grouped convolutions": any(op.groups < op.in_channels for op in wide),
        "depthwise convolutions": any(op.groups == op.in_channels for op in wide),
        "normalisation": any(op.family == "norm" for op in ops),
        "several devices": len({net.nodes[name]["device"] for name in running} - {None}) > 1,
    }
    return (words for words, so in found.items() if so)


def decades(values: Iterable[Number | None]) -> list[tuple[str, str]]:
    """Return the powers of ten that values lie between, as (what a script reads, words).

    A script reads ``low:high`` with low ≤ value < high; an empty text stands for unknown values.
    """
    found: set[int] = set()
    unknown = False
    for value in values:
        if value is None:
            unknown = True
        else:
            found.add(max(len(str(int(value))) - 1, 3))
    made = []
    for power in sorted(found):
        low, high = 10**power if power > 3 else 0, 10 ** (power + 1)
        words = f"{_round(low)} to {_round(high)}" if low else f"under {_round(high)}"
        made.append((f"{low}:{high}", words))
    return made + [("", UNKNOWN)] * unknown


def _round(value: int) -> str:
    """Return a power of ten: ``100 k``, ``1 M``."""
    return count_text(value).replace(".00", "").replace(".0", "")
