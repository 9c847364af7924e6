"""Drawings made by hand that hold everything a file format must be able to show."""

from archgraph.exporters.pictures.drawing import (
    Box,
    Curve,
    Drawing,
    Group,
    Item,
    Paint,
    Point,
    Polygon,
    Text,
)

INK, BLUE, SKY, GREY = "#1b1f24", "#0b5cad", "#dbe9f9", "#7a828c"

HOSTILE = {
    "script": '<script>alert("x")</script>',
    "quotes": "\"double\" 'single' & &amp; <b>",
    "tex": r"100% \input{x} #1 $a_b^c$ {~} ^",
    "dot": 'a -> b; [label="x\\n"] {|} <f0>',
    "hebrew": "שכבת קונבולוציה 64×56",
    "arabic": "طبقة الالتفاف conv1",
    "korean": "합성곱 신경망 그림",
    "greek": "α·x + β ≥ Σ σ² → ⊕ … –",
    "accents": "Ångström naïve façade Łódź Dvořák",
    "control": "null\x00bell\x07line\nbreak\ud800\u202eend",
}


def node(name: str, x: float, y: float, label: str, second: str = "", title: str = "") -> Group:
    """Return a box of 120 × 44 pt with one or two lines of text."""
    items: list[Item] = [Box(x, y, 120, 44, Paint(SKY, BLUE, 1.2), radius=6)]
    items.append(Text(x + 60, y + (18 if second else 26), label, 11, INK, bold=True))
    if second:
        items.append(Text(x + 60, y + 33, second, 8, GREY))
    return Group(name, ("node", "conv"), tuple(items), title or f"{name}: {label}, {second}")


def edge(
    source: str, target: str, start: Point, *segments: tuple[Point, ...], dash: bool = False
) -> Group:
    """Return an edge with an arrowhead."""
    paint = Paint(stroke=INK, width=1.1, dash=(4.0, 3.0) if dash else ())
    curve = Curve(start, segments, paint, arrow=True)
    classes = ("edge", "shortcut") if dash else ("edge",)
    return Group(
        f"{source}->{target}", classes, (curve,), f"{source} to {target}", (source, target)
    )


def residual(background: str | None = None) -> Drawing:
    """Return a residual block: two nodes, a sum in a circle, a dashed shortcut, a cluster."""
    plus = Group(
        "add",
        ("node", "add"),
        (
            Box(409, 231, 22, 22, Paint("#ffffff", INK, 1.2), radius=11),
            Text(420, 246.5, "+", 14, INK),
        ),
        "add: sum of the shortcut and the block",
    )
    cluster = Group(
        "layer1",
        ("cluster", "stage"),
        (
            Box(40, 180, 520, 150, Paint("#f4f6f8", GREY, 0.8, (2.0, 2.0), 0.8), radius=10),
            Text(52, 196, "layer1", 10, GREY, "start", italic=True),
        ),
        "layer1: 3 blocks",
    )
    items: tuple[Item, ...] = (
        Text(480, 46, "Residual block 합성곱 · α ≥ β", 24, INK, bold=True),
        cluster,
        node("conv1", 80, 220, "conv1 3×3", "64 × 56 × 56"),
        node("conv2", 240, 220, "conv2 3×3, /2", "23.3 k · 72.9 M MACs"),
        plus,
        node("relu", 600, 220, "ReLU"),
        node("below", 600, 380, "Elbow"),
        edge("conv1", "conv2", (200, 242), ((240, 242),)),
        edge("conv2", "add", (360, 242), ((409, 242),)),
        edge("add", "relu", (431, 242), ((600, 242),)),
        edge("relu", "below", (660, 264), ((660, 320),), ((640, 320),), ((640, 380),)),
        edge("conv1", "add", (140, 264), ((140, 320), (420, 330), (420, 253)), dash=True),
        Group(
            "edge label",
            ("label",),
            (
                Box(230, 300, 110, 16, Paint("#ffffff")),
                Text(285, 311, "projection 1×1", 9, BLUE, italic=True),
            ),
        ),
        Group(
            "legend",
            ("legend",),
            (
                Polygon(
                    ((800, 440), (860, 440), (880, 460), (820, 460)), Paint("#f2c14e", INK, 0.8)
                ),
                Text(890, 454, "Polygon", 9, INK, "start"),
                Text(780, 454, "end", 9, INK, "end"),
                Text(930, 300, "rotated by 90", 10, INK, rotate=90),
                Text(910, 300, "rotated by −90", 10, INK, rotate=-90, anchor="start"),
                Text(860, 300, "slanted 30", 10, INK, rotate=30, anchor="end", bold=True),
            ),
            "the legend",
        ),
    )
    return Drawing(
        960,
        540,
        items,
        "Residual block",
        "Two convolutions and a shortcut",
        background,
        notes="layer  params\nconv1  36,928\nconv2  73,856",
    )


def hostile() -> Drawing:
    """Return a drawing of labels that try to break out of every format."""
    items: list[Item] = []
    for row, (name, label) in enumerate(HOSTILE.items()):
        items.append(
            Group(
                f'{name} "&<>%',
                ("node", "conv"),
                (
                    Box(40, 20 + 46 * row, 400, 38, Paint(SKY, BLUE)),
                    Text(52, 44 + 46 * row, label, 12, INK, "start"),
                ),
                label,
            )
        )
    items.append(Text(460, 40, "long " * 60, 9, INK, "start"))
    return Drawing(
        960, 540, tuple(items), HOSTILE["script"], HOSTILE["tex"], notes=HOSTILE["quotes"]
    )
