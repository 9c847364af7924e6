"""A stranger's PowerPoint file as bytes that hold nothing but a deck: no macros, no links."""

from __future__ import annotations

import zlib
from io import BytesIO
from pathlib import Path
from struct import error as struct_error
from typing import TYPE_CHECKING, Any
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

from archgraph.errors import DrawError
from archgraph.limits import TEMPLATE, TEMPLATE_PARTS

if TYPE_CHECKING:
    from pptx.presentation import Presentation

__all__ = ["checked", "opened"]

_TYPES = "[Content_Types].xml"
_MAIN = b"application/vnd.openxmlformats-officedocument.presentationml."
_DECK = _MAIN + b"presentation.main+xml"
_OTHER_MAINS = (_MAIN + b"template.main+xml", _MAIN + b"slideshow.main+xml")
_RUNS = ("vbaproject", "activex", "/embeddings/", "/ctrlprops/")
"""What of the names of a deck's files runs, or holds what runs."""
_OWN = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_LINKS = ("hlinkClick", "hlinkHover", "hlinkMouseOver")
_OF_SLIDES = ("sldIdLst", "custShowLst", "extLst")
"""What of a presentation speaks of its slides: which there are, in which shows and sections."""
_DROPPED = ("/slide", "/comments", "/commentAuthors", "/customXml", "/thumbnail", "/tags",
            "/core-properties", "/custom-properties")  # fmt: skip
"""The ends of the kinds of relations that a new deck does not need."""


def checked(path: Path) -> bytes:
    """Return a template as the bytes of a presentation; DrawError says what is wrong with it."""
    try:
        if path.stat().st_size > TEMPLATE:
            raise DrawError(f"the template '{path}' has more than {TEMPLATE >> 20} MiB.")
        data = path.read_bytes()
    except OSError as error:
        raise DrawError(f"cannot read the template '{path}': {error.strerror or error}.") from None
    try:
        return _repacked(data, path)
    except (BadZipFile, zlib.error, struct_error, EOFError, NotImplementedError, ValueError,
            RuntimeError, OSError):  # fmt: skip
        raise no_deck(path) from None


def no_deck(path: Path) -> DrawError:
    """Return the error for a file that PowerPoint would not open either."""
    return DrawError(
        f"the template '{path}' is no PowerPoint file, or a broken one; give a .potx or .pptx "
        "without a password."
    )


def _repacked(data: bytes, path: Path) -> bytes:
    result = BytesIO()
    with ZipFile(BytesIO(data)) as old, ZipFile(result, "w", ZIP_DEFLATED) as new:
        entries = [each for each in old.infolist() if not each.is_dir()]
        names = [each.filename for each in entries]
        if len(entries) > TEMPLATE_PARTS or sum(each.file_size for each in entries) > TEMPLATE:
            raise DrawError(
                f"the template '{path}' unpacks to more than {TEMPLATE >> 20} MiB or "
                f"{TEMPLATE_PARTS:,} files."
            )
        if len(set(names)) < len(names) or _TYPES not in names:
            raise no_deck(path)
        types = old.read(_TYPES)
        if b"macroEnabled" in types or any(run in n.lower() for n in names for run in _RUNS[:1]):
            raise DrawError(
                f"the template '{path}' holds macros; save it without them, as .potx or .pptx."
            )
        for kind in _OTHER_MAINS:
            types = types.replace(kind, _DECK)
        if _DECK not in types:
            raise no_deck(path)
        for name in names:
            part = types if name == _TYPES else old.read(name)
            new.writestr(ZipInfo(name, (1980, 1, 1, 0, 0, 0)), part, ZIP_DEFLATED)
    return result.getvalue()


def opened(data: bytes, path: Path) -> Presentation:
    """Return the deck without its slides and without what leads out of it."""
    from pptx import Presentation

    try:
        deck = Presentation(BytesIO(data))
        _without_slides(deck)
        for part in list(deck.part.package.iter_parts()):
            _without_links(part)
            if any(run in str(part.partname).lower() for run in _RUNS):
                raise DrawError(
                    f"the template '{path}' holds an embedded program or document; take it out of "
                    "its master and layouts."
                )
        _without_links(deck.part.package)
    except DrawError:
        raise
    except Exception as error:  # whatever a stranger's file does to the library
        raise no_deck(path) from error
    return deck


def _without_slides(deck: Presentation) -> None:
    whole: Any = deck.part._element
    for each in list(whole):
        if str(each.tag).rpartition("}")[2] in _OF_SLIDES:
            whole.remove(each)
    for holder in (deck.part, deck.part.package):
        for key, relation in list(holder._rels.items()):
            if str(relation.reltype).endswith(_DROPPED):
                holder._rels.pop(key)


def _without_links(part: Any) -> None:
    """Leave out what a part reads from elsewhere, and every mention of it."""
    gone = [key for key, relation in part._rels.items() if relation.is_external]
    for key in gone:
        part._rels.pop(key)
    element = getattr(part, "_element", None)
    if not gone or element is None:
        return
    for each in list(element.iter()):
        for name, value in list(each.attrib.items()):
            if str(name).startswith(_OWN) and value in gone:
                if str(each.tag).rpartition("}")[2] in _LINKS and each.getparent() is not None:
                    each.getparent().remove(each)
                    break
                del each.attrib[name]
