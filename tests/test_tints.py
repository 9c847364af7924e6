"""Each stage has a tint of its own, the same wherever it goes on."""

from __future__ import annotations

from itertools import pairwise

import pytest

import archgraph as ag
from archgraph.exporters.pictures.draw import drawings
from archgraph.exporters.pictures.look.contrast import contrast
from archgraph.exporters.pictures.look.theme import THEMES


def fills(page) -> list[tuple[str, str]]:
    """Return (label, fill) of each frame, as drawn."""
    return [(group.title, group.items[0].paint.fill) for group in page.groups("cluster")]


def test_neighbouring_stages_differ():
    (page,) = drawings(ag.load("resnet50"))
    found = [fill for _, fill in fills(page)]
    assert len(found) == 6
    assert all(a != b for a, b in pairwise(found))


def test_a_stage_keeps_its_tint_across_columns_and_pages():
    pages = drawings(ag.load("googlenet"), level="layer")
    assert len(pages) > 3
    found: dict[str, set[str]] = {}
    for page in pages:
        for label, fill in fills(page):
            found.setdefault(label[:11], set()).add(fill)
    assert {len(found[name]) for name in ("Inception 3", "Inception 4", "Inception 5")} == {1}
    assert found["Inception 3"] != found["Inception 4"] != found["Inception 5"]


def test_stages_of_one_name_have_one_tint_side_by_side():
    (page,) = drawings([ag.load("plain34"), ag.load("resnet34")], level="block")
    found: dict[str, set[str]] = {}
    for label, fill in fills(page):
        found.setdefault(label, set()).add(fill)
    assert len(found) == 6
    assert all(len(each) == 1 for each in found.values())


def test_a_metric_alone_has_colour():
    (page,) = drawings(ag.load("resnet50"), color="macs")
    assert len({fill for _, fill in fills(page)}) == 1


@pytest.mark.parametrize("name", ["light", "dark", "print"])
def test_words_are_legible_on_every_tint(name):
    look = THEMES[name]
    for fill, _ in look.frame_tints:
        assert contrast(look.soft, fill) >= 4.5
