"""DOT: the view for people who want Graphviz itself, with the same labels and colours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from graphviz.quoting import NoHtml

from ..dress.worn import worn
from ..layout.box_text import label_lines
from ..look.colour import tone_of
from ..look.lines import edge_paint
from ..look.themes_worn import theme_named
from ..pages import Page, Writer
from ..text.widths import plain
from ..view import View

if TYPE_CHECKING:
    from graphviz import Digraph

__all__ = ["WRITER", "digraph", "write"]

_GRAPH = {"rankdir": "TB", "nodesep": "0.25", "ranksep": "0.3"}
_NODE = {"shape": "box", "style": "rounded,filled"}
_EDGE = {"arrowsize": "0.6", "color": "#5f6875"}
_CLUSTER = {"style": "rounded", "color": "#c9d0d9", "fontsize": "9", "labeljust": "l"}
"""Of a frame: its label stands on the left, beside what enters it in the middle."""


def write(pages: Sequence[Page]) -> bytes:
    """Return a view in the DOT language; the same view gives the same text."""
    source: str = digraph(pages[0]).source
    return source.encode()


def digraph(page: Page) -> Digraph:
    """Return the view of a page as a graph of the package ``graphviz``, to go on with."""
    from graphviz import Digraph

    view = page.view
    assert view is not None
    font = {"fontname": worn().font.core}
    graph = Digraph(
        _text(view.name),
        graph_attr=_GRAPH | font | {"splines": "true"},
        node_attr=_NODE | font | {"fontsize": "10", "margin": "0.12,0.05", "height": "0.2"},
        edge_attr=_EDGE,
    )
    members: dict[str, list[str]] = {}
    for key, node in view.nodes.items():
        frame = getattr(node, view.framed) if view.framed else None
        members.setdefault(frame or "", []).append(key)
    _add_nodes(graph, view, members.pop("", []))
    for number, (frame, keys) in enumerate(members.items()):
        attributes = _CLUSTER | {"label": _text(view.frame_label(frame))}
        with graph.subgraph(name=f"cluster_{number}", graph_attr=attributes) as cluster:
            _add_nodes(cluster, view, keys)
    for edge in view.edges:
        paint = edge_paint(edge.kind, theme_named("light"), 1.0)
        graph.edge(
            _Name(_text(edge.source)),
            _Name(_text(edge.target)),
            **{"class": None if edge.kind == "data" else edge.kind},
            color=paint.stroke,
            style="dashed" if paint.dash else None,
            tooltip=_text(edge.title),
        )
    return graph


def _add_nodes(graph: Digraph, view: View, keys: Sequence[str]) -> None:
    for key in keys:
        node = view.nodes[key]
        tone = tone_of(node)
        graph.node(
            _text(key),
            _text(*label_lines(node)),
            **{"class": _text(" ".join(filter(None, (node.kind, node.role))))},
            **({"shape": "circle", "margin": "0"} if node.form == "dot" else {}),
            fillcolor=tone.fill,
            color=tone.stroke,
            tooltip=_text(*node.title.splitlines()),
        )


def _text(*lines: str) -> NoHtml:
    """Return lines as one text in which nothing has a special meaning; quoting is the library's."""
    specials = str.maketrans({"\\": "\\\\", "&": "&amp;"})  # &lt; would become <
    return NoHtml("\\n".join(plain(line).translate(specials) for line in lines))


class _Name(NoHtml):  # type: ignore[misc]  # the library has no types
    """The name of an edge's end in which a colon is a colon: elsewhere a port follows it."""

    __slots__ = ()

    def partition(self, _: str) -> tuple[str, str, str]:
        """Return it whole."""
        return self, "", ""


WRITER = Writer(write, takes="view")
