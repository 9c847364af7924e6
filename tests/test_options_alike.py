"""A command and its function have the same options, and the documentation has them all."""

from __future__ import annotations

import inspect
import json
import re
from pathlib import Path

import pytest

import archgraph as ag
from archgraph.answers import asked_options
from archgraph.cli import main
from archgraph.errors import ArchGraphError
from archgraph.exporters.pictures.choices import Choices

ROOT = Path(__file__).parents[1]

DECLARED = (
    *(asked_options.CostOptions, asked_options.CompareOptions, asked_options.MemoryOptions),
    *(asked_options.GrowthOptions, asked_options.RooflineOptions, asked_options.MeasureOptions),
    *(asked_options.SplitOptions, asked_options.SweepOptions, asked_options.CountersOptions),
)
"""What can be asked of costs."""

ATTENTION = """import torch


class Attention(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.query, self.drop = torch.nn.Linear(8, 8), torch.nn.Dropout(0.1)

    def forward(self, x):
        scores = torch.softmax(self.query(x) @ x.transpose(1, 2) / 8**0.5, -1)
        return self.drop(scores @ x)
"""
"""A module that writes attention out, whose scores are held."""

UNTYPED = {("sweep", "scheduler")}
"""An option whose wrong values take a while to be found."""


def said(capsys, *arguments: str | Path) -> str:
    """Run a command that must fail with one sentence; return that."""
    assert main([str(argument) for argument in arguments]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    return line.removeprefix("archgraph: ")


def between(page: str, mark: str) -> str:
    text = (ROOT / page).read_text(encoding="utf-8")
    return re.search(rf"<!-- {mark}: .*? -->\n\n(.*?)\n\n<!-- end", text, re.S)[1]


@pytest.fixture(scope="module")
def tables():
    pytest.importorskip("onnx")  # which the options of an export are declared beside
    return pytest.importorskip("bench.options_table")


class TestTheDocumentation:
    """``python -m bench.options_table`` writes anew what these hold against the declarations."""

    def test_one_table_has_every_option(self, tables):
        table = between("docs/options.md", "options")
        assert table == tables.options_table()
        for name, command in tables.commands().items():
            for action in command._actions:
                for word in action.option_strings[-1:] if action.dest != "help" else ():
                    assert re.search(
                        rf"^\| .*`{word}`.* \|.*\b({name}|all that read)\b", table, re.M
                    )

    def test_the_page_of_pictures_has_those_of_pictures(self, tables):
        table = between("docs/pictures.md", "options")
        assert table == tables.pictures_table()
        assert re.findall(r"^\| `--(\w+)`", table, re.M) == Choices.names()

    def test_the_docstrings_are_written(self, tables):
        source = (ROOT / tables.SOURCE).read_text(encoding="utf-8")
        assert tables.docstrings(source) == source


class TestACommandAndItsFunction:
    """Each option has one name, one default, the same forms and the same errors in both."""

    def test_they_have_the_same_options_but_for_those_of_a_list(self, tables):
        typed, python = {*tables.ONLY_TYPED}, {*tables.ONLY_PYTHON}
        places = {"net", "nets", "node", "path", "found", "first", "second", "source"}
        used = set()
        for name, command in tables.commands().items():
            functions = tables.FUNCTIONS.get(name, ())
            there = {each.dest for each in command._actions if each.option_strings} - {"help"}
            taken = {option for function in functions for option in tables.takes(function)}
            taken -= places
            if functions:  # a list, a site and a shell's words have none
                assert there - taken <= typed, (name, there - taken)
                assert taken - there <= python, (name, taken - there)
                used |= (there - taken) | (taken - there)
        assert typed | python == used, "the lists hold what is alike"

    @pytest.mark.parametrize("declared", DECLARED, ids=lambda each: each.task)
    def test_they_have_the_same_defaults(self, declared):
        given = inspect.signature(getattr(ag, declared.task)).parameters
        for option in declared.declared():
            default = given[option.name].default
            if (declared.task, option.name) in (("sweep", "workers"), ("split", "devices")):
                assert option.default is None  # and said in words
            elif default is not inspect.Parameter.empty:  # a device stands without its name
                assert default == option.default, option.name

    @pytest.mark.parametrize(
        ("declared", "name"),
        [
            (each, option.name)
            for each in DECLARED
            for option in each.declared()
            if (each.task, option.name) not in UNTYPED and not option.flag
        ],
        ids=lambda each: getattr(each, "task", each),
    )
    def test_they_refuse_a_wrong_value_by_the_same_sentence(
        self, capsys, tmp_path, monkeypatch, declared, name
    ):
        monkeypatch.chdir(tmp_path)
        function = getattr(ag, declared.task)
        more = {"roofline": {"device": "A100"}}.get(declared.task, {})
        if declared.task == "memory" and name in ("optimizer", "precision", "checkpoint"):
            more["training"] = True
        if name == "talk":
            more["how"] = "channels"
        with pytest.raises(ArchGraphError) as error:
            function("lenet5", **more | {name: "wrong-value"})
        typed = ["--training"] if "training" in more else []
        if "device" in more and name != "device":
            typed += ["--device", "A100"]
        if declared.task == "split" and name != "devices":
            typed += ["--devices", "2", *(["--how", "channels"] if name == "talk" else [])]
        word = name.replace("_", "-")
        told = said(capsys, declared.task, "lenet5", f"--{word}", "wrong-value", *typed)
        line = str(error.value)
        assert told in (line, line.replace(name, f"--{word}", 1), line.replace("'", ""))

    @pytest.mark.parametrize("declared", DECLARED, ids=lambda each: each.task)
    @pytest.mark.parametrize(
        "wrong", [2.5, [1, 2], {}, object()], ids=lambda each: type(each).__name__
    )
    def test_a_value_of_another_type_is_refused_in_one_sentence(self, declared, wrong):
        function = getattr(ag, declared.task)
        for option in declared.declared():
            if option.name == "device" or (option.name, wrong) == ("columns", {}):
                continue
            more = {"device": "A100"} if declared.task == "roofline" else {}
            with pytest.raises(ArchGraphError) as error:
                function("lenet5", **more, **{option.name: wrong})
            assert str(error.value).count("\n") == 0, option.name

    @pytest.mark.parametrize("given", ["3x64x64", (3, 64, 64), [3, 64, 64], ["input:Nx3x64x64"]])
    def test_an_input_may_be_typed_in_python(self, given):
        found = ag.cost("resnet18", input=given)
        assert found.to_dict() == ag.cost("resnet18", input=(3, 64, 64)).to_dict()

    def test_what_they_declare_is_what_there_is(self):
        from archgraph.answers.footprint.autocast import PRECISIONS
        from archgraph.answers.footprint.checkpoints import CHECKPOINTS
        from archgraph.answers.footprint.training import OPTIMIZERS
        from archgraph.exporters.measured.measure import RUNTIMES
        from archgraph.metrics import CONVENTIONS
        from archgraph.tables.grouping import GROUPINGS

        values = {
            (each.task, option.name): option.values
            for each in DECLARED
            for option in each.declared()
        }
        assert values["cost", "convention"] == tuple(CONVENTIONS)
        assert values["cost", "by"] == GROUPINGS
        assert values["memory", "optimizer"] == tuple(OPTIMIZERS)
        assert values["memory", "precision"] == tuple(PRECISIONS)
        assert values["memory", "checkpoint"] == CHECKPOINTS
        assert values["measure", "runtime"] == tuple(RUNTIMES)

    @pytest.mark.parametrize("training", [False, True])
    def test_memory_is_that_of_the_code_as_it_is_written(self, capsys, tmp_path, training):
        torch = pytest.importorskip("torch")
        (tmp_path / "mine.py").write_text(ATTENTION, encoding="utf-8")
        made: dict[str, type] = {"torch": torch}
        exec(ATTENTION, made)
        typed = ["--training"] if training else []
        file = f"{tmp_path / 'mine.py'}:Attention"
        assert main(["memory", file, "--input", "16x8", "--format", "json", *typed]) == 0
        rows = json.loads(capsys.readouterr().out)
        found = ag.memory(made["Attention"](), input=(16, 8), training=training)
        assert found.to_dict()["rows"] == rows

    def test_a_sweep_takes_in_python_what_is_typed(self):
        typed = ag.sweep("lenet5", input="1x32..64..32", batch="1,2", metrics="params,macs")
        values = ag.sweep(
            "lenet5", input=[(1, 32, 32), (1, 64, 64)], batch=[1, 2], metrics=["params", "macs"]
        )
        assert typed.rows == values.rows
        assert len(typed.rows) == 4
