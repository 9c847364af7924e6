"""Charts on slides: PowerPoint's own, with the numbers that the picture shows behind them."""

import math
import re
from io import BytesIO
from zipfile import ZipFile

import pytest
from lxml import etree
from made_template import template
from pptx import Presentation

import archgraph as ag

C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
ORDERS = {
    "chartSpace": "date1904 roundedCorners chart spPr txPr externalData",
    "chart": "autoTitleDeleted plotArea plotVisOnly dispBlanksAs",
    "plotArea": "layout barChart scatterChart catAx valAx spPr",
    "barChart": "barDir grouping varyColors ser gapWidth axId",
    "scatterChart": "scatterStyle varyColors ser axId",
    "dPt": "idx invertIfNegative marker bubble3D spPr",
    "dLbl": "idx tx numFmt spPr txPr dLblPos showLegendKey showVal showCatName showSerName "
    "showPercent showBubbleSize",
    "catAx": "axId scaling delete axPos numFmt majorTickMark minorTickMark tickLblPos spPr txPr "
    "crossAx crosses auto lblAlgn lblOffset tickLblSkip noMultiLvlLbl",
    "valAx": "axId scaling delete axPos majorGridlines numFmt majorTickMark minorTickMark "
    "tickLblPos spPr txPr crossAx crosses crossBetween majorUnit",
    "scaling": "logBase orientation max min",
    "marker": "symbol size spPr",
}
SERIES = {
    "barChart": "idx order tx invertIfNegative dPt dLbls cat val",
    "scatterChart": "idx order tx spPr marker dPt xVal yVal smooth",
}


def charts(file):
    (slide,) = Presentation(str(file)).slides
    return [shape for shape in slide.shapes if shape.has_chart]


def local(element):
    return element.tag.rpartition("}")[2]


def rows_of(shape):
    """Return the cells of a chart's workbook, row by row; None where there is none."""
    book = ZipFile(BytesIO(shape.chart.part.chart_workbook.xlsx_part.blob))
    assert not any(b"External" in book.read(n) for n in book.namelist() if n.endswith(".rels"))
    words = ["".join(each.itertext()) for each in etree.fromstring(
        book.read("xl/sharedStrings.xml"))]  # fmt: skip
    sheet = etree.fromstring(book.read("xl/worksheets/sheet1.xml"))
    assert sheet.find(".//{*}f") is None  # no formulas
    cells = {}
    for cell in sheet.iter("{*}c"):
        value = cell.find("{*}v").text
        column, row = re.fullmatch(r"([A-Z]+)(\d+)", cell.get("r")).groups()
        place = 0
        for letter in column:
            place = 26 * place + ord(letter) - 64
        text = cell.get("t") == "s"
        cells[int(row) - 1, place - 1] = words[int(value)] if text else float(value)
    height, width = (max(axis) + 1 for axis in zip(*cells, strict=True))
    return [[cells.get((row, column)) for column in range(width)] for row in range(height)]


@pytest.fixture(scope="module")
def layers(tmp_path_factory):
    return ag.chart(["alexnet", "vgg16"], tmp_path_factory.mktemp("c") / "chart.pptx")


def test_bars_are_a_chart_for_each_network_and_metric(layers):
    found = charts(layers)
    assert [shape.name for shape in found] == [
        f"{net}: {metric}"
        for metric in ("Activations, MiB", "Parameters, M", "MACs, G")
        for net in ("AlexNet", "VGG-16")
    ]


def test_the_workbook_holds_the_networks_own_figures(layers):
    head, *body = rows_of(charts(layers)[3])
    rows = dict(body)
    assert head[1] == "VGG-16: Parameters, M"
    # Simonyan and Zisserman (2014): fc6 reads 512·7·7, conv1_1 reads three colours.
    assert rows["fc6"] == pytest.approx((512 * 7 * 7 * 4096 + 4096) / 1e6)
    assert rows["conv1_1"] == pytest.approx((3 * 64 * 9 + 64) / 1e6)
    assert sum(value for value in rows.values() if value) == pytest.approx(138.357544)


def test_what_is_plotted_is_what_the_workbook_holds(layers):
    for shape in charts(layers):
        (plot,) = shape.chart.plots
        rows = rows_of(shape)[1:]
        assert list(plot.categories) == [label for label, _ in rows]
        assert list(plot.series[0].values) == pytest.approx([value for _, value in rows])


def test_the_roofline_is_points_and_a_roof_on_two_logarithmic_axes(tmp_path):
    from archgraph.cli import main

    file = tmp_path / "roof.pptx"
    assert main(["roofline", "resnet18", "--device", "A100", "-o", str(file)]) == 0
    (shape,) = charts(file)
    space = shape.chart._chartSpace
    assert len(list(space.iter(f"{C}logBase"))) == 2
    names = {each.find(f".//{C}tx//{C}v").text for each in space.iter(f"{C}ser")}
    assert names >= {"roof, float32", "ResNet-18"}
    rows = rows_of(shape)
    column = rows[0].index("ResNet-18")
    dots = [(row[column - 1], row[column]) for row in rows[1:] if row[column] is not None]
    # Under the roof: an A100 computes 19.5 T FLOP/s in float32 and moves 1.555 TB/s.
    assert all(y <= min(19500, 1555.0 * x) * 1.001 for x, y in dots)


def test_growth_is_a_curve_of_exact_counts(tmp_path):
    found = ag.growth("vit_b_16", over="tokens")
    (shape,) = charts(ag.growth_chart(found, tmp_path / "growth.pptx"))
    rows = rows_of(shape)[1:]
    for size, value in [row[:2] for row in rows][::50]:
        # 12 layers: 12·768² for each token, 2·768 for each pair; patches, class token and head.
        assert value * 1e9 == pytest.approx(found.at(int(size)), rel=1e-9)


def test_a_circle_is_as_large_as_its_parameters(tmp_path):
    nets = ["alexnet", "vgg16", "googlenet", "resnet50"]
    (shape,) = charts(ag.chart(nets, tmp_path / "accuracy.pptx"))
    sizes = {}
    for each in shape.chart._chartSpace.iter(f"{C}ser"):
        name = each.find(f".//{C}tx//{C}v").text
        sizes[name] = int(each.find(f".//{C}dPt//{C}size").get("val"))
    wanted = math.sqrt(138_357_544 / 61_100_840)
    assert sizes["VGG-16"] / sizes["AlexNet"] == pytest.approx(wanted, rel=0.03)
    assert max(sizes.values()) <= 72  # PowerPoint's largest


@pytest.mark.parametrize("kind", ["layers", "accuracy"])
def test_elements_stand_in_the_order_of_the_schema(kind, tmp_path):
    nets = ["alexnet", "vgg16", "resnet50"]
    for shape in charts(ag.chart(nets, tmp_path / "x.pptx", chart=kind)):
        for element in shape.chart._chartSpace.iter():
            order = ORDERS.get(local(element), "")
            if local(element) == "ser":
                order = SERIES[local(element.getparent())]
            if order:
                places = [order.split().index(local(child)) for child in element]
                assert places == sorted(places), local(element)


def test_labels_that_look_like_formulas_or_links_are_words(tmp_path):
    b = ag.Builder("evil", input=(3, 8, 8))
    x = b.conv("a", b.input, 4, 3, label='=HYPERLINK("http://x")')
    net = b.build(b.conv("b", x, 4, 3, label="http://example.org"))
    for shape in charts(ag.chart([net], tmp_path / "x.pptx")):
        assert '=HYPERLINK("http://x")' in [row[0] for row in rows_of(shape)]


def test_charts_take_a_themes_colours_and_are_the_same_each_time(tmp_path):
    uni = template(tmp_path / "uni.potx")
    one, other = (
        ag.chart(["alexnet", "vgg16"], tmp_path / f"{n}.pptx", template=uni).read_bytes()
        for n in (1, 2)
    )
    assert one == other
    with ZipFile(BytesIO(one)) as deck:
        parts = [deck.read(name).decode() for name in deck.namelist() if "/charts/chart" in name]
    assert parts
    assert all("srgbClr" not in part for part in parts if not part.startswith("PK"))
    assert all(re.search('schemeClr val="accent', part) for part in parts if "c:ser" in part)


def test_live_memory_keeps_its_shapes(tmp_path):
    assert not charts(ag.chart(["lenet5"], tmp_path / "memory.pptx", chart="memory"))
