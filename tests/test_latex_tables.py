"""Tables for a paper: they fit their column, and say in words what they are."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

import archgraph as ag
from archgraph.cli import main
from archgraph.errors import FormatError
from archgraph.tables.latex import LONG, InPaper, latex
from archgraph.tables.render import render
from archgraph.tables.table import Column, Table

needs_latex = pytest.mark.skipif(shutil.which("pdflatex") is None, reason="needs LaTeX")


def caption(text):
    (found,) = re.findall(r"\\caption\{(.*)\}", text)
    return found.replace(r"\,$\times$\,", "×")


def log(folder, body, document="[twocolumn]{article}"):
    """Return what LaTeX says of a document whose column is as narrow as a paper's."""
    packages = r"\usepackage[letterpaper,margin=1in,columnsep=10pt]{geometry}"
    packages += r"\usepackage{booktabs,graphicx,longtable}"
    source = rf"\documentclass{document}{packages}\begin{{document}}{body}\end{{document}}"
    (folder / "paper.tex").write_text(source, "utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "paper"]
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:]
    return (folder / "paper.log").read_text("utf-8", errors="replace")


def table(rows, width=8, columns=6):
    made = tuple(Column(f"c{n}", "x" * width) for n in range(columns))
    return Table("t", made, (("x" * width,) * columns,) * rows, notes=("a note",))


@pytest.mark.parametrize(
    ("made", "wanted"),
    [
        (
            lambda: ag.cost("lenet5"),
            "Parameters, MACs and activations of LeNet-5, layer by layer, for one input of 1×32×32",
        ),
        (
            lambda: ag.cost("resnet18", by="stage", columns="macs,share", batch=8),
            "MACs of ResNet-18, stage by stage, for 8 inputs of 3×224×224",
        ),
        (
            lambda: ag.compare(["alexnet", "vgg16", "resnet50"]),
            "AlexNet, VGG-16 and ResNet-50 compared, for one input at inference",
        ),
        (
            lambda: ag.memory("lenet5", batch=2),
            "Memory of LeNet-5, input 1×32×32, batch 2: inference",
        ),
    ],
)
def test_captions_are_phrases(tmp_path, made, wanted):
    text = made().save(tmp_path / "t.tex").read_text("utf-8")
    assert caption(text) == wanted


def test_a_comparison_calls_networks_as_people_do(tmp_path):
    file = ag.compare(["alexnet", "resnet50"]).save(tmp_path / "t.tex")
    text = file.read_text("utf-8")
    assert re.findall(r"^(\S+) & 3", text, re.M) == ["AlexNet", "ResNet-50"]
    assert "ResNet-50: ILSVRC" in text
    assert "alexnet" not in text.replace("archgraph", "")


def test_python_and_the_command_write_the_same(tmp_path):
    one, two = tmp_path / "one.tex", tmp_path / "two.tex"
    typed = ["--label", "tab:le", "--caption", "Ours & theirs", "--wide"]
    assert main(["cost", "lenet5", "-o", str(one), *typed]) == 0
    ag.cost("lenet5").save(two, label="tab:le", caption="Ours & theirs", wide=True)
    text = one.read_text("utf-8")
    assert text == two.read_text("utf-8")
    assert r"\caption{Ours \& theirs}" in text
    assert r"\label{tab:le}" in text
    assert text.count("{table*}") == 2


def test_several_tables_have_labels_of_their_own(tmp_path):
    file = tmp_path / "t.tex"
    command = ["growth", "googlenet", "resnet50", "-o", str(file), "--label", "tab:growth"]
    assert main(command) == 0
    labels = re.findall(r"\\label\{(.*?)\}", file.read_text("utf-8"))
    assert labels == ["tab:growth", "tab:growth-2"]


@pytest.mark.parametrize("label", ["", "a b", "a}", r"\x", "a%b", "tab:ä"])
def test_a_label_that_latex_would_not_take_is_refused(label):
    with pytest.raises(FormatError, match=r"is none for LaTeX; write letters"):
        InPaper(label=label)


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (["cost", "lenet5", "--wide"], "--wide is of a table in LaTeX: add --format latex"),
        (["cost", "lenet5", "--label", "x", "--format", "json"], "--label is of a table in"),
        (["compare", "lenet5", "-o", "x.svg", "--caption", "x"], "--caption is of a table in"),
        (["cost", "resnet50", "-o", "x.tex", "--wide"], "has 176 rows, and a wide one stands on"),
    ],
)
def test_what_has_no_meaning_gets_one_sentence(tmp_path, monkeypatch, capsys, command, words):
    monkeypatch.chdir(tmp_path)
    assert main(command) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert words in line
    assert not list(tmp_path.iterdir())
    with pytest.raises(FormatError, match="wide is of a table in LaTeX: save it as .tex"):
        ag.cost("lenet5").save("x.csv", wide=True)


def test_a_table_too_wide_for_a_column_is_told(tmp_path, capsys):
    assert main(["cost", "lenet5", "-o", str(tmp_path / "a.tex")]) == 0
    assert " in wide at 7 pt; --wide or fewer columns" in capsys.readouterr().err
    assert main(["cost", "lenet5", "-o", str(tmp_path / "b.tex"), "--wide"]) == 0
    assert main(["cost", "lenet5", "-o", str(tmp_path / "c.tex"), "--columns", "macs"]) == 0
    assert "7 pt" not in capsys.readouterr().err


def test_many_rows_break_over_pages():
    assert "longtable" not in latex(table(LONG))
    text = latex(table(LONG + 1), InPaper(label="tab:x"))
    assert text.count(r"\begin{longtable}") == 1
    assert r"\label{tab:x}" in text
    with pytest.raises(FormatError, match="count by block or by stage, or leave wide out"):
        latex(table(LONG + 1), InPaper(wide=True))


@needs_latex
@pytest.mark.parametrize("width", [2, 8, 30])
def test_a_table_fits_its_column(tmp_path, width):
    said = log(tmp_path, latex(table(3, width)) + latex(table(3, width), InPaper(wide=True)))
    assert "Overfull" not in said
    assert "Underfull" not in said
    assert ("archgraph: a table is shrunk from" in said) == (width > 8)


@needs_latex
def test_a_long_table_compiles_in_one_column(tmp_path):
    body = ag.cost("resnet50").save(tmp_path / "t.tex").read_text("utf-8")
    said = log(tmp_path, body, "{article}")
    said = log(tmp_path, body, "{article}")  # longtable learns its widths
    said = log(tmp_path, body, "{article}")
    assert "Overfull" not in said


HOSTILE = ["a & b \\\\ c", r"\input{x} % # $ ^ ~ _ {", "\"q\" 'q' `q` <x> |", "合 שלום ł é β ≥ ⊕ ²"]


@needs_latex
def test_hostile_words_are_words_in_every_place(tmp_path):
    rows = tuple((text, 1) for text in HOSTILE)
    columns = (Column("a", HOSTILE[1]), Column("b", HOSTILE[0], "number", HOSTILE[2]))
    made = Table(HOSTILE[0], columns, rows, notes=tuple(HOSTILE), subtitle=HOSTILE[2])
    body = render(made, "latex", InPaper(caption=HOSTILE[3] + HOSTILE[1]))
    assert r"\input{x}" not in body
    log(tmp_path, body)


def test_rounded_sizes_are_mathematics_in_every_tex(tmp_path):
    main(["growth", "resnet50", "-o", str(tmp_path / "t.tex")])
    text = (tmp_path / "t.tex").read_text("utf-8")
    assert r"$\lceil$s/32$\rceil$$^2$" in text
    assert "?" not in text
