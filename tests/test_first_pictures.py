"""The judge of first pictures: an SVG by hand that breaks a rule is caught, by that rule."""

from __future__ import annotations

import pytest

import archgraph as ag
from archgraph.errors import DrawError
from bench.first_pictures.contact_sheet import contact_sheets
from bench.first_pictures.judging import RULES, Verdict, judged
from bench.first_pictures.network import Network, flat
from bench.first_pictures.trying import tried
from bench.first_pictures.verdicts import line, summary, table


def box(index, *, x=100, y=None, size=10, text=None, kind="module", **data):
    """Return a box of a column, 100 × 40 pt with 20 pt below it."""
    y = 20 + 60 * index if y is None else y
    data = {"operators": 3, "macs": 100, "params": 10, "repeat": 1} | data
    told = "".join(f' data-{key}="{value}"' for key, value in data.items() if value is not None)
    return (
        f'<g id="n{index}" class="node {kind}"{told}><title>n{index}</title>'
        f'<rect x="{x}" y="{y}" width="100" height="40"/>'
        f'<text x="{x + 50}" y="{y + 25}" font-size="{size}" text-anchor="middle">'
        f"{text or index}</text>"
        "</g>"
    )


def edge(source, target, path=None, head=None):
    """Return an edge straight down from one box of the column to the next."""
    top = 60 + 60 * source
    path = path or f"M150,{top}L150,{top + 15}"
    head = f"150,{top + 20} 147.6,{top + 14} 152.4,{top + 14}" if head is None else head
    triangle = f'<polygon points="{head}"/>' if head else ""
    name = f"n{source}-&gt;n{target}"
    return f'<g id="{name}" class="edge data"><path d="{path}"/>{triangle}</g>'


BOXES = [box(index) for index in range(8)]
EDGES = [edge(index, index + 1) for index in range(7)]


def svg(boxes=BOXES, edges=EDGES, more="", size="960 540"):
    head = '<svg xmlns="http://www.w3.org/2000/svg" '
    return f'{head}viewBox="0 0 {size}">{"".join(edges)}{"".join(boxes)}{more}</svg>'


def said(text, at_layer=100, seconds=1.0):
    return judged(Verdict("x", "y", "z", at_layer=at_layer, seconds=seconds), text).said


def test_a_good_picture_passes():
    assert said(svg()) == {}


def changed(parts, index, part):
    return [*parts[:index], part, *parts[index + 1 :]]


def frame(label):
    return (
        '<g id="group g" class="cluster"><rect x="300" y="20" width="90" height="60"/>'
        f'<text x="305" y="40" font-size="8">{label}</text></g>'
    )


BROKEN = {
    "a strip": ("one slide", svg(size="380 7798"), "380 × 7798"),
    "a box that leaves the page": (
        "one slide",
        svg([*BOXES[:7], box(7, y=520)], EDGES[:6]),
        "n7 leaves the page",
    ),
    "a small label": ("sizes", svg(changed(BOXES, 2, box(2, size=8.5))), "n2 has 8.5 pt"),
    "a small text": ("sizes", svg(more='<text x="500" y="50" font-size="6">tiny</text>'), "tiny"),
    "boxes that overlap": ("boxes apart", svg([*BOXES, box(8, x=190, y=35)]), "n0 and n8"),
    "a long label": ("words", svg(changed(BOXES, 4, box(4, text="word" * 9))), "leaves n4"),
    "a frame's name that leaves it": ("words", svg(more=frame("a name " * 5)), "leaves g"),
    "words over words": (
        "words",
        svg(more='<text x="140" y="46" font-size="10">over</text>'),
        "cover each other",
    ),
    "a line through words": (
        "words",
        svg(edges=[*EDGES, edge(0, 2, "M200,40L600,40L600,160L205,160", "200,160 206,157 206,163")],
            more='<text x="500" y="44" font-size="10">beside</text>'),
        "n0 → n2 runs through 'beside'",
    ),
    "a line through a box": (
        "lines",
        svg(edges=[*EDGES, edge(0, 2, "M120,60L120,135", "120,140 117,134 123,134")]),
        "n0 → n2 runs through n1",
    ),
    "no arrowhead": (
        "arrowheads",
        svg(edges=changed(EDGES, 3, edge(3, 4, head=""))),
        "n3 → n4 has no arrowhead",
    ),
    "an end before its target": (
        "arrowheads",
        svg(edges=changed(EDGES, 3, edge(3, 4, "M150,240L150,245", "150,250 147,244 153,244"))),
        "n3 → n4 ends 10 pt off",
    ),
    "a head under another box": (
        "arrowheads",
        svg([*BOXES, box(8, x=202, y=265)],
            [*EDGES, edge(3, 4, "M200,220L400,220L400,280L205.5,280", "200,280 206,277 206,283")]),
        "the head of n3 → n4 lies under n8",
    ),
    "an end inside its target": (
        "arrowheads",
        svg(edges=changed(EDGES, 3, edge(3, 4, "M150,240L150,275", "150,280 147,274 153,274"))),
        "n3 → n4",
    ),
    "no room for the head": (
        "arrowheads",
        svg(edges=changed(EDGES, 3, edge(3, 4, "M110,240L110,258L150,258L150,260",
                                         "150,260 147,250 153,250"))),
        "bends 8.0 pt beside its head",
    ),
    "half of the MACs in a box": (
        "nothing hidden",
        svg(changed(BOXES, 5, box(5, macs=700, operators=433))),
        "n5 hides 433 operators, 50% of the MACs",
    ),
    "half of the MACs beside a box of what comes out": (
        "nothing hidden",
        svg(changed(changed(BOXES, 5, box(5, macs=600, operators=433)), 7,
                    box(7, kind="output", operators=None, macs=None, params=None))),
        "n5 hides 433 operators, 50% of the MACs",
    ),
    "of unknown MACs half of the parameters": (
        "nothing hidden",
        svg(changed([box(i, macs=None) for i in range(8)], 5, box(5, macs=None, params=70))),
        "50% of the params",
    ),
    "without MACs and parameters half of the operators": (
        "nothing hidden",
        svg(changed([box(i, macs=0, params=0) for i in range(8)], 5,
                    box(5, macs=0, params=0, operators=21))),
        "50% of the operators",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", BROKEN)
def test_what_breaks_a_rule_is_caught_by_that_rule(what):
    rule, text, words = BROKEN[what]
    found = said(text)
    assert words in found[rule]
    # What lies under a box has run through it.
    assert set(found) - {rule} == ({"lines"} if what == "a head under another box" else set())


def test_every_rule_is_broken_by_some_picture():
    assert {rule for rule, _, _ in BROKEN.values()} == set(RULES)


def test_a_repeat_a_layer_and_an_operator_hide_nothing():
    for part in (
        box(5, macs=7000, repeat=12),
        box(5, macs=7000, kind="conv"),
        box(5, macs=7000, operators=1),
    ):
        assert said(svg(changed(BOXES, 5, part))) == {}


def test_few_boxes_are_enough_for_a_small_network_only():
    few = svg([box(i, operators=1) for i in range(5)], EDGES[:4])
    assert said(few, at_layer=5) == {}
    assert said(few, at_layer=433) == {"enough boxes": "5 of 433 boxes"}


def test_drawing_has_its_time():
    assert said(svg(), seconds=5.2) == {"in time": "5.2 s"}


def test_a_line_that_goes_on_from_a_fork_has_one_head():
    first, rest = edge(3, 4, "M150,240L150,246", head=""), edge(3, 4, "M150,246L150,255")
    assert said(svg(edges=changed(EDGES, 3, first + rest))) == {}
    apart = edge(3, 4, "M150,240L150,244", head="")
    assert set(said(svg(edges=changed(EDGES, 3, apart + rest)))) == {"arrowheads"}


def test_a_line_to_a_stack_may_end_at_any_of_its_boxes():
    stack = [*BOXES[:7], box(7, y=420)]
    side = edge(0, 7, "M200,40L300,40L300,420L205.5,420", "200,420 206,417 206,423")
    assert said(svg(stack, [*EDGES[:6], side])) == {}


def test_verdicts_are_told_in_lines_and_tables():
    good = Verdict("net", "here", "a", 9, 40, 0.1)
    bad = Verdict("x|y", "here", "b", 3, 40, 0.1, {"enough boxes": "3 of 40 boxes"})
    none = Verdict("late", "here", "c", said={"drawn": "not within 60 s"})
    skipped = Verdict("absent", "here", "d", skipped="ModuleNotFoundError: absent")
    rows = [good, bad, none, skipped]
    assert line(good) == "here: net: 9 boxes, 0.10 s, passes"
    assert line(skipped) == "here: absent: skipped, ModuleNotFoundError: absent"
    counts = summary(rows)
    assert "| drawn | 2 of 3 |" in counts
    assert "| enough boxes | 1 of 3 |" in counts
    assert "| **all of them** | **1 of 3** |" in counts
    assert "absent" in counts
    assert table(rows).count("\n") == 4
    assert "**enough boxes**: 3 of 40 boxes" in table(rows)


def test_a_network_without_names_is_the_same_network():
    net = ag.load("googlenet")
    bare = flat(Network("googlenet", "gallery", lambda: ag.load("googlenet"))).make()
    assert set(bare) == {f"n{index}" for index in range(len(net))}
    assert not bare.groups
    assert not any({"stage", "block", "label", "role"} & set(d) for _, d in bare.nodes(data=True))
    assert bare.total("macs") == net.total("macs")
    assert bare.total("params") == net.total("params")
    assert len(bare.outputs) == len(net.outputs)


@pytest.fixture
def aside(tmp_path, monkeypatch):
    """A folder of its own for what is written."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_network_is_made_drawn_and_judged_in_a_process_of_its_own(aside):
    verdict = tried(Network("lenet5", "gallery", lambda: ag.load("lenet5")))
    assert verdict.passes, verdict.said
    assert verdict.boxes == 8
    assert 0 <= verdict.seconds < 5
    assert (aside / "sheet" / "pictures" / "gallery-lenet5.svg").is_file()


def test_what_cannot_be_made_is_skipped_and_what_cannot_be_drawn_fails(aside, monkeypatch):
    skipped = tried(Network("none", "here", lambda: ag.load("nothing like it")))
    assert "nothing like it" in skipped.skipped
    assert not skipped.passes

    def without_room(*_):
        raise DrawError("no room.")

    monkeypatch.setattr(ag, "draw", without_room)
    failed = tried(Network("lenet5", "gallery", lambda: ag.load("lenet5")))
    assert failed.said == {"drawn": "DrawError: no room."}
    assert not list(aside.rglob("*.svg"))


@pytest.mark.usefixtures("aside")
def test_pages_show_which_pictures_break_a_rule():
    image = pytest.importorskip("PIL.Image")
    good = tried(Network("lenet5", "gallery", lambda: ag.load("lenet5")))
    bad = Verdict("late", "here", "c", said={"drawn": "not within 60 s"})
    (path,) = contact_sheets([good, bad])
    page = image.open(path)
    corners = [page.getpixel((16 + index * (576 + 16), 16)) for index in range(2)]
    assert corners == [(0xC9, 0xD0, 0xD9), (0xC6, 0x28, 0x28)]
    assert len(page.crop((40, 40, 560, 320)).getcolors(100_000)) > 50
    assert len(page.crop((640, 40, 1150, 320)).getcolors(100_000)) == 1
