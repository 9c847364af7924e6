"""The page of the lecture's claims: its figures are the graphs', what is loose is told."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import pytest
from facts import ALEXNET_LAYERS

import archgraph as ag
from archgraph.architecture import architectures
from archgraph.cli import main
from archgraph.exporters.site import write_site
from archgraph.gallery.lecture import LECTURE
from archgraph.lectures import Answer, Claim, Lecture, Row, answer_table, lectures

NUMBERS = range(1, 14)


@pytest.fixture(scope="module")
def answers() -> dict[int, Answer]:
    return {number: claim.answer() for number, claim in enumerate(LECTURE.claims, 1)}


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    """A site of two networks, which seven claims are about."""
    folder = tmp_path_factory.mktemp("lecture")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("archgraph.exporters.site.figure_files.formats", lambda _: ["svg"])
        write_site(folder, ["alexnet", "resnet50"])
    return folder


def found(answer: Answer, what: str):
    return next(row.found for row in answer.rows if row.what == what)


def test_the_lecture_is_found_by_its_entry_point_and_has_thirteen_claims():
    assert lectures()[0] is LECTURE
    assert len(LECTURE.claims) == len(NUMBERS)


def test_all_networks_of_a_lecture_are_in_the_gallery():
    for each in (*LECTURE.claims, *LECTURE.comparisons):
        assert set(each.networks) <= {*architectures()}


def test_what_is_claimed_of_conv1_is_in_the_lectures_table(answers):
    _, shape, kib, params, count = ALEXNET_LAYERS[0]
    assert found(answers[2], "output of conv1") == shape
    assert found(answers[3], "in memory, as float32") == kib
    assert found(answers[4], "parameters of conv1") == params
    assert found(answers[5], "conv1, as the lecture counts") == count


@pytest.mark.parametrize("number", NUMBERS)
def test_the_lecture_is_right_but_where_it_is_known_to_be_loose(answers, number):
    loose = {
        9: {"filters of conv3 to conv5, ZFNet"},
        10: {"memory of all convolutions' outputs", "work"},
        11: {"parameters", "times fewer parameters than AlexNet"},
    }
    assert {row.what for row in answers[number].rows if row.agrees is False} == loose.get(
        number, set()
    )
    assert answers[number].figures
    # Where the two differ the right fact is told.
    assert number not in loose or answers[number].instead


def test_right_facts_stand_beside_the_loose_ones(answers):
    assert "145,911,808 FLOPs" in " ".join(answers[5].instead)
    assert "16.5 %" in " ".join(answers[9].instead)
    assert found(answers[10], "work") == 15.47
    assert "15,470,264,320" in " ".join(answers[10].instead)
    assert "6,998,552" in " ".join(answers[11].instead)
    assert "271,351,808" in " ".join(answers[11].instead)


def test_errors_name_the_paper_that_they_are_from(answers):
    for number in NUMBERS:
        for row in answers[number].rows:
            assert ("error" in row.what or "one network" in row.what) == bool(
                row.source and row.unit
            ), row.what


def test_arithmetic_is_what_the_command_writes(site, capsys):
    """Each command on the page runs, and each formula of the page is in what it prints."""
    text = (site / "claims" / "index.html").read_text("utf-8")
    commands = re.findall(r"<code>archgraph (cost [^<]*)</code>", text)
    assert len(commands) == 10
    formulas = set()
    for command in dict.fromkeys(commands):
        assert main([*shlex.split(command), "--format", "json"]) == 0
        record = json.loads(capsys.readouterr().out)
        formulas |= {each["text"] for each in (*record["extents"], *record["costs"])}
    for formula in ("⌊(227 − 11 + 2·2) / 4⌋ + 1", "64·3·11·11 + 64", "64·56·56 · 3·11·11"):
        assert formula in formulas
        assert formula in text


def test_claims_whose_networks_are_not_there_say_what_they_need(site):
    text = (site / "claims" / "index.html").read_text("utf-8")
    shown = set(map(int, re.findall(r'<section class="claim" id="claim(\d+)"', text)))
    assert shown == {2, 3, 4, 5, 6, 7, 13}
    assert "1. LeNet-5&#x27;s design, larger: needs lenet5" in text
    assert "12. ResNet: needs resnet18, plain34, resnet34" in text


def test_a_file_that_bears_the_name_of_a_network_is_not_the_lectures(tmp_path):
    b = ag.Builder("vgg16", input=(3, 8, 8))
    own = str(b.build(b.conv("conv", b.input, 4, 3)).save(tmp_path / "vgg16.json"))
    write_site(tmp_path / "site", [own, "lenet5"])
    assert not (tmp_path / "site" / "claims").exists()


def test_a_lecture_of_another_package_is_shown_and_its_words_are_text(tmp_path, monkeypatch):
    evil = "<script>alert('x')</script>"
    rows = (Row(evil, 1, 2, evil, evil),)
    claim = Claim(evil, evil, ("lenet5",), lambda: Answer(rows=rows, instead=(evil,)))
    site = import_module("archgraph.exporters.site.write_site")
    monkeypatch.setattr(site, "lectures", lambda: [Lecture(evil, (claim,))])
    write_site(tmp_path, ["lenet5"])
    text = (tmp_path / "claims" / "index.html").read_text("utf-8")
    assert "<script" not in text
    assert text.count("&lt;script&gt;") >= 7


def test_a_figure_agrees_only_where_it_is_the_same():
    row = Row("x", 2, 2)
    assert row.agrees is True
    assert replace(row, found=3).agrees is False
    assert replace(row, claimed="").agrees is None
    table = answer_table([row, replace(row, found=None)])
    assert table is not None
    assert table.rows[1][2] == "unknown"
    assert answer_table([]) is None
