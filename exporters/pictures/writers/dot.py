"""DOT: the view for people who want Graphviz itself, with the same labels and colours."""

from __future__ import annotations

from ..layout.box_text import lines
from ..look.colour import tone_name
from ..look.lines import edge_paint
from ..look.theme import THEMES, Theme
from ..text.widths import plain
from ..view import View

__all__ = ["write"]


def write(view: View) -> str:
    """Return a view in the DOT language; the same view gives the same text."""
    theme = THEMES["light"]
    lines = [
        f"digraph {_quoted(view.name)} {{",
        '  graph [rankdir=TB, nodesep=0.25, ranksep=0.3, fontname="Helvetica", splines=true];',
        '  node [shape=box, style="rounded,filled", fontname="Helvetica", fontsize=10, '
        'margin="0.12,0.05", height=0.2];',
        '  edge [arrowsize=0.6, color="#5f6875"];',
    ]
    members: dict[str, list[str]] = {}
    group = {"block": "stage", "layer": "block"}.get(view.level)
    for key, node in view.nodes.items():
        frame = getattr(node, group) if group else None
        members.setdefault(frame or "", []).append(key)
    lines += [_node(view, key, theme) for key in members.pop("", [])]
    for number, (frame, keys) in enumerate(members.items()):
        count = view.repeats.get(frame, 1)
        label = view.groups.get(frame, frame) + (f" × {count}" if count > 1 else "")
        lines.append(f"  subgraph cluster_{number} {{")
        lines.append(f'    label={_quoted(label)}; style="rounded"; color="#c9d0d9"; fontsize=9;')
        lines += ["  " + _node(view, key, theme) for key in keys]
        lines.append("  }")
    for edge in view.edges:
        paint = edge_paint(edge.kind, theme, 1.0)
        style = ", style=dashed" if paint.dash else ""
        classes = f'class="{edge.kind}", ' if edge.kind != "data" else ""
        lines.append(
            f"  {_quoted(edge.source)} -> {_quoted(edge.target)} "
            f'[{classes}color="{paint.stroke}"{style}, tooltip={_quoted(edge.title)}];'
        )
    return "\n".join([*lines, "}", ""])


def _node(view: View, key: str, theme: Theme) -> str:
    node = view.nodes[key]
    tone = theme.tone(tone_name(node))
    shape = ", shape=circle, margin=0" if node.form == "dot" else ""
    tooltip = _quoted(*node.title.splitlines())
    classes = " ".join([node.kind, *([node.role] if node.role else [])])
    return (
        f"  {_quoted(key)} [label={_quoted(*lines(node))}, class={_quoted(classes)}, "
        f'fillcolor="{tone.fill}", color="{tone.stroke}"{shape}, tooltip={tooltip}];'
    )


def _quoted(*lines: str) -> str:
    """Return lines as one quoted DOT string in which nothing has a special meaning."""
    specials = str.maketrans({"\\": "\\\\", '"': '\\"', "&": "&amp;"})  # &lt; would become <
    return '"' + "\\n".join(plain(line).translate(specials) for line in lines) + '"'
