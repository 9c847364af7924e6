"""cost, compare and explain answer in tables that show themselves."""

from __future__ import annotations

import contextlib
import io
import json
import re
from html import unescape

import pytest
from IPython.core.formatters import DisplayFormatter

import archgraph as ag
from archgraph.cli.main import main


def printed(words):
    with contextlib.redirect_stdout(io.StringIO()) as caught:
        assert main(words) == 0
    return caught.getvalue()


QUESTIONS = {
    "cost googlenet --by block --columns macs,share --unit M": lambda: ag.cost(
        "googlenet", by="block", columns="macs,share", unit="M"
    ),
    "cost alexnet --convention lecture --batch 4": lambda: ag.cost(
        "alexnet", convention="lecture", batch=4
    ),
    "compare vgg16 alexnet --columns params,depth --sort params": lambda: ag.compare(
        ["vgg16", "alexnet"], columns=["params", "depth"], sort="params"
    ),
    "cost alexnet --explain features.0": lambda: ag.explain("alexnet", "features.0"),
    "memory alexnet --training --optimizer adam --fits A100": lambda: ag.memory(
        "alexnet", training=True, optimizer="adam", fits="A100"
    ),
    "cost alexnet --explain": lambda: ag.explain("alexnet"),
}


@pytest.mark.parametrize("words", QUESTIONS)
def test_an_answer_prints_what_the_command_line_prints(words):
    assert repr(QUESTIONS[words]()).rstrip() == printed(words.split()).rstrip()


@pytest.mark.parametrize("words", QUESTIONS)
def test_a_notebook_shows_an_answer_as_a_table(words):
    found, _ = DisplayFormatter().format(QUESTIONS[words]())
    assert found["text/html"].count("<tr>") > 2
    assert "text-align:right" in found["text/html"]


def test_a_notebook_shows_a_difference_as_it_prints():
    """The sentences and totals first; a row for each difference stands folded below."""
    found = ag.diff("resnet18", "resnet34")
    shown, _ = DisplayFormatter().format(found)
    above, _, below = shown["text/html"].partition("<details>")
    text = " ".join(unescape(re.sub(r"<[^>]*>", " ", above)).split())
    printed = [line for line in repr(found).splitlines() if line.strip("─ ")]
    assert [line for line in printed if " ".join(line.split()) not in text] == []
    assert below.count("<tr>") == 1 + 56  # ResNet-34 has eight more blocks of seven operators
    same, _ = DisplayFormatter().format(ag.diff("lenet5", "lenet5"))
    assert same["text/html"] == f"<p>{ag.diff('lenet5', 'lenet5')}</p>"


def test_a_notebook_breaks_no_figure_and_says_the_subtitle_on_a_line_of_its_own():
    found, _ = DisplayFormatter().format(ag.memory("lenet5", training=True))
    assert "batch 1<br>training</caption>" in found["text/html"]
    assert "white-space:nowrap" in found["text/html"]


@pytest.mark.parametrize("suffix", ["csv", "json", "md", "tex", "txt"])
def test_an_answer_is_saved_as_the_command_line_writes_it(tmp_path, suffix):
    ag.cost("lenet5").save(tmp_path / f"ours.{suffix}")
    printed(["cost", "lenet5", "-o", str(tmp_path / f"theirs.{suffix}")])
    ours, theirs = ((tmp_path / f"{each}.{suffix}").read_text() for each in ("ours", "theirs"))
    assert json.loads(ours) == json.loads(theirs) if suffix == "json" else ours == theirs


def test_an_answer_is_a_data_frame():
    pytest.importorskip("pandas")
    frame = ag.cost("alexnet", columns="macs,params").to_pandas()
    assert frame["macs"].sum() == 714_188_480
    assert [*frame.columns][-3:] == ["output", "macs", "params"]
    assert frame.set_index("name").loc["classifier.1", "params"] == 37_752_832


def test_in_a_data_frame_whole_numbers_stay_exact_beside_unknown_ones():
    b = ag.Builder("partly", input=(3, 8, 8))
    known = b.conv("known", b.input, 2**29, 1)
    net = b.build(known)
    net.nodes["input"]["macs"] = None
    frame = ag.cost(net).to_pandas().set_index("name")
    assert frame["macs"].dtype == "Int64"
    assert frame["macs"].isna().tolist() == [True, False]
    assert int(frame.loc["known", "macs"]) == 2**29 * 3 * 64
    assert frame["params"].dtype == "int64"


def test_a_wrong_option_names_the_right_one():
    with pytest.raises(ag.ArchGraphError, match=r"no option colums \(did you mean 'columns'\?\)"):
        ag.cost("lenet5", colums="macs")
    with pytest.raises(ag.ArchGraphError, match=r"no table format '.xlsx'; there are .json, .csv"):
        ag.cost("lenet5").save("x.xlsx")
