"""Mermaid: the view as a flowchart that Markdown on GitHub, GitLab and in notebooks draws."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ..layout.box_text import label_lines
from ..look.colour import tone_of
from ..look.theme import Tone
from ..pages import Page, Writer
from ..text.widths import plain
from ..view import View, ViewNode

__all__ = ["WRITER", "write"]

_SPECIAL = {
    **{char: f"#{ord(char)};" for char in '"#<>&`\\|{}[]()'},
    ";": "#59;",
    "%": "#37;",
    "*": "#42;",  # Markdown is read in labels, too
    "_": "#95;",
    "~": "#126;",
    ":": "#58;",  # fa:fa-x is an icon
    "$": "#36;",  # $$ begins a formula
    "@": "#64;",
}
"""What Mermaid would read as its own; it knows characters by their numbers."""

_BOX, _PILL, _CIRCLE = ("[", "]"), ("([", "])"), ("((", "))")
_LINES = {
    "shortcut": "-.->",
    "projection": "-.->",
    "padding": "-.->",
    "auxiliary": "-.->",
    "crossing": "==>",
    "loop": "==>",
}


_CONFIG = """\
config:
  flowchart:
    wrappingWidth: 400
    subGraphTitleMargin:
      top: 2
      bottom: 14"""
"""Room for the lines of a box as they are, and for a frame's title above what it holds."""


def write(pages: Sequence[Page]) -> bytes:
    """Return a view in the language of Mermaid; the same view gives the same text."""
    page = pages[0]
    assert page.view is not None
    return ("\n".join(_lines(page.view, page.drawing.title)) + "\n").encode()


def _lines(view: View, title: str) -> Iterator[str]:
    ids = {key: f"n{number}" for number, key in enumerate(view.nodes)}
    yield f'---\ntitle: "{_title(title)}"\n{_CONFIG}\n---\nflowchart TB'
    frames: dict[str, list[str]] = {}
    for key, node in view.nodes.items():
        frame = getattr(node, view.framed) if view.framed else None
        frames.setdefault(frame or "", []).append(key)
    for frame, keys in frames.items():
        boxes = [f"{ids[key]}{_box(view.nodes[key])}" for key in keys]
        if not frame or (len(keys) == 1 and view.repeats.get(frame, 1) == 1):
            yield from (f"  {box}" for box in boxes)
            continue
        yield f'  subgraph g{ids[keys[0]]}["{_text(view.frame_label(frame))}"]'
        yield from (f"    {box}" for box in boxes)
        yield "  end"
        yield f"  style g{ids[keys[0]]} fill:none,stroke:#9aa4b1"
    for edge in view.edges:
        yield f"  {ids[edge.source]} {_LINES.get(edge.kind, '-->')} {ids[edge.target]}"
    yield from _classes(view, ids)


def _box(node: ViewNode) -> str:
    begin, end = _CIRCLE if node.form == "dot" else _BOX
    if node.kind in ("input", "output"):
        begin, end = _PILL
    return f'{begin}"{"<br/>".join(map(_text, label_lines(node)))}"{end}'


def _classes(view: View, ids: Mapping[str, str]) -> Iterator[str]:
    """Yield a class for each pair of colours, and which boxes are of it."""
    tones: dict[tuple[str, str, str], list[str]] = {}
    for key, node in view.nodes.items():
        tone: Tone = tone_of(node)
        tones.setdefault((tone.fill, tone.stroke, tone.text), []).append(ids[key])
    for number, ((fill, stroke, text), members) in enumerate(tones.items()):
        yield f"  classDef c{number} fill:{fill},stroke:{stroke},color:{text}"
        yield f"  class {','.join(members)} c{number}"


def _text(line: str) -> str:
    return "".join(_SPECIAL.get(char, char) for char in plain(line))


def _title(line: str) -> str:
    """Return a title as a YAML text, of characters that are none of Mermaid's."""
    return plain(line).translate(str.maketrans('"\\<>', "'/‹›"))


WRITER = Writer(write, takes="cut")
