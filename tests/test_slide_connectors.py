"""The lines of a slide: one connector an edge, glued at both ends, along the route laid out."""

import math
import re
from dataclasses import replace
from io import BytesIO

import pytest
from pptx import Presentation
from sample_drawings import residual

import archgraph as ag
from archgraph.exporters.pictures.draw import drawings
from archgraph.exporters.pictures.pages import Page
from archgraph.exporters.pictures.writers import pptx
from archgraph.exporters.pictures.writers.corners import corners_of

EMU = 12700
NETWORKS = [
    name
    for name, each in ag.architectures().items()
    if each.factory.startswith("archgraph.gallery.")
]
ORDERS = {
    "sp": "nvSpPr spPr style txBody",
    "cxnSp": "nvCxnSpPr spPr style",
    "grpSp": "nvGrpSpPr grpSpPr sp cxnSp",
    "nvCxnSpPr": "cNvPr cNvCxnSpPr nvPr",
    "cNvCxnSpPr": "cxnSpLocks stCxn endCxn",
    "spPr": "xfrm custGeom prstGeom noFill solidFill ln",
    "xfrm": "off ext chOff chExt",
    "custGeom": "avLst gdLst ahLst cxnLst rect pathLst",
    "ln": "noFill solidFill prstDash custDash round bevel miter headEnd tailEnd",
    "txBody": "bodyPr lstStyle p",
    "p": "pPr r endParaRPr",
    "pPr": "lnSpc spcBef spcAft buNone",
    "rPr": "ln noFill solidFill latin ea cs",
    "cNvPr": "hlinkClick extLst",
    "AlternateContent": "Choice Fallback",
}
"""The order of children that ECMA-376 gives each element; PowerPoint repairs files with others."""


def local(element):
    return element.tag.rpartition("}")[2]


def tree_of(drawing):
    (slide,) = Presentation(BytesIO(pptx.write([Page(drawing)]))).slides
    return slide.shapes._spTree


def frame(shape):
    off, ext = shape.find(".//{*}xfrm/{*}off"), shape.find(".//{*}xfrm/{*}ext")
    return tuple(int(each.get(key)) / EMU for each, key in
                 ((off, "x"), (off, "y"), (ext, "cx"), (ext, "cy")))  # fmt: skip


def sites(shape):
    """Return the connection sites of a shape, in the order of presetShapeDefinitions.xml."""
    x, y, w, h = frame(shape)
    own = shape.findall(".//{*}cxnLst/{*}cxn/{*}pos")
    if own:
        return [(x + int(p.get("x")) / EMU, y + int(p.get("y")) / EMU) for p in own]
    if shape.find(".//{*}prstGeom").get("prst") == "ellipse":
        at = [270, 225, 180, 135, 90, 45, 0, 315]
        return [(x + w / 2 * (1 + math.cos(math.radians(a))),
                 y + h / 2 * (1 + math.sin(math.radians(a)))) for a in at]  # fmt: skip
    return [(x + w / 2, y), (x, y + h / 2), (x + w / 2, y + h), (x + w, y + h / 2)]


def path(connector):
    """Return the corners of a bent connector as presetShapeDefinitions.xml and its turns say."""
    x, y, w, h = frame(connector)
    form = connector.find(".//{*}prstGeom")
    if form is None:
        return None
    a = [int(re.search(r"-?\d+", gd.get("fmla"))[0]) / 100_000 for gd in form.iter("{*}gd")]
    match form.get("prst"):
        case "straightConnector1":
            points = [(0, 0), (w, h)]
        case "bentConnector2":
            points = [(0, 0), (w, 0), (w, h)]
        case "bentConnector3":
            points = [(0, 0), (w * a[0], 0), (w * a[0], h), (w, h)]
        case "bentConnector4":
            points = [(0, 0), (w * a[0], 0), (w * a[0], h * a[1]), (w, h * a[1]), (w, h)]
        case "bentConnector5":
            points = [(0, 0), (w * a[0], 0), (w * a[0], h * a[1]), (w * a[2], h * a[1]),
                      (w * a[2], h), (w, h)]  # fmt: skip
        case _:
            return None
    place = connector.find(".//{*}xfrm")
    turn = math.radians(int(place.get("rot", "0")) / 60_000)
    found = []
    for px, py in points:
        dx = (px - w / 2) * (-1 if place.get("flipH") == "1" else 1)
        dy = (py - h / 2) * (-1 if place.get("flipV") == "1" else 1)
        found.append((x + w / 2 + dx * math.cos(turn) - dy * math.sin(turn),
                      y + h / 2 + dx * math.sin(turn) + dy * math.cos(turn)))  # fmt: skip
    return found


def near(one, other, least=1.1):
    return math.dist(one, other) <= least


def whole_line(pieces):
    """Return one curve of pieces, of which one begins where the other ends."""
    if len(pieces) == 1:
        return pieces[0]
    one, other = pieces if not pieces[0].arrow else pieces[::-1]
    assert near(one.segments[-1][-1], other.start)
    return replace(other, start=one.start, segments=(*one.segments, *other.segments))


@pytest.mark.parametrize("name", NETWORKS)
def test_every_edge_is_one_connector_glued_at_both_ends_along_its_route(name):
    for page in drawings(ag.load(name)):
        tree = tree_of(page)
        shapes = {each.get("id"): each for each in tree.iter("{*}cNvPr")}
        found = {}
        for connector in tree.iter("{*}cxnSp"):
            found.setdefault(connector.find(".//{*}cNvPr").get("name"), []).append(connector)
        assert {key: len(each) for key, each in found.items()} == {
            group.id: 1 for group in page.groups("edge")
        }
        for group in page.groups("edge"):
            curve = whole_line([g.items[0] for g in page.groups("edge") if g.id == group.id])
            (connector,) = found[group.id]
            ends = [curve.start, curve.segments[-1][-1]]
            for kind, wanted, point in zip(("stCxn", "endCxn"), group.ends, ends, strict=True):
                tie = connector.find(f".//{{*}}{kind}")
                shape = shapes[tie.get("id")]
                assert shape.get("name") == wanted
                site = sites(shape.getparent().getparent())[int(tie.get("idx"))]
                assert near(site, point)
            route = path(connector)
            if route is None:  # a curve
                continue
            assert len(route) == len(corners_of(curve))
            for one, other in zip(route, corners_of(curve), strict=True):
                assert near(one, other)


@pytest.mark.parametrize("drawing", [residual(), *drawings(ag.load("googlenet"))])
def test_elements_stand_in_the_order_of_the_schema(drawing):
    for element in tree_of(drawing).iter():
        order = ORDERS.get(local(element), "").split()
        if not order or local(element) == "grpSp":
            continue
        places = [order.index(local(child)) for child in element]
        assert places == sorted(places), element.tag


def test_numbers_of_shapes_are_their_own():
    for page in drawings(ag.load("vit_b_16")):
        ids = [each.get("id") for each in tree_of(page).iter("{*}cNvPr")]
        assert len(ids) == len(set(ids))


def test_what_bends_is_there_twice_for_programs_that_bend_it_elsewhere():
    (page,) = drawings(ag.load("resnet50"))
    both = list(tree_of(page).iter("{*}AlternateContent"))
    assert both
    for each in both:
        choice, other = each
        assert [local(part) for part in choice] == ["cxnSp"]
        assert [local(part) for part in other] == ["sp"]
        known = choice.nsmap[choice.get("Requires")]
        assert known == "http://schemas.microsoft.com/office/powerpoint/2010/main"
        assert choice.get("Requires") != "p14"  # by which LibreOffice knows it
