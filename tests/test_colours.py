"""What colours say: legends name the boxes they stand for, scales order and measure them."""

from __future__ import annotations

import itertools
import math

import pytest

import archgraph as ag
from archgraph.exporters.pictures.draw import drawings
from archgraph.exporters.pictures.drawing import Box, Text
from archgraph.exporters.pictures.look.contrast import contrast
from archgraph.exporters.pictures.look.theme import FAMILY_WORDS, THEMES
from archgraph.units import figure

WORDS = {
    "input": "input",
    "conv": "convolution",
    "pool": "pooling",
    "linear": "fully connected",
    "norm": "normalisation",
    "activation": "activation",
    "merge": "join",
    "module": "block",
}
"""What people call each family of operators."""


def legend_of(page):
    """Return the fill that the legend shows before each of its words."""
    (legend,) = page.groups("legend")
    pairs = zip(legend.items, legend.items[1:], strict=False)
    return {
        text.text: box.paint.fill
        for box, text in pairs
        if isinstance(box, Box) and isinstance(text, Text)
    }


def fills_of(page):
    return {group.id: group.items[0].paint.fill for group in page.groups("node")}


@pytest.mark.parametrize("theme", ["light", "dark", "print"])
@pytest.mark.parametrize("level", ["stage", "block", "layer"])
@pytest.mark.parametrize("name", ["alexnet", "resnet18", "vit_b_16", "lenet5"])
def test_a_legend_names_every_kind_of_box_in_its_colour_and_no_other(name, level, theme):
    for page in drawings(ag.load(name), level=level, theme=theme):
        shown = {}
        for group in page.groups("node"):
            if group.classes[1] in WORDS and "reduction" not in group.classes:
                shown[WORDS[group.classes[1]]] = group.items[0].paint.fill
        legend = legend_of(page)
        assert shown.items() <= legend.items()
        assert set(fills_of(page).values()) == set(legend.values())


def test_devices_have_the_colours_that_the_legend_says():
    net = ag.load("alexnet_two_gpu")
    (page,) = drawings(net, level="layer", color="device")
    legend = legend_of(page)
    assert set(legend) == {"GPU 0", "GPU 1"}
    for name, fill in fills_of(page).items():
        device = net.nodes[name]["device"]
        if device is not None:
            assert fill == legend[f"GPU {device}"], name


def bar_of(page):
    """Return the steps of the colour bar, and the words before, at its start and at its end."""
    (legend,) = page.groups("legend")
    steps = [item.paint.fill for item in legend.items if isinstance(item, Box)]
    words = [item.text for item in legend.items if isinstance(item, Text)]
    return [step for step in steps if step], words


@pytest.mark.parametrize("theme", ["light", "dark", "print"])
@pytest.mark.parametrize("scale", ["linear", "log"])
@pytest.mark.parametrize("metric", ["macs", "params", "activation_bytes"])
def test_colours_of_a_metric_stand_where_the_bar_has_its_number(metric, scale, theme):
    net = ag.load("alexnet")
    (page,) = drawings(net, level="layer", color=metric, scale=scale, theme=theme, pages=False)
    steps, words = bar_of(page)
    values = {name: net.nodes[name][metric] for name in fills_of(page)}
    known = [value for value in values.values() if value > 0]
    low, high = (min(known) if scale == "log" else 0), max(known)
    title = net.metric(metric).title + (" (log)" if scale == "log" else "")
    assert words == [title, figure(low, net.metric(metric)), figure(high, net.metric(metric))]
    for name, fill in fills_of(page).items():
        value = values[name]
        if value <= 0:
            part = 0.0
        elif scale == "linear":
            part = value / high
        else:  # the least stands off those that cost nothing
            part = 0.1 + 0.9 * math.log(value / low) / math.log(high / low)
        near = min(range(len(steps)), key=lambda place: apart(steps[place], fill))
        assert near / (len(steps) - 1) == pytest.approx(part, abs=0.6 / (len(steps) - 1)), name


def apart(one, other):
    """Return how far two colours lie apart."""
    channels = [[int(each[i : i + 2], 16) for i in (1, 3, 5)] for each in (one, other)]
    return math.dist(*channels)


SIGHTS = {
    "usual": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "without red": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "without green": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
}
"""How linear red, green and blue look to whom (Machado, Oliveira and Fernandes, 2009, table 1)."""


def product(row, parts):
    return sum(one * other for one, other in zip(row, parts, strict=True))


def lab(colour, sight):
    """Return a colour in CIE 1976 L*a*b* as someone sees it."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    seen = [min(1.0, max(0.0, product(row, linear))) for row in SIGHTS[sight]]
    rows = ((0.4339, 0.3762, 0.1899), (0.2126, 0.7152, 0.0722), (0.0177, 0.1095, 0.8728))
    x, y, z = (
        t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116
        for t in (product(row, seen) for row in rows)
    )
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


@pytest.mark.parametrize("sight", SIGHTS)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_boxes_of_layers_can_be_told_apart_whatever_colours_one_sees(theme, sight):
    tones = THEMES[theme].tones
    layers = ("conv", "linear", "pool", "attention", "embedding", "recurrent", "resampling")
    for one, other in itertools.combinations(layers, 2):
        away = math.dist(lab(tones[one].fill, sight), lab(tones[other].fill, sight))
        assert away > 8, (one, other, away)  # 2.3 is the least that is seen


@pytest.mark.parametrize("theme", THEMES)
def test_words_stand_out_on_every_family(theme):
    for kind in FAMILY_WORDS:
        tone = THEMES[theme].tone(kind)
        assert contrast(tone.fill, tone.text) >= 4.5, kind
