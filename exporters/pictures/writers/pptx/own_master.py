"""The deck that slides go into: its theme, its size, its footers."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from .inks import Inks

if TYPE_CHECKING:
    from pptx.presentation import Presentation

__all__ = ["fitted", "footers", "own_deck"]

_THEME = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/theme"
_OWN = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_FOOT = ("dt", "ftr", "sldNum")


def own_deck(inks: Inks, font: str) -> Presentation:
    """Return an empty deck with a theme of ours, in whose colours and font pictures are drawn."""
    from pptx import Presentation
    from pptx.oxml import parse_xml

    deck = Presentation()
    package = deck.part.package
    for key, relation in list(package._rels.items()):
        if relation.reltype.endswith("/thumbnail"):
            package._rels.pop(key)
    master = deck.slide_master
    part: Any = master.part.part_related_by(_THEME)
    theme: Any = parse_xml(part.blob)
    name = "archgraph dark" if inks.dark else "archgraph"
    theme.set("name", name)
    colours = theme.find("./{*}themeElements/{*}clrScheme")
    colours.set("name", name)
    for place, colour in zip(colours, inks.scheme.values(), strict=True):
        for old in list(place):
            place.remove(old)
        made = place.makeelement(place.tag.rpartition("}")[0] + "}srgbClr", {})
        made.set("val", colour[1:].upper())
        place.append(made)
    fonts = theme.find("./{*}themeElements/{*}fontScheme")
    fonts.set("name", name)
    for face in fonts.iterfind("./*/{*}latin"):
        face.set("typeface", font)
    part._blob = _text(theme)
    if inks.dark:
        roles = master._element.find("{*}clrMap")
        for role, place in inks.mapping.items():
            roles.set(role, place)
    return deck


def _text(element: Any) -> bytes:
    from lxml import etree  # type: ignore[import-untyped]

    made: bytes = etree.tostring(element, encoding="UTF-8", standalone=True)
    return made


def fitted(deck: Presentation, width: int, height: int) -> None:
    """Give a deck's slides a size, in EMU; what its master and layouts hold follows."""
    old_width, old_height = deck.slide_width or 1, deck.slide_height or 1
    if abs(old_width - width) < 2 and abs(old_height - height) < 2:
        return
    from pptx.util import Length

    deck.slide_width, deck.slide_height = Length(width), Length(height)
    size = deck.part._element.find("{*}sldSz")
    if size is not None:
        size.attrib.pop("type", None)
    wider, higher = width / old_width, height / old_height
    for page in (page for master in deck.slide_masters for page in (master, *master.slide_layouts)):
        for shape in page.shapes:
            if shape._element.find("./{*}spPr/{*}xfrm") is None and shape.is_placeholder:
                continue  # it takes its place from the master
            if shape.left is None or shape.width is None:
                continue
            place = (shape.left, shape.top, shape.width, shape.height)
            shape.left, shape.width = round(place[0] * wider), round(place[2] * wider)
            shape.top, shape.height = round(place[1] * higher), round(place[3] * higher)


def footers(layout: Any, number: Callable[[], int]) -> str:
    """Return the footers that a layout's slides have: what it says there, and the slide's number.

    ``number`` gives the next free id.
    """
    from lxml import etree

    markup = ""
    for shape in layout.placeholders:
        place = shape._element.find(".//{*}nvPr/{*}ph")
        kind = place.get("type", "obj")
        words = "".join(shape._element.itertext()).strip()
        fields = shape._element.find(".//{*}fld") is not None
        # The date of whoever made the template says nothing.
        if kind not in _FOOT or not words or (kind == "dt" and fields):
            continue
        made = deepcopy(shape._element)
        named, form = made.find("./{*}nvSpPr/{*}cNvPr"), made.find("./{*}spPr")
        if named is None or form is None:
            continue
        named.set("id", str(number()))
        for old in list(form):
            form.remove(old)
        for each in list(made.iter()):  # what points out of the layout points nowhere here
            if any(str(name).startswith(_OWN) for name in each.attrib):
                each.getparent().remove(each)
        markup += etree.tostring(made, encoding="unicode", with_tail=False)
    return markup
