"""PyTorch source: hostile words, names that hide others, the command that writes it."""

from __future__ import annotations

import builtins
import subprocess
import sys

import pytest
from written_source import assert_source_computes_the_same, formatted

import archgraph as ag
from archgraph import ops
from archgraph.cli import main
from archgraph.errors import ExportError
from archgraph.exporters.source import source
from archgraph.exporters.source.module_attributes import hides

pytestmark = pytest.mark.usefixtures("one_thread")


# ---- hostile words -----------------------------------------------------------------------

HOSTILE = [
    'conv""" import os; raise SystemExit("owned") """',
    "'''); raise SystemExit('owned') #",
    '"); raise SystemExit("owned") #',
    "\\",
    'ends in a quote"',
    "\\N{BULLET}\\x41\\",
    "{raise_}%s",
    "def class lambda",
    "日本語 ñ ﬁ",
    "x" * 500,
    "",
]


def paper(word):
    return {"title": word, "authors": word, "year": 2015, "venue": word}


@pytest.mark.parametrize("word", HOSTILE)
def test_hostile_words_stay_text(word, tmp_path, monkeypatch):
    b = ag.Builder(word, input=(3, 8, 8), title=word, summary=word, paper=paper(word))
    x = b.input
    for number in range(3):
        with b.scope(f"block{number}"):
            y = b.conv("conv1", x, 4 + number, 3, padding=1, label=word)
            x = b.conv("conv2", b.relu("relu", y, label=word), 5 + number, 1, label=word)
    b.net.define_group(word, "stage", word)
    net = b.build(b.linear("fc", b.flatten("flat", x, label=word), 2))
    monkeypatch.setattr(builtins, "print", lambda *_: pytest.fail("code ran"))
    text = assert_source_computes_the_same(net)
    assert text.replace("\n", "").isprintable()
    (tmp_path / "net.py").write_text(text, encoding="utf-8")
    formatted(tmp_path)


@pytest.mark.parametrize(
    "name",
    [
        "conv-1",
        "0",
        "class",
        "__conv",
        "ﬁ",
        "日本",
        'a"b',
        "a'b",
        "a\\b",
        '"+self+"',
        "self",
        "F",
        "torch",
        "nn",
        "x",
        "None",
    ],
)
def test_any_name_that_a_module_can_bear_keeps_its_key(name, tmp_path):
    b = ag.Builder("net", input=(3, 8, 8))
    x = b.conv(name, b.input, 4, 3)
    y = b.conv(f"group.{name}", x, 4, 1)
    z = b.conv(f"group.other.{name}", x, 4, 1)
    w = b.conv(f"block.{name}", b.sum("block.sum", y, z), 2, 1)
    net = b.build(b.sum("all", w), y)
    text = assert_source_computes_the_same(net)
    (tmp_path / "net.py").write_text(text, encoding="utf-8")
    formatted(tmp_path)


@pytest.mark.parametrize("name", ["type", "forward", "_parameters", "__init__", "group.keys"])
def test_a_name_that_would_hide_an_attribute_is_refused(name):
    b = ag.Builder("net", input=(3, 8, 8))
    x = b.conv(name, b.input, 4, 3)
    net = b.build(x, b.conv("group.other", x, 4, 1))
    with pytest.raises(ExportError, match=r"rename the node\.$"):
        source(net)


def test_modules_nested_without_end_are_refused():
    b = ag.Builder("deep", input=(3, 8, 8))
    assert_source_computes_the_same(b.build(b.conv("a." * 40 + "conv", b.input, 4, 3)))
    with pytest.raises(ExportError, match="50 modules deep"):
        source(b.build(b.conv("b." * 50 + "conv", b.input, 4, 3)))


def test_the_attributes_are_those_of_torch():
    # In a fresh process: some packages give modules attributes of their own.
    code = "from torch import nn; print(*dir(nn.Module())); print(*dir(nn.ModuleDict()))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    of_module, of_dict = map(str.split, done.stdout.splitlines())
    assert len(of_module) > 50
    assert [word for word in of_module if not hides(word)] == []
    assert [word for word in of_dict if not hides(word, in_dict=True)] == []


def test_an_unknown_operator_is_refused_in_one_sentence(tmp_path, capsys):
    net = ag.ArchGraph(name="odd")
    x = net.add("input", ops.Input((3, 8, 8)))
    net.add("strange", ops.Opaque("Attention", (3, 8, 8)), [x])
    file = net.save(tmp_path / "odd.json")
    assert main(["export", str(file), "-o", str(tmp_path / "odd.py")]) == 1
    said = capsys.readouterr().err
    assert "'strange'" in said
    assert "'Attention'" in said
    assert said.count("\n") == 1
    assert not (tmp_path / "odd.py").exists()


# ---- the command -------------------------------------------------------------------------


def test_the_command_writes_a_file_that_runs_without_archgraph(tmp_path):
    file = tmp_path / "resnet20.py"
    assert main(["export", "resnet20_cifar", "-o", str(file)]) == 0
    code = (
        "import sys; sys.modules['archgraph'] = None\n"
        "import torch, resnet20\n"
        "print(tuple(resnet20.ResNet20ForCIFAR10().eval()(torch.zeros(1, 3, 32, 32)).shape))\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert ran.stdout.strip() == "(1, 10)", ran.stderr


def test_options_of_other_formats_are_refused(tmp_path, capsys):
    file = tmp_path / "net.py"
    assert main(["export", "lenet5", "-o", str(file), "--opset", "18"]) == 1
    assert "--opset" in capsys.readouterr().err
    assert not file.exists()


def test_writing_needs_no_torch():
    code = (
        "import sys; sys.modules['torch'] = None\n"
        "import archgraph as ag\n"
        "from archgraph.exporters.source import source\n"
        "print(len(source(ag.load('resnet18'))) > 1000)\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert ran.stdout.strip() == "True", ran.stderr
