"""Files that say how pictures look, with some of their bytes changed: one sentence or a picture."""

import random
import warnings
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from made_template import template

import archgraph as ag
from archgraph.exporters.pictures.dress import own_words
from archgraph.exporters.pictures.text import faces

LOOK = """
theme = "dark"
palette = "tol-muted"
font = "serif"
lang = "ko"
[colors]
convolution = "#112233"
[sizes]
label = 10
[words]
"convolution" = "Faltung"
[set]
"C*" = {label = "Stem", color = "#c0392b", note = "as in 1998"}
"""
INSERTED = (b"\x00", b"\xff\xff", b"<a>", b'"', b"[", b"999999999999", b"-1", b"\n")


def changed(content: bytes, chance: random.Random) -> bytes:
    made = bytearray(content)
    for _ in range(chance.choice((1, 1, 2, 5, 20))):
        place = chance.randrange(len(made))
        match chance.randrange(4):
            case 0:
                made[place] = chance.randrange(256)
            case 1:
                del made[place : place + chance.choice((1, 4, 50))]
            case 2:
                made[place:place] = chance.choice(INSERTED)
            case _:
                made[place : place + 4] = made[chance.randrange(len(made)) :][:4]
    return bytes(made)


def changed_package(content: bytes, chance: random.Random) -> bytes:
    """Change files in a package, or leave one out."""
    result = BytesIO()
    with ZipFile(BytesIO(content)) as old, ZipFile(result, "w") as new:
        hit = chance.choice(old.namelist())
        for name in old.namelist():
            part = old.read(name)
            if name == hit and chance.random() < 0.2:
                continue
            new.writestr(name, changed(part, chance) if name == hit and part else part)
    return result.getvalue()


def content_of(kind: str, folder: Path) -> bytes:
    match kind:
        case "look":
            return LOOK.encode()
        case "lang":
            return (Path(own_words.__file__).parent / "languages" / "ko.toml").read_bytes()
        case "font":
            return (faces.FOLDER / "ArchgraphSerif-Regular.ttf").read_bytes()
        case _:
            return template(folder / "base.potx").read_bytes()


@pytest.mark.parametrize(
    ("kind", "suffix"),
    [("look", ".toml"), ("lang", ".toml"), ("font", ".ttf"), ("template", ".potx")],
)
def test_a_changed_file_is_drawn_with_or_refused_in_one_sentence(kind, suffix, tmp_path):
    net, content, said = ag.load("lenet5"), content_of(kind, tmp_path), []
    chance = random.Random(kind)
    change = changed_package if kind == "template" else changed
    for case in range(15):
        file = tmp_path / f"{case}{suffix}"  # what was read of a font is remembered by its path
        file.write_bytes(change(content, chance))
        out = tmp_path / ("x.pptx" if kind == "template" else chance.choice(("x.svg", "x.pdf")))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                ag.draw(net, out, level="stage", **{kind: str(file)})
            except ag.ArchGraphError as error:
                said.append(str(error))
    assert said
    assert not any("\n" in each for each in said)
