"""The docstring of the written file: what the network is, its paper, its totals."""

from __future__ import annotations

from archgraph.graph import ArchGraph
from archgraph.ops import shape_text
from archgraph.units import exact_text

from .python_names import docstring

__all__ = ["described"]


_LINKS = (("doi", "doi"), ("arxiv", "arXiv"))


def described(net: ArchGraph) -> str:
    """Return the file's docstring; whatever the graph says in it stays text."""
    title, summary = str(net.graph.get("title") or net.name), net.graph.get("summary")
    heading = f"{title} ({summary})." if summary else f"{title}."
    return docstring(heading, _paper(net), _totals(net))


def _paper(net: ArchGraph) -> str:
    paper = net.graph.get("paper")
    if not isinstance(paper, dict):
        return ""
    authors, title = paper.get("authors"), paper.get("title")
    cited = ": ".join(str(part) for part in (authors, title) if part)
    venue = paper.get("venue") or paper.get("year")
    places = [venue if venue != "arXiv" else None]
    places += [f"{kind}:{paper[key]}" for key, kind in _LINKS if paper.get(key)]
    return ". ".join(part for part in (cited, ", ".join(str(p) for p in places if p)) if part) + "."


def _totals(net: ArchGraph) -> str:
    inputs = " and ".join(shape_text(net.nodes[name]["shape"]) for name in net.sources)
    params, macs = net.total("params"), net.total("macs")
    training = net.total("params", training=True)
    heads = f" ({exact_text(training)} with what only training uses)" if training != params else ""
    placed = {device for _, device in net.nodes(data="device") if device is not None}
    text = (
        f"Input {inputs}; {exact_text(params)} parameters{heads}, {exact_text(macs)} multiply-adds "
        "for one image."
    )
    if len(placed) > 1:
        text += f" Drawn up for {len(placed)} devices; this module computes it all on one."
    return text
