"""A template: what a picture has to know of a deck before it is laid out for its slides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archgraph.errors import DrawError

from .colours import SCHEME, colour_in, luminance
from .heading import Heading, heading_of
from .package import checked, no_deck, opened
from .room import Place, largest_room

if TYPE_CHECKING:
    from pptx.presentation import Presentation
    from pptx.slide import SlideLayout

__all__ = ["Place", "Template", "template_of"]

EMU = 12700
_THEME = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/theme"
_FOOT = ("dt", "ftr", "sldNum")
_SMALLEST, _LARGEST = 72.0, 56 * 72.0
_USUAL = {"bg1": "lt1", "tx1": "dk1", "bg2": "lt2", "tx2": "dk2"}


@dataclass(frozen=True, slots=True)
class Template:
    """A deck of one's own, without its slides.

    ``data`` is its file; ``size`` its slides' in points; ``room`` where on them nothing else is, on
    the layout of this number; ``titled`` whether that has a place for a title, ``heading`` how much
    text that has room for. ``scheme`` are the theme's colours by place, ``mapping`` which place the
    roles of ground and text have, ``ground`` the colour behind the picture, ``fonts`` those of
    headings and of text.
    """

    name: str
    data: bytes
    size: tuple[float, float]
    room: Place
    layout: int
    titled: bool
    heading: Heading | None
    scheme: Mapping[str, str]
    mapping: Mapping[str, str]
    ground: str
    fonts: tuple[str, str]

    @property
    def dark(self) -> bool:
        """Whether its slides are dark."""
        return luminance(self.ground) < 0.18

    def sized(self, size: tuple[float, float]) -> Place:
        """Return the room on slides of another size, to which all on them is stretched."""
        wider, higher = size[0] / self.size[0], size[1] / self.size[1]
        x, y, width, height = self.room
        return x * wider, y * higher, width * wider, height * higher


def template_of(path: str) -> Template:
    """Return the template in a .potx or .pptx file; DrawError says what is wrong with it."""
    file = Path(path)
    try:
        state = file.stat()
    except OSError as error:
        raise DrawError(f"cannot read the template '{path}': {error.strerror or error}.") from None
    if not file.is_file():
        raise DrawError(f"the template '{path}' is no file; give a .potx or .pptx.")
    return _read(path, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=4)
def _read(path: str, _changed: int, _size: int) -> Template:
    file = Path(path)
    deck = opened(checked(file), file)
    try:
        return _template(deck, file)
    except DrawError:
        raise
    except Exception as error:  # whatever a stranger's file does to the library
        raise no_deck(file) from error


def _template(deck: Presentation, file: Path) -> Template:
    size = ((deck.slide_width or 0) / EMU, (deck.slide_height or 0) / EMU)
    if not _SMALLEST <= min(size) <= max(size) <= _LARGEST or not len(deck.slide_layouts):
        raise no_deck(file)
    number, layout = _best_layout(deck)
    master: Any = deck.slide_master
    theme = _parsed(master.part.part_related_by(_THEME).blob)
    scheme = _scheme(theme)
    mapping = _mapping(master, layout)
    fonts = tuple(_font(theme, kind) for kind in ("majorFont", "minorFont"))
    title, feet = _fixed(layout)
    room = largest_room(size, title, feet, _decoration(master, layout))
    ground = _ground(layout, scheme, mapping) or _ground(master, scheme, mapping)
    result = BytesIO()
    deck.save(result)
    deck.slides.add_slide(layout)  # what cannot take a slide is no template
    return Template(
        file.name,
        result.getvalue(),
        size,
        room,
        number,
        title is not None,
        heading_of(master, layout),
        scheme,
        mapping,
        ground or scheme[mapping["bg1"]],
        (fonts[0], fonts[1]),
    )


def _parsed(blob: bytes) -> Any:
    from pptx.oxml import parse_xml

    return parse_xml(blob)


def _best_layout(deck: Presentation) -> tuple[int, SlideLayout]:
    """Return the layout with a title and as little besides as possible."""

    def others(layout: SlideLayout) -> tuple[int, int]:
        kinds = _kinds(layout)
        titles = sum(kind in ("title", "ctrTitle") for kind in kinds)
        bare = sum(kind not in ("title", "ctrTitle", *_FOOT) for kind in kinds)
        # A layout of a first slide has its title in the middle.
        return (bare if titles == 1 and "ctrTitle" not in kinds else 1000 + bare), -len(kinds)

    layouts = list(enumerate(deck.slide_layouts))
    return min(layouts, key=lambda each: others(each[1]))


def _kinds(page: Any) -> list[str]:
    found = page._element.findall("./{*}cSld/{*}spTree//{*}nvPr/{*}ph")
    return [each.get("type", "obj") for each in found]


def _fixed(layout: Any) -> tuple[Place | None, list[Place]]:
    """Return where a layout's title stands, if it has one, and where its footers do."""
    title: Place | None = None
    feet = []
    for shape in layout.placeholders:
        kind = shape._element.find(".//{*}nvPr/{*}ph").get("type", "obj")
        if kind not in ("title", *_FOOT) or shape.width is None:
            continue
        if kind == "title":
            title = _place(shape)
        else:
            feet.append(_place(shape))
    return title, feet


def _place(shape: Any) -> Place:
    return shape.left / EMU, shape.top / EMU, shape.width / EMU, shape.height / EMU


def _decoration(master: Any, layout: Any) -> Iterator[Place]:
    pages = (
        [layout, master] if layout._element.get("showMasterSp", "1") in ("1", "true") else [layout]
    )
    for page in pages:
        for shape in page.shapes:
            if not shape.is_placeholder and shape.width is not None:
                yield _place(shape)


def _scheme(theme: Any) -> dict[str, str]:
    found = theme.find("./{*}themeElements/{*}clrScheme")
    colours = {str(each.tag).rpartition("}")[2]: colour_in(each, {}, {}) for each in found}
    return {place: colours.get(place) or "#000000" for place in SCHEME}


def _mapping(master: Any, layout: Any) -> dict[str, str]:
    own = layout._element.find("./{*}clrMapOvr/{*}overrideClrMapping")
    found = master._element.find("./{*}clrMap") if own is None else own
    return {role: found.get(role, place) for role, place in _USUAL.items()}


def _font(theme: Any, kind: str) -> str:
    found = theme.find(f"./{{*}}themeElements/{{*}}fontScheme/{{*}}{kind}/{{*}}latin")
    return "" if found is None else str(found.get("typeface", ""))


def _ground(page: Any, scheme: Mapping[str, str], mapping: Mapping[str, str]) -> str | None:
    """Return the colour of a page's ground where it is one colour, or begins with one."""
    ground = page._element.find("./{*}cSld/{*}bg")
    if ground is None:
        return None
    for path in ("./{*}bgPr/{*}solidFill", "./{*}bgRef", ".//{*}gsLst/{*}gs"):
        fill = ground.find(path)
        found = None if fill is None else colour_in(fill, scheme, mapping)
        if found is not None:
            return found
    return None
