"""Laws on random networks: each is drawn, whole and well-formed, however it is asked for."""

from __future__ import annotations

import re
import warnings
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from laws import law
from random_networks import networks

import archgraph as ag
from archgraph.errors import DrawError
from archgraph.exporters.pictures.choices import CANVASES, Choices
from archgraph.exporters.pictures.single import pages

LEVELS = ("auto", "stage", "block", "layer")
SVG = "{http://www.w3.org/2000/svg}"


@st.composite
def asked_for(draw):
    """Draw a network and how it is to be drawn: level, canvas, colours, what labels say."""
    net = draw(networks())
    placed = any(net.nodes[name].get("device") is not None for name in net)
    colours = ["op", "op", "macs", "params", "activation_bytes", *["device"] * placed]
    return net, {
        "level": draw(st.sampled_from(LEVELS)),
        "fit": draw(st.sampled_from(list(CANVASES))),
        "color": draw(st.sampled_from(colours)),
        "theme": draw(st.sampled_from(["light", "dark", "print"])),
        "facts": draw(st.sampled_from([None, "shape", "op,macs,params", "activation_bytes"])),
    }


@law()
@given(asked_for())
def test_every_operator_is_in_some_box(asked_for):
    net, asked = asked_for
    made = pages([net], Choices.of(asked).settled([net], named=False))
    for page in made:
        view = page.view
        held = {name for node in view.nodes.values() for name in node.members} | set(view.hidden)
        assert held >= set(net)


@law()
@given(asked_for())
def test_a_picture_is_well_formed_and_its_text_is_text(tmp_path_factory, asked_for):
    net, asked = asked_for
    path = ag.draw(net, tmp_path_factory.getbasetemp() / "law.svg", **asked)
    root = ElementTree.fromstring(path.read_bytes())
    assert root.tag == f"{SVG}svg"
    width, height = (float(side) for side in root.get("viewBox", "").split()[2:])
    for text in root.iter(f"{SVG}text"):
        if not text.get("transform"):
            assert -1 <= float(text.get("x")) <= width + 1
            assert -1 <= float(text.get("y")) <= height + 1
    assert not re.search(rb"\bnan\b|\binf\b", path.read_bytes())


@law(20)
@given(networks(), st.sampled_from(["16:9", "none"]))
def test_volumes_are_drawn_or_the_network_has_none(tmp_path_factory, net, fit):
    path = tmp_path_factory.getbasetemp() / "law-volumes.svg"
    try:
        ag.draw(net, path, style="volumes", fit=fit)
    except DrawError:
        return
    ElementTree.fromstring(path.read_bytes())


@pytest.mark.parametrize("suffix", ["pdf", "pptx", "html", "tex", "dot", "png"])
def test_every_format_takes_every_network(suffix, tmp_path):
    @law(6)
    @given(networks(most=6), st.sampled_from(LEVELS))
    def drawn(net, level):
        assert ag.draw(net, tmp_path / f"law.{suffix}", level=level).stat().st_size > 100

    drawn()


@law(15)
@given(networks(most=5), networks(most=5))
def test_two_networks_stand_together_and_their_difference_is_drawn(tmp_path_factory, one, other):
    for difference in (False, True):
        path = tmp_path_factory.getbasetemp() / f"law-{difference}.svg"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # such networks have little in common
            try:
                ag.draw([one, other], path, difference=difference)
            except DrawError as error:
                if "use fit='none'" not in str(error):
                    raise
                ag.draw([one, other], path, difference=difference, fit="none")
        ElementTree.parse(path)
