"""A template as a chair of a university has it, made from python-pptx's empty deck."""

import re
from io import BytesIO
from zipfile import ZipFile

from pptx import Presentation
from pptx.util import Pt

COLOURS = {
    "dk1": "1A1A1A", "lt1": "FFFFFF", "dk2": "003359", "lt2": "E6E6E6", "accent1": "0065BD",
    "accent2": "E37222", "accent3": "A2AD00", "accent4": "64A0C8", "accent5": "98C6EA",
    "accent6": "DAD7CB", "hlink": "0065BD", "folHlink": "64A0C8",
}  # fmt: skip
SIZE = (800, 450)
FOOTER = "Chair of Computer Vision"
_THEME = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/theme"
_MAIN = b"presentationml.%s.main+xml"


def template(path, colours=None, fonts=("Georgia", "Verdana"), *, dark=False):
    """Write a .potx or .pptx with these colours and fonts, a title at the top, an old slide."""
    deck = Presentation()
    master = deck.slide_master
    theme = master.part.part_related_by(_THEME)
    text = theme.blob.decode()
    for place, value in {**COLOURS, **(colours or {})}.items():
        made = f'<a:{place}><a:srgbClr val="{value}"/></a:{place}>'
        text = re.sub(rf"<a:{place}>.*?</a:{place}>", made, text)
    for kind, font in zip(("majorFont", "minorFont"), fonts, strict=True):
        text = re.sub(rf'(<a:{kind}><a:latin typeface=")[^"]*', rf"\g<1>{font}", text)
    theme._blob = text.encode()
    if dark:
        roles = master._element.find("{*}clrMap")
        for role, place in {"bg1": "dk1", "tx1": "lt1", "bg2": "dk2", "tx2": "lt2"}.items():
            roles.set(role, place)
    deck.slide_width, deck.slide_height = Pt(SIZE[0]), Pt(SIZE[1])
    for shape in master.placeholders:
        kind = shape._element.find(".//{*}ph").get("type")
        top = 14 if kind == "title" else 420 if kind in ("dt", "ftr", "sldNum") else 80
        left = {"sldNum": 700, "ftr": 300}.get(kind, 40)
        width = 720 if kind in ("title", "body") else 60 if kind == "sldNum" else 200
        height = {"title": 50, "body": 330}.get(kind, 20)
        shape.left, shape.top, shape.width, shape.height = map(Pt, (left, top, width, height))
    # "Title Only" stands elsewhere than in the empty deck: it is known by its placeholders.
    layouts = deck.slide_master._element.find("{*}sldLayoutIdLst")
    layouts.insert(0, layouts[5])
    for shape in deck.slide_layouts[0].placeholders:
        if shape._element.find(".//{*}ph").get("type") == "ftr":
            shape.text_frame.text = FOOTER
    deck.slides.add_slide(deck.slide_layouts[1]).shapes.title.text = "an old slide"
    deck.save(path)
    if str(path).endswith(".potx"):
        rewrite(path, "[Content_Types].xml", lambda types: types.replace(
            _MAIN % b"presentation", _MAIN % b"template"))  # fmt: skip
    return path


def rewrite(path, name, change, more=()):
    """Change one file of a package, and add others."""
    result = BytesIO()
    with ZipFile(path) as old, ZipFile(result, "w") as new:
        for each in old.namelist():
            new.writestr(each, change(old.read(each)) if each == name else old.read(each))
        for each, content in more:
            new.writestr(each, content)
    path.write_bytes(result.getvalue())
    return path
