"""draw: a network into a picture file, at the level of detail that the canvas can hold."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

from archgraph.errors import ArchGraphError, DrawError
from archgraph.files import write_bytes, write_text
from archgraph.graph import ArchGraph
from archgraph.ops import shape_text
from archgraph.options import written
from archgraph.units import count_text

from .choices import CANVASES, Choices
from .compose import compose, room
from .drawing import Drawing
from .layout.box_text import ROOMS, narrowed
from .layout.lanes import has_lanes
from .layout.scene import Scene
from .layout.search import BOTH, Canvas, lay_out
from .look.colour import colouring
from .look.theme import theme as theme_named
from .view import LEVELS, View, build_view

__all__ = ["PAGED", "draw", "drawings", "volumes", "write"]

_BINARY = ("pdf", "png", "pptx", "tex")
"""The formats whose writers stand in modules of their name and give bytes."""

PAGED = ("pdf", "pptx", "tex")
"""The formats that can spread a picture over several pages."""


def draw(net: ArchGraph | Sequence[ArchGraph], path: str | Path, **options: Any) -> Path:
    """Draw a network into a file whose suffix says the format; return the path.

    ``options`` are the fields of ``Choices``. Text is never smaller than 9 pt for labels and 7 pt
    for the rest: where a level does not fit, ``.pdf``, ``.pptx`` and ``.tex`` get several pages,
    and a single picture shows the next coarser level and says so. Raises DrawError, or
    UnknownNameError for an option that there is not.
    """
    target = Path(path)
    suffix = target.suffix.lstrip(".").lower()
    nets = [net] if isinstance(net, ArchGraph) else list(net)
    if not nets:
        raise DrawError("a picture needs at least one network.")
    choices = Choices.of(options).settled(nets)
    _check(nets, choices, suffix)
    if choices.style == "volumes":
        return write(_volumes(nets[0], choices), target)
    if len(nets) > 1:
        from .together import drawings as together

        return write(together(nets, choices), target)
    if suffix == "dot":
        from .writers.dot import write as write_dot

        view = build_view(nets[0], choices.level, facts=choices.facts, opened=choices.open)
        return write_text(target, write_dot(view))
    if suffix == "html":
        return write_text(target, _page(nets[0], choices))
    return write(_drawings(nets[0], choices, pages=suffix in PAGED), target)


def _check(nets: Sequence[ArchGraph], choices: Choices, suffix: str) -> None:
    """Refuse what cannot go together."""
    several, one_only = len(nets) > 1, suffix in ("dot", "html")
    if choices.open and (choices.style == "volumes" or several):
        what = "volumes" if choices.style == "volumes" else "several networks"
        raise DrawError(f"'{', '.join(choices.open)}' cannot be opened in a picture of {what}.")
    if choices.style == "volumes" and (several or one_only):
        what = "several networks" if several else f"a .{suffix} file"
        raise DrawError(f"{what} cannot show volumes; use {written('style', 'layout')}.")
    if several and one_only:
        raise DrawError(f"a .{suffix} file shows one network; use .svg, .pdf, .png or .pptx.")


def write(pages: Sequence[Drawing], target: Path) -> Path:
    """Write drawings in the format that the suffix says."""
    suffix = target.suffix.lstrip(".").lower()
    if suffix == "svg":
        from .writers.svg import write as write_svg

        return write_text(target, write_svg(pages[0]))
    if suffix not in _BINARY:
        raise DrawError(f"pictures cannot be written as '.{suffix}'; use .svg, .pdf, .png, .pptx.")
    writer = import_module(f".writers.{suffix}", __package__)
    content: bytes = writer.write(pages)
    return write_bytes(target, content)


def drawings(net: ArchGraph, *, pages: bool = True, **options: Any) -> list[Drawing]:
    """Return the pages of a picture; with ``pages`` false exactly one, of a level that fits."""
    return _drawings(net, Choices.of(options).settled([net]), pages=pages)


def volumes(net: ArchGraph, **options: Any) -> list[Drawing]:
    """Return the one page that shows a network as volumes in perspective."""
    return _volumes(net, Choices.of(options).settled([net]))


def _drawings(net: ArchGraph, choices: Choices, *, pages: bool) -> list[Drawing]:
    colours = theme_named(choices.theme)
    size = CANVASES[choices.fit]
    canvas = Canvas(None, None) if size is None else Canvas(*room(*size))
    view, scenes = _shown(net, choices, canvas, pages)
    found = colouring(net, view, choices.color, colours, scale=choices.scale)
    title = str(net.graph.get("title") or net.name)
    return [
        compose(
            view,
            scene,
            found,
            colours,
            size=size,
            title=title,
            subtitle=_subtitle(net),
            page=(number, len(scenes)),
            notes=_notes(net),
        )
        for number, scene in enumerate(scenes, 1)
    ]


def _volumes(net: ArchGraph, choices: Choices) -> list[Drawing]:
    from .volumes import drawings as made

    return made(
        net,
        choices,
        title=str(net.graph.get("title") or net.name),
        subtitle=_subtitle(net),
        notes=_notes(net),
    )


def _page(net: ArchGraph, choices: Choices) -> str:
    """Return the interactive page, whose pictures are as large as they need to be."""
    from .writers.html import write as write_page
    from .writers.svg import write as write_svg

    colours, color = theme_named(choices.theme), choices.color
    if color != "op" and color not in net.metrics:
        colouring(net, build_view(net, choices.level), color, colours)  # refuses what there is not

    runs_down: dict[str, bool] = {}

    def render(part: ArchGraph, level: str, opened: Sequence[str]) -> tuple[View, str]:
        # What opens in its place leaves the flow of the rest as it was.
        ways = (runs_down[level],) if opened else BOTH
        asked = replace(choices, level=level, open=tuple(opened))
        view, scenes = _shown(part, asked, Canvas(None, None), False, ways)
        if part is net and not opened:
            runs_down[level] = scenes[0].down
        title = str(part.graph.get("title") or part.name)
        placed = any(node.device is not None for node in view.nodes.values())
        found = colouring(part, view, "device" if color == "device" and placed else "op", colours)
        drawing = compose(
            view, scenes[0], found, colours, size=None, title=title, subtitle=_subtitle(part)
        )
        return view, write_svg(drawing)

    return write_page(net, render, choices)


def _shown(
    net: ArchGraph,
    choices: Choices,
    canvas: Canvas,
    pages: bool,
    directions: Sequence[bool] = BOTH,
) -> tuple[View, list[Scene]]:
    """Return the view and its scenes at the finest level, from the asked one up, that fits."""
    level, opened = choices.level, choices.open
    # What is to be opened is there at one level only.
    coarsest = LEVELS.index(level) if opened else 0
    view = build_view(net, level)
    for coarser in reversed(LEVELS[coarsest : LEVELS.index(level) + 1]):
        view = build_view(net, coarser, facts=choices.facts, opened=opened)
        view, scenes = _laid_out(view, canvas, pages, directions)
        if scenes is not None:
            if coarser != level:
                where = "the pages" if pages else "one page"
                more = "" if pages else " (.pdf and .pptx can hold several pages)"
                warnings.warn(
                    f"'{net.name}' at {level} level does not fit on {where} in readable text; "
                    f"drawn at {coarser} level{more}.",
                    stacklevel=4,
                )
            return view, scenes
    raise _unfit(net, view, opened, pages)


def _unfit(net: ArchGraph, view: View, opened: Sequence[str], pages: bool) -> DrawError:
    """Return the error for what fits at no level, with what would help."""
    free, names = written("fit", "none"), ", ".join(opened)
    if opened and has_lanes(view):
        return DrawError(
            f"'{names}' cannot be opened in a picture with a lane for each device; "
            f"draw it alone, as '{net.name}/{opened[0]}'."
        )
    if opened:
        return DrawError(
            f"'{net.name}' with '{names}' open does not fit on "
            f"{'pages' if pages else 'a page'} of this size in readable text; "
            f"use {free}{'' if pages else ', or .pdf or .pptx, which hold several'}."
        )
    part = _some_part(net)
    instead = f"draw a module of it, such as '{net.name}/{part}', or " if part else ""
    return DrawError(
        f"'{net.name}' does not fit on the canvas in readable text; {instead}use {free}."
    )


def _some_part(net: ArchGraph) -> str | None:
    """Return a group or module that holds several operators, but not nearly all of them."""
    paths = {name.rpartition(".")[0]: None for name in net if "." in name}
    for path in [*net.groups, *paths]:
        try:
            part = net.module(path)
        except ArchGraphError:  # a group that this part of a network lacks
            continue
        if 1 < part.number_of_nodes() <= net.number_of_nodes() / 2:
            return path
    return None


def _laid_out(
    view: View, canvas: Canvas, pages: bool, directions: Sequence[bool]
) -> tuple[View, list[Scene] | None]:
    """Return a view and its scenes: with narrow boxes where only they fit on one page."""
    if has_lanes(view):
        view = narrowed(view)
    elif any(node.kind == "module" for node in view.nodes.values()):
        for form in (view, *(narrowed(view, room) for room in ROOMS)):
            scenes = lay_out(form, canvas, pages=False, directions=directions)
            if scenes is not None:
                return form, scenes
    return view, lay_out(view, canvas, pages=pages, directions=directions)


def _subtitle(net: ArchGraph) -> str:
    params, macs = net.total("params"), net.total("macs")
    shapes = " and ".join(shape_text(net.nodes[name]["shape"]) for name in net.sources[:2])
    parts = [f"input {shapes.replace('×', ' × ')}"]
    parts.append("unknown parameters" if params is None else f"{count_text(params)} parameters")
    parts.append("unknown MACs" if macs is None else f"{count_text(macs)} MACs per image")
    return " · ".join(parts)


def _notes(net: ArchGraph) -> str:
    """Return the cost table that goes into a slide's notes, layers with weights only."""
    lines = [f"{net.name}: costs for one image (MACs: multiply-adds of conv, fc and matmul)"]
    for name, data in net.nodes(data=True):
        if data["params"]:
            macs = "unknown" if data["macs"] is None else f"{data['macs']:,}"
            shape = shape_text(data["shape"])
            lines.append(f"{name}: {shape}, {data['params']:,} parameters, {macs} MACs")
    return "\n".join(lines)
