"""draw: a network into a picture file, at the level of detail that the canvas can hold."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from archgraph.errors import DrawError
from archgraph.files import write_bytes, write_text
from archgraph.graph import ArchGraph
from archgraph.ops import shape_text
from archgraph.units import count_text

from .colour import colouring
from .compose import compose, room
from .drawing import Drawing
from .layout.fit import BOTH, Canvas, lay_out
from .layout.labels import ROOMS, narrowed
from .layout.lanes import has_lanes
from .layout.scene import Scene
from .theme import theme as theme_named
from .view import LEVELS, View, build_view, usual_level

__all__ = ["CANVASES", "PAGED", "STYLES", "draw", "drawings", "volumes", "write"]

CANVASES = {"16:9": (960.0, 540.0), "4:3": (720.0, 540.0), "a4": (595.0, 842.0), "none": None}
"""Width and height of each canvas in points; "none" is as large as the picture."""

STYLES = ("layout", "volumes")
"""Boxes and arrows, or activations as boxes in perspective."""

_BINARY = ("pdf", "png", "pptx", "tex")
"""The formats whose writers stand in modules of their name and give bytes."""

PAGED = ("pdf", "pptx", "tex")
"""The formats that can spread a picture over several pages."""


def draw(
    net: ArchGraph | Sequence[ArchGraph],
    path: str | Path,
    *,
    level: str | None = None,
    opened: Sequence[str] = (),
    fit: str = "16:9",
    color: str = "op",
    scale: str = "auto",
    facts: Sequence[str] | None = None,
    theme: str = "light",
    style: str = "layout",
) -> Path:
    """Draw a network into a file whose suffix says the format; return the path.

    ``level`` is "stage", "block" or "layer"; without one, blocks are shown, and of a lone block its
    inside. ``opened`` are blocks or stages that are shown from the inside, in their places. ``fit``
    is the canvas ("16:9", "4:3", "a4", "none"), ``color`` what colour means ("op", "device" or a
    metric such as "macs"), ``scale`` how a metric becomes one ("linear", "log" or "auto"),
    ``facts`` what labels say below the name ("op", "shape" and metrics; without them the usual,
    with the metric that colour means), ``theme`` "light", "dark" or "print", ``style`` "layout" or
    "volumes". Text is never smaller than 9 pt for labels and 7 pt for the rest: where a level does
    not fit, ``.pdf`` and ``.pptx`` get several pages, and a single picture shows the next coarser
    level and says so. Raises DrawError.
    """
    target = Path(path)
    suffix = target.suffix.lstrip(".").lower()
    if style not in STYLES:
        raise DrawError(f"there is no style '{style}'; the styles are {' and '.join(STYLES)}.")
    nets = [net] if isinstance(net, ArchGraph) else list(net)
    # Lone blocks are opened, but only where all of them are.
    level = level or ("layer" if {*map(usual_level, nets)} == {"layer"} else "block")
    if facts is None and color in nets[0].metrics:
        facts = ("op", "shape", color)
    if opened and (style == "volumes" or len(nets) > 1):
        what = "volumes" if style == "volumes" else "several networks"
        raise DrawError(f"'{', '.join(opened)}' cannot be opened in a picture of {what}.")
    if style == "volumes":
        if len(nets) > 1 or suffix in ("dot", "html"):
            what = "several networks" if len(nets) > 1 else f"a .{suffix} file"
            raise DrawError(f"{what} cannot show volumes; use style 'layout'.")
        pages = volumes(nets[0], level=level, fit=fit, color=color, scale=scale, theme=theme)
        return write(pages, target)
    if suffix == "dot" and len(nets) == 1:
        from .dot import write as write_dot

        return write_text(target, write_dot(build_view(nets[0], level, facts=facts, opened=opened)))
    if suffix == "html" and len(nets) == 1:
        return write_text(target, _page(nets[0], level, opened, color, scale, facts, theme))
    if len(nets) > 1:
        from .together import drawings as together

        if suffix in ("dot", "html"):
            raise DrawError(f"a .{suffix} file shows one network; use .svg, .pdf, .png or .pptx.")
        size = canvas_size(fit)
        pages = together(
            nets, level=level, size=size, color=color, scale=scale, facts=facts, theme=theme
        )
    else:
        pages = drawings(
            nets[0],
            level=level,
            opened=opened,
            fit=fit,
            color=color,
            scale=scale,
            facts=facts,
            theme=theme,
            pages=suffix in PAGED,
        )
    return write(pages, target)


def write(pages: Sequence[Drawing], target: Path) -> Path:
    """Write drawings in the format that the suffix says."""
    suffix = target.suffix.lstrip(".").lower()
    if suffix == "svg":
        from .svg import write as write_svg

        return write_text(target, write_svg(pages[0]))
    if suffix not in _BINARY:
        raise DrawError(f"pictures cannot be written as '.{suffix}'; use .svg, .pdf, .png, .pptx.")
    writer = import_module(f".{suffix}", __package__)
    content: bytes = writer.write(pages)
    return write_bytes(target, content)


def drawings(
    net: ArchGraph,
    *,
    level: str = "block",
    opened: Sequence[str] = (),
    fit: str = "16:9",
    color: str = "op",
    scale: str = "auto",
    facts: Sequence[str] | None = None,
    theme: str = "light",
    pages: bool = True,
) -> list[Drawing]:
    """Return the pages of a picture; with ``pages`` false exactly one, of a level that fits."""
    colours = theme_named(theme)
    size = canvas_size(fit)
    canvas = Canvas(None, None) if size is None else Canvas(*room(*size))
    view, scenes = _shown(net, level, opened, canvas, pages, facts)
    found = colouring(net, view, color, colours, scale=scale)
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


def volumes(
    net: ArchGraph,
    *,
    level: str = "block",
    fit: str = "16:9",
    color: str = "op",
    scale: str = "auto",
    theme: str = "light",
) -> list[Drawing]:
    """Return the one page that shows a network as volumes in perspective."""
    from .volumes import drawings as made

    return made(
        net,
        level=level,
        size=canvas_size(fit),
        color=color,
        scale=scale,
        theme=theme,
        title=str(net.graph.get("title") or net.name),
        subtitle=_subtitle(net),
        notes=_notes(net),
    )


def canvas_size(fit: str) -> tuple[float, float] | None:
    """Return a canvas's width and height in points, None for one as large as its picture."""
    if fit not in CANVASES:
        raise DrawError(f"there is no canvas '{fit}'; the canvases are {', '.join(CANVASES)}.")
    return CANVASES[fit]


def _page(
    net: ArchGraph,
    level: str,
    opened: Sequence[str],
    color: str,
    scale: str,
    facts: Sequence[str] | None,
    theme: str,
) -> str:
    """Return the interactive page, whose pictures are as large as they need to be."""
    from .html import write as write_page
    from .svg import write as write_svg

    colours = theme_named(theme)
    if color != "op" and color not in net.metrics:
        colouring(net, build_view(net, level), color, colours)  # refuses what there is not

    runs_down: dict[str, bool] = {}

    def render(part: ArchGraph, shown: str, opened: Sequence[str]) -> tuple[View, str]:
        # What opens in its place leaves the flow of the rest as it was.
        ways = (runs_down[shown],) if opened else BOTH
        view, scenes = _shown(part, shown, opened, Canvas(None, None), False, facts, ways)
        if part is net and not opened:
            runs_down[shown] = scenes[0].down
        title = str(part.graph.get("title") or part.name)
        placed = any(node.device is not None for node in view.nodes.values())
        found = colouring(part, view, "device" if color == "device" and placed else "op", colours)
        drawing = compose(
            view, scenes[0], found, colours, size=None, title=title, subtitle=_subtitle(part)
        )
        return view, write_svg(drawing)

    return write_page(
        net, render, level=level, opened=opened, color=color, log=scale != "linear", theme=theme
    )


def _shown(
    net: ArchGraph,
    level: str,
    opened: Sequence[str],
    canvas: Canvas,
    pages: bool,
    facts: Sequence[str] | None,
    directions: Sequence[bool] = BOTH,
) -> tuple[View, list[Scene]]:
    """Return the view and its scenes at the finest level, from the asked one up, that fits."""
    # What is to be opened is there at one level only.
    coarsest = LEVELS.index(level) if opened else 0
    view = build_view(net, level)
    for coarser in reversed(LEVELS[coarsest : LEVELS.index(level) + 1]):
        view = build_view(net, coarser, facts=facts, opened=opened)
        view, scenes = _laid_out(view, canvas, pages, directions)
        if scenes is not None:
            if coarser != level:
                warnings.warn(
                    f"'{net.name}' at {level} level does not fit on one page in readable text; "
                    f"drawn at {coarser} level (.pdf and .pptx can hold several pages).",
                    stacklevel=4,
                )
            return view, scenes
    if opened and has_lanes(view):
        raise DrawError(
            f"'{', '.join(opened)}' cannot be opened in a picture with a lane for each device; "
            f"draw it alone, as '{net.name}/{opened[0]}'."
        )
    if opened:
        larger = "fit 'none'" if pages else "fit 'none', or .pdf or .pptx, which hold several"
        raise DrawError(
            f"'{net.name}' with '{', '.join(opened)}' open does not fit on "
            f"{'pages' if pages else 'a page'} of this size in readable text; use {larger}."
        )
    raise DrawError(
        f"'{net.name}' does not fit on the canvas in readable text; draw a module of it, "
        f"such as '{net.name}/{_some_module(view)}', or use fit 'none'."
    )


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


def _some_module(view: View) -> str:
    return next((key for key in view.groups), "layer1")


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
