"""An operator of another package, of a family that themes do not know, is drawn like any other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import pytest
from test_pictures import (
    boxes_do_not_overlap,
    everything_is_on_the_canvas,
    words_do_not_cover_each_other,
    words_stay_in_their_boxes,
)

import archgraph as ag
from archgraph.exporters.pictures.look.colour import colouring
from archgraph.exporters.pictures.look.theme import THEMES
from archgraph.exporters.pictures.view import build_view
from archgraph.ops.base import Op
from bench.reading_svg import read


@dataclass(frozen=True)
class Mixer(Op):
    """An operator that archgraph does not have."""

    heads: int
    family: ClassVar[str] = "token mixing"

    def parameters(self) -> dict[str, tuple[int, ...]]:
        return {"weight": (self.heads, 16)}


def network() -> ag.ArchGraph:
    b = ag.Builder("mixed", input=(3, 32, 32))
    x = b.relu("relu1", b.conv("conv1", b.input, 16, 3, padding=1))
    net = b.build(x)
    net.add("mixer", Mixer(4), ["relu1"])
    net.graph["outputs"] = ["mixer"]
    return net


@pytest.mark.parametrize("name", THEMES)
def test_a_foreign_family_has_a_neutral_tone_and_its_own_word(name):
    net, colours = network(), THEMES[name]
    found = colouring(net, build_view(net, "layer"), "op", colours)
    assert found.tones["mixer"] == colours.tones["other"]
    assert ("token mixing", colours.tones["other"]) in found.legend
    assert [words for words, _ in found.legend][:2] == ["input", "convolution"]


@pytest.mark.parametrize("suffix", ["svg", "pdf", "png", "pptx", "tex", "dot", "html"])
@pytest.mark.parametrize("color", ["op", "macs"])
def test_a_foreign_family_is_drawn_in_every_format(tmp_path, suffix, color):
    file = ag.draw(network(), tmp_path / f"x.{suffix}", level="layer", color=color)
    assert file.stat().st_size > 500


def test_a_picture_with_a_foreign_family_can_be_read(tmp_path):
    text = ag.draw(network(), tmp_path / "x.svg", level="layer").read_text(encoding="utf-8")
    assert ">token mixing</text>" in text
    picture = read(text)
    words_stay_in_their_boxes(picture)
    boxes_do_not_overlap(picture)
    words_do_not_cover_each_other(picture)
    everything_is_on_the_canvas(picture)


def test_charts_and_several_networks_know_foreign_families(tmp_path):
    file = ag.chart([network(), ag.load("lenet5")], tmp_path / "chart.svg", chart="layers")
    assert ">token mixing</text>" in file.read_text(encoding="utf-8")
    nets = [network(), network()]
    assert "token mixing" in ag.draw(nets, tmp_path / "two.svg", level="layer").read_text("utf-8")
