"""The place that a template's layout has for a title, and the letters that stand in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

__all__ = ["Heading", "heading_of"]

EMU = 12700
SIZE = 44.0
"""What letters of a title have where no file says it, in points: as PowerPoint's own decks do."""
INSETS = {"lIns": 7.2, "rIns": 7.2, "tIns": 3.6, "bIns": 3.6}
"""A frame's margins where it does not say its own (ECMA-376, part 1, 21.1.2.1.1), in points."""


@dataclass(frozen=True, slots=True)
class Heading:
    """Room for a title's letters in points, within its frame's margins, and their usual size."""

    width: float
    height: float
    size: float = SIZE
    bold: bool = False
    capitals: bool = False


def heading_of(master: Any, layout: Any) -> Heading | None:
    """Return the room for a title on slides of a layout; None without a title, or a turned one."""
    shape = _title(layout)
    if shape is None or shape.width is None or shape.height is None:
        return None
    found = [each._element for each in (shape, _title(master)) if each is not None]
    bodies = [body for each in found if (body := each.find("./{*}txBody/{*}bodyPr")) is not None]
    if _said(bodies, "vert") not in (None, "horz"):
        return None
    margins = {
        side: usual if (said := _said(bodies, side)) is None else int(said) / EMU
        for side, usual in INSETS.items()
    }
    letters = list(_letters(found, master))
    size = _said(letters, "sz")
    return Heading(
        shape.width / EMU - margins["lIns"] - margins["rIns"],
        shape.height / EMU - margins["tIns"] - margins["bIns"],
        SIZE if size is None else int(size) / 100,
        _said(letters, "b") in ("1", "true"),
        _said(letters, "cap") == "all",
    )


def _title(page: Any) -> Any:
    for shape in page.placeholders:
        if shape._element.find(".//{*}nvPr/{*}ph").get("type") == "title":
            return shape
    return None


def _letters(found: list[Any], master: Any) -> Iterator[Any]:
    """Return what says how a title's letters are: the nearest first."""
    for each in found:
        yield from each.findall("./{*}txBody/{*}lstStyle/{*}lvl1pPr/{*}defRPr")
    yield from master._element.findall("./{*}txStyles/{*}titleStyle/{*}lvl1pPr/{*}defRPr")


def _said(elements: list[Any], name: str) -> str | None:
    """Return what the nearest element says that says it."""
    return next((value for each in elements if (value := each.get(name)) is not None), None)
