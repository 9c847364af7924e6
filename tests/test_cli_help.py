"""Help teaches by examples, and every example works as it stands there."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys

import pytest

import archgraph as ag
from archgraph.cli import main
from archgraph.cli.app import parser

COMMANDS = (
    *("list", "cost", "counters", "memory", "growth", "sweep", "roofline", "measure", "split"),
    *("draw", "export", "compare", "diff", "annotate", "gallery", "completion"),
)

OWN = """import torch


def net(width=8):
    return torch.nn.Conv2d(3, width, 3)
"""


def help_of(capsys, *command: str) -> str:
    with pytest.raises(SystemExit) as stopped:
        main([*command, "--help"])
    assert stopped.value.code == 0
    return capsys.readouterr().out


def examples(capsys, *command: str) -> list[list[str]]:
    _, _, below = help_of(capsys, *command).partition("examples:\n")
    lines = [line for line in below.splitlines() if line.startswith("  archgraph ")]
    return [shlex.split(line)[1:] for line in lines]


def test_the_overview_shows_every_command_with_an_example(capsys):
    shown = examples(capsys)
    assert {example[0] for example in shown} == set(COMMANDS)
    for example in shown:
        parser().parse_args(example)


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_has_examples_of_itself_that_parse(capsys, command):
    shown = examples(capsys, command)
    assert 2 <= len(shown) <= 5
    for example in shown:
        assert example[0] == command
        parser().parse_args(example)


@pytest.mark.parametrize("command", ["list", "cost"])
def test_examples_of_the_light_commands_run(capsys, tmp_path, monkeypatch, command):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mynet.py").write_text(OWN)
    for example in examples(capsys, command):
        if any(word.startswith("mynet.py") for word in example):
            pytest.importorskip("torch")
        assert main(example) == 0


@pytest.mark.parametrize("command", COMMANDS)
def test_networks_in_the_examples_exist(capsys, command):
    for example in examples(capsys, command):
        chosen = parser().parse_args(example)
        for name in [*getattr(chosen, "nets", []), *filter(None, [getattr(chosen, "net", None)])]:
            if name.startswith(("mynet.py", "net.")):  # the reader's
                continue
            assert len(ag.load(name)) > 5


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["draw", "lenet5", "-o", "x.svg", "--pallete", "ibm"],
            r"'--pallete' \(did you mean '--palette'",
        ),
        (["cost", "lenet5", "--batsch=3"], r"'--batsch' \(did you mean '--batch'\?\)"),
        (["cost", "lenet5", "vgg16"], "no argument 'vgg16'; archgraph cost --help"),
    ],
)
def test_a_mistyped_option_is_one_line_with_the_nearest(capsys, arguments, said):
    with pytest.raises(SystemExit, match="2"):
        main(arguments)
    told = capsys.readouterr().err
    assert re.search(said, told)
    assert told.count("\n") == 1


def test_an_interrupted_command_says_so_and_shows_no_traceback(capsys, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("archgraph.loading.load", interrupted)
    assert main(["cost", "lenet5"]) == 130
    assert capsys.readouterr().err == "archgraph: interrupted; nothing was left half-written.\n"


@pytest.mark.parametrize(
    ("arguments", "unneeded"),
    [
        (["--help"], {"networkx", "archgraph.exporters"}),
        (["cost", "lenet5"], {"archgraph.exporters", "torch", "onnx"}),
        (["list"], {"archgraph.exporters", "torch", "onnx"}),
    ],
)
def test_a_command_waits_only_for_what_it_needs(arguments, unneeded):
    code = (
        "import sys; from archgraph.cli import main\n"
        f"try: main({arguments!r})\n"
        "except SystemExit: pass\n"
        f"sys.exit(' '.join({unneeded!r} & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
