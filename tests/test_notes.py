"""Notes beside boxes cover nothing, are whole, and stand at the foot where there is no room."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import archgraph as ag
from archgraph.errors import DrawError
from archgraph.exporters.pictures.draw import drawings
from archgraph.exporters.pictures.drawing import Box, Curve, Text, walked
from archgraph.exporters.pictures.layout.note_places import Near, note_places
from archgraph.exporters.pictures.layout.scene import Rect
from archgraph.exporters.pictures.own_notes import wrapped
from archgraph.exporters.pictures.text.widths import ASCENT, DESCENT, text_width

NOTE = "what nobody sees, but everybody should know"


def rect_of(item):
    if isinstance(item, Box):
        return Rect(item.x, item.y, item.width, item.height)
    wide = text_width(item.text, item.size, item.bold)
    back = {"start": 0.0, "middle": 0.5, "end": 1.0}[item.anchor] * wide
    up, down = ASCENT * item.size, DESCENT * item.size
    if item.rotate:
        return Rect(item.x - up, item.y - wide + back, up + down, wide)
    return Rect(item.x - back, item.y - up, wide, up + down)


def own(page):
    return [group for group in page.groups("note") if "own" in group.classes]


def said(page):
    texts = [[i.text for i in group.items if isinstance(i, Text)] for group in own(page)]
    return re.sub(r"\s+", " ", " ".join(word for words in texts for word in words))


def points_of(curve, count=24):
    """Yield points along a line, from straight pieces and from Béziers."""
    at = curve.start
    for segment in curve.segments:
        ends = (at, segment[0], segment[0], segment[0]) if len(segment) == 1 else (at, *segment)
        if len(segment) == 1:
            ends = (at, at, segment[0], segment[0])
        for step in range(count + 1):
            t = step / count
            parts = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
            yield tuple(sum(p * e[n] for p, e in zip(parts, ends, strict=True)) for n in (0, 1))
        at = segment[-1]


def first_box(page):
    return next(g for g in page.groups("node") if g.classes[1] != "input")


DRAWN = [
    *(("resnet18", {"fit": fit}) for fit in ("16:9", "a4", "column", "none", "beamer")),
    ("googlenet", {"level": "block"}),
    ("unet", {}),
    ("vit_b_16", {}),
    ("alexnet_two_gpu", {}),
    ("lenet5", {"level": "layer"}),
    ("resnet18", {"theme": "dark", "font": "serif"}),
]


@pytest.mark.parametrize(("name", "options"), DRAWN, ids=str)
def test_a_note_is_whole_and_covers_nothing(name, options):
    net = ag.load(name)
    (plain,) = drawings(net, pages=False, **options)
    boxes = [g.id for g in plain.groups("node") if g.classes[1] != "input"]
    chosen = [boxes[0], boxes[len(boxes) // 2], boxes[-1]]
    texts = [f"{each}:note={NOTE} {number}" for number, each in enumerate(chosen)]
    (page,) = drawings(net, pages=False, set=texts, **options)
    for number in range(3):
        assert f"{NOTE} {number}" in said(page)
    notes = [i for group in own(page) for i in group.items if isinstance(i, Text)]
    # A number stands on the corner of its box.
    corners = [i for g in own(page) if g.id.startswith("mark ") for i in g.items]
    rects = list(map(rect_of, notes))
    ours = {id(item) for item in notes}
    for group in page.items:
        if group in own(page):
            continue
        frame = group.classes[:1] == ("cluster",)
        for item in walked(group.items):
            for rect in rects:
                if isinstance(item, Text) and id(item) not in ours:
                    assert not rect.meets(rect_of(item)), item.text
                elif rect in map(rect_of, corners):
                    continue
                elif isinstance(item, Box):
                    other = rect_of(item)
                    assert not rect.meets(other) or (frame and other.holds(rect))
                elif isinstance(item, Curve):
                    for x, y in points_of(item):
                        assert not rect.meets(Rect(x - 0.1, y - 0.1, 0.2, 0.2)), item
    for rect in rects:  # nothing leaves the canvas
        assert rect.x >= -0.5
        assert rect.x + rect.width <= page.width + 0.5
        assert rect.y >= -0.5
        assert rect.y + rect.height <= page.height + 0.5
    smallest = min(item.size for item in notes)
    assert smallest >= (7.2 if options.get("fit") in (None, "16:9", "a4", "none") else 4.8) - 1e-6


def test_a_line_leads_to_the_box():
    (page,) = drawings(ag.load("lenet5"), set=f"C1:note={NOTE}", pages=False)
    (group,) = own(page)
    (line,) = (item for item in group.items if isinstance(item, Curve))
    box = next(g for g in page.groups("node") if g.id == "c1" or "C1" in g.title).items[0]
    x, y = line.segments[-1][-1]
    assert box.x - 0.5 <= x <= box.x + box.width + 0.5
    assert box.y - 0.5 <= y <= box.y + box.height + 0.5


def test_what_has_no_room_is_numbered_at_the_foot():
    (page,) = drawings(ag.load("resnet50"), set=f"layer2.*:note={NOTE}", fit="column", pages=False)
    groups = {group.id: group for group in own(page)}
    assert "footnotes" in groups
    (mark,) = (group for key, group in groups.items() if key.startswith("mark "))
    number = [item.text for item in mark.items if isinstance(item, Text)]
    assert number == ["1"]
    assert "1" in [item.text for item in groups["footnotes"].items if isinstance(item, Text)]
    low = max(g.items[0].y + g.items[0].height for g in page.groups("node"))
    assert all(item.y > low for item in groups["footnotes"].items if isinstance(item, Text))


def test_side_by_side_and_in_volumes_and_of_a_difference():
    nets = [ag.load("plain18"), ag.load("resnet18")]
    for options in ({}, {"difference": True}):
        (page,) = drawings(nets, set=f"*layer1.*:note={NOTE}", pages=False, **options)
        assert NOTE in said(page)
    (page,) = drawings(ag.load("alexnet"), set=f"conv2:note={NOTE}", style="volumes", pages=False)
    assert NOTE in said(page)


def test_on_several_pages_it_is_where_its_box_is():
    net = ag.load("resnet50")
    pages = drawings(net, level="layer", set=f"fc:note={NOTE}")
    assert len(pages) > 1
    with_it = [page for page in pages if NOTE in said(page)]
    assert len(with_it) == 1
    assert any(group.id == "fc" for group in with_it[0].groups("node"))


def test_a_look_brings_notes(tmp_path):
    (tmp_path / "uni.toml").write_text(f'[set.C1]\nnote = "{NOTE}"\n', encoding="utf-8")
    (page,) = drawings(ag.load("lenet5"), look=str(tmp_path / "uni.toml"), pages=False)
    assert NOTE in said(page)


def test_commas_need_no_quotes_and_settings_may_follow():
    text = "C1:note=one, two, and three,color=gold"
    (page,) = drawings(ag.load("lenet5"), set=text, pages=False)
    assert "one, two, and three" in said(page)
    assert "#ffd700" in {g.items[0].paint.fill for g in page.groups("node")}


def test_a_note_that_is_empty_or_names_nothing_is_told():
    with pytest.raises(DrawError, match="'note' .* is empty"):
        drawings(ag.load("lenet5"), set="C1:note=")
    with pytest.raises(DrawError, match="names nothing"):
        drawings(ag.load("lenet5"), set="nothing:note=x")


@pytest.mark.parametrize("suffix", ["svg", "pdf", "png", "pptx", "tex", "drawio", "html", "dot"])
def test_every_format_takes_hostile_words(tmp_path: Path, suffix: str):
    hostile = r"</text><script>alert(1)</script> \input{x} $a_b^ % # & {} " + "x" * 300
    settings = {"C1": {"note": hostile}, "F6": {"note": "가나다 عربى " + "long " * 60}}
    made = ag.draw("lenet5", tmp_path / f"x.{suffix}", set=settings).read_bytes()
    assert b"<script>alert(1)" not in made or suffix == "dot"  # a quoted text there
    if suffix == "svg":
        from xml.dom.minidom import parseString

        parseString(made)


def test_wrapped_lines_are_short_and_lose_no_word():
    lines = wrapped(NOTE, 8.0)
    assert " ".join(lines) == NOTE
    assert all(len(line) <= 32 for line in lines)
    assert len(wrapped("word " * 200, 8.0)) == 6
    assert wrapped("word " * 200, 8.0)[-1].count("…") == 1
    assert "".join(wrapped("가" * 40, 8.0)) == "가" * 40


def test_a_free_place_near_is_taken_and_none_where_all_is_full():
    area = Rect(0, 0, 400, 300)
    target = Rect(150, 100, 100, 60)
    (place,) = note_places([(target, 80.0, 20.0)], Near([target], [], [], area))
    assert place is not None
    assert area.holds(place.rect)
    assert not place.rect.meets(target)
    full = [Rect(x, y, 38, 28) for x in range(0, 400, 40) for y in range(0, 300, 30)]
    assert note_places([(target, 80.0, 20.0)], Near(full, [], [], area)) == [None]
