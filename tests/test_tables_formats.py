"""Tables hold their promises in every format, whatever a network's author wrote into it."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import subprocess

import pytest

import archgraph as ag
from archgraph.ops import Input, Opaque, ReLU
from archgraph.tables import FORMATS, Column, Table, cost_report, cost_table, render
from archgraph.tables.cost_json import cost_record
from archgraph.tables.terminal import terminal

HOSTILE = [
    "<script>alert(1)</script>",
    "a|b & 50 % of $x_1$ {#} ~^\\",
    '"quoted", with; separators',
    "안녕하세요 네트워크",
    "\x1b[31mred\x1b[0m",
    "=1+1",
    "two\nlines",
]


def with_unknown() -> ag.ArchGraph:
    net = ag.ArchGraph(name="foreign")
    net.add("input", Input((3, 8, 8)))
    net.add("a", Opaque("Swirl", (4, 8, 8)), ["input"])
    net.add("b", Opaque("Twirl", (4, 8, 8)), ["a"])
    net.add("relu", ReLU(), ["b"])
    return net


def test_what_is_unknown_is_never_a_number():
    report = cost_report(with_unknown())
    record = cost_record(report)
    assert record["totals"]["macs"] is None
    assert record["at_least"]["flops"] == 4 * 8 * 8
    text = render(cost_table(report), "table")
    assert "≥ 0  (2 nodes unknown)" in text
    assert re.search(r"^a +Swirl \(unknown\) .* unknown +unknown", text, re.M)
    rows = list(csv.DictReader(io.StringIO(render(cost_table(report, exact=True), "csv"))))
    assert [row["macs"] for row in rows] == ["0", "unknown", "unknown", "0"]


def test_unknown_parts_make_a_group_unknown():
    report = cost_report(with_unknown(), by="stage")
    # The ReLU, whose count is known, stands with what it reads.
    assert [group.nodes for group in report.groups] == [("input",), ("a",), ("b", "relu")]
    assert [group.values["macs"] for group in report.groups] == [0, None, None]


def test_a_metric_of_the_users_own_is_a_column_everywhere():
    net = ag.load("lenet5")
    net.attach("latency", {"c1": 1.5, "c3": 2.25}, title="Latency", unit="ms", per_image=False)
    report = cost_report(net, batch=4)
    table = cost_table(report)
    assert Column("latency", "Latency", "number", "ms") in table.columns
    assert "≥ 3.75 ms  (11 nodes unknown)" in dict(table.summary)["Latency"]
    assert "latency" in render(cost_table(report, exact=True), "csv").splitlines()[0]
    assert {node["latency"] for node in cost_record(report)["nodes"]} == {1.5, 2.25, None}


def test_a_metric_that_takes_the_largest_does_so_in_groups():
    net = ag.load("lenet5")
    net.attach("peak", dict.fromkeys(net, 3) | {"c3": 7}, reduce="max")
    report = cost_report(net, by="stage")
    assert report.totals["peak"] == 7
    assert [group.values["peak"] for group in report.groups] == [3, 7, 3]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("format", FORMATS)
def test_any_label_stays_one_cell(text, format):
    table = Table("t", (Column("a", "A"), Column("b", "B", "number")), ((text, 1), ("plain", 2)))
    written = render(table, format)
    assert "\x1b" not in written
    if format == "csv":
        rows = list(csv.reader(io.StringIO(written)))
        assert [len(row) for row in rows] == [2, 2, 2]
        assert not rows[1][0].startswith("=")
    elif format == "json":
        assert json.loads(written)[0] == {"a": text, "b": 1}
    elif format == "markdown":
        lines = [line for line in written.splitlines() if line.startswith("|")]
        assert [len(re.findall(r"(?<!\\)\|", line)) for line in lines] == [3, 3, 3, 3]
        assert "<script>" not in written
    elif format == "latex":
        body = written.split(r"\midrule")[1].split(r"\bottomrule")[0]
        assert [len(re.findall(r"(?<!\\)&", line)) for line in body.strip().splitlines()] == [1, 1]


def test_columns_line_up_in_a_terminal_with_wide_letters():
    table = Table("", (Column("a", "A"), Column("b", "B", "number")), (("네트", 1), ("abcd", 2)))
    *_, korean, latin = terminal(table).splitlines()
    # Two signs of double width take the room of four letters.
    assert korean == "네트  1"
    assert latin == "abcd  2"


def test_colour_changes_no_letter():
    table = cost_table(cost_report(ag.load("lenet5")))
    assert re.sub(r"\x1b\[\d+m", "", terminal(table, colour=True)) == terminal(table)


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="needs LaTeX")
@pytest.mark.parametrize("name", ["lenet5", "resnet50"])
def test_latex_compiles(tmp_path, name):
    packages = r"\usepackage{graphicx,booktabs,longtable}"
    body = render(cost_table(cost_report(ag.load(name))), "latex")
    source = rf"\documentclass{{article}}{packages}\begin{{document}}{body}\end{{document}}"
    (tmp_path / "table.tex").write_text(source, encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "table.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:]


@pytest.mark.parametrize("title", ["Costs", "Costs.", "Costs. "])
@pytest.mark.parametrize("note", ["one image", "one image.", "which?", ""])
def test_notes_have_one_full_stop_behind_each_sentence(title, note):
    table = Table(title, (Column("a", "A"),), ((1,),), subtitle="MACs: counted.", notes=(note, ""))
    text = render(table, "latex")
    (caption,) = re.findall(r"\\caption\{(.*)\}", text)
    assert caption == title.strip()
    (notes,) = re.findall(r"\\end\{tabular\}\}\{%\n(.*)\}", text)
    wanted = f"{note[:1].upper()}{note[1:]}"
    wanted += "." * (note[-1:] not in ("", ".", "?"))
    assert notes == " ".join(filter(None, ["MACs: counted.", wanted]))
