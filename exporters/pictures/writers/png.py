"""PNG: the SVG painted with the bundled font, so that it looks the same on every machine."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from archgraph.errors import DrawError

from ..drawing import Drawing, Group, Item, Text
from ..text.faces import FAMILY, FOLDER, bundled, ignorable, system_face, warn_missing
from ..text.widths import FONT_STACK, plain
from . import svg

__all__ = ["write"]


def write(drawings: Sequence[Drawing], scale: float = 2.0) -> bytes:
    """Return one drawing as a PNG image.

    Letters that the bundled font lacks (Korean, Arabic, …) are taken from the system's fonts.

    Args:
        drawings: Exactly one drawing; an image has no pages.
        scale: Pixels per CSS pixel (1/96 inch): 2 gives a 16:9 slide 2560 × 1440 pixels.

    Raises:
        DrawError: If there are several drawings, or the image would be too large to paint.
    """
    import resvg_py

    if len(drawings) != 1:
        raise DrawError(
            f"A PNG holds one picture, not {len(drawings)}: write .pdf or .pptx for several pages."
        )
    page = svg.write(drawings[0]).replace(f'font-family="{FONT_STACK}"', f'font-family="{FAMILY}"')
    try:
        return bytes(
            resvg_py.svg_to_bytes(
                svg_string=page,
                zoom=scale,
                dpi=96,  # without it, a size in points counts as none
                font_family=FAMILY,
                sans_serif_family=FAMILY,
                skip_system_fonts=True,
                font_files=[*map(str, sorted(FOLDER.glob("*.ttf"))), *_foreign(drawings[0].items)],
            )
        )
    except ValueError as error:
        width, height = drawings[0].width, drawings[0].height
        raise DrawError(
            f"A picture of {width:g} × {height:g} pt at scale {scale:g} can't be painted: {error}"
        ) from error


def _foreign(items: Iterable[Item]) -> list[str]:
    """Return the system's font files for the characters that the bundled faces lack.

    Left to itself, the painter takes any font that has the character, a heavy serif one too.
    """
    files: dict[str, None] = {}
    for text in _texts(items):
        face = bundled(text.bold, text.italic)
        for char in plain(text.text):
            if face.has(char) or ignorable(char):
                continue
            found = system_face(char, truetype=False, bold=text.bold)
            if found:
                files[str(found.path)] = None
            else:
                warn_missing(char)
    return list(files)


def _texts(items: Iterable[Item]) -> Iterable[Text]:
    for item in items:
        if isinstance(item, Group):
            yield from _texts(item.items)
        elif isinstance(item, Text):
            yield item
