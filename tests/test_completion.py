"""A TAB completes commands, networks, options and values, in the shells themselves."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pytest

import archgraph as ag
from archgraph.cli import main
from archgraph.cli.completion import SHELLS

pytest.importorskip("shtab")

TRY = """
cd -- {folder}
COMP_WORDS=({words}); COMP_CWORD=$(( ${{#COMP_WORDS[@]}} - 1 )); COMPREPLY=()
_shtab_archgraph
printf '%s\\n' "${{COMPREPLY[@]}}" END
"""


def script(capsys, shell: str) -> str:
    assert main(["completion", shell]) == 0
    return capsys.readouterr().out


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("files")
    for name in ("mine.onnx", "mine.json", "mine.txt", "weights.pth"):
        (made / name).touch()
    (made / "models").mkdir()
    return made


LINES = {
    "''": {"list", "cost", "draw", "export", "compare", "completion"},
    "dra": {"draw"},
    "draw googl": {"googlenet", "googlenet_bn"},
    "draw resnet50 mi": {"mine.onnx", "mine.json"},
    "draw mod": {"models"},
    "draw resnet50 -o x.svg --lev": {"--level"},
    "draw resnet50 --level ''": {"stage", "block", "layer", "auto"},
    "draw resnet50 -o x.svg --theme da": {"dark"},
    "draw resnet50 --facts shape,par": {"shape,params"},
    "draw resnet50 --color mac": {"macs"},
    "cost resnet50 --by st": {"stage"},
    "cost resnet50 --columns params,sha": {"params,share"},
    "memory vgg16 --training --optimizer ad": {"adam", "adamw"},
    "roofline resnet50 --device GTX": {"GTX-580"},
    "export resnet50 --weights wei": {"weights.pth"},
    "export resnet50 --opset 2": {f"2{digit}" for digit in range(9)},
    "diff resnet18 resnet3": {"resnet34", "resnet32_cifar"},
    "completion fi": {"fish"},
}
"""What is typed behind ``archgraph``, and some of what a TAB gives: all where it is an option."""


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_bash_completes_what_is_typed(capsys, folder):
    tries = [TRY.format(folder=folder, words=f"archgraph {line}") for line in LINES]
    done = subprocess.run(
        ["bash", "--norc", "-c", script(capsys, "bash") + "".join(tries)],
        capture_output=True,
        text=True,
        check=True,
    )
    found = [set(each.split()) for each in done.stdout.split("END")]
    for (line, wanted), given in zip(LINES.items(), found, strict=False):
        assert wanted <= given, line
        if line != "''":
            assert given <= wanted, line


def test_a_tab_starts_no_python(capsys):
    for shell in SHELLS:
        assert sys.executable not in script(capsys, shell)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_is_one_that_the_shell_reads(capsys, tmp_path, shell):
    if shutil.which(shell) is None:
        pytest.skip(f"needs {shell}")
    assert main(["completion", shell, "-o", str(tmp_path / "script")]) == 0
    subprocess.run([shell, "-n", tmp_path / "script"], check=True)
    capsys.readouterr()


@pytest.mark.parametrize("shell", SHELLS)
def test_each_shell_has_all_networks_commands_and_options(capsys, shell):
    text = script(capsys, shell)
    for word in (*ag.architectures(), "compare", "facts", "convention", "beamer169"):
        assert word in text, word


def test_the_shell_is_that_of_the_user(capsys, monkeypatch):
    monkeypatch.setenv("SHELL", "/usr/bin/zsh")
    assert main(["completion"]) == 0
    assert "#compdef archgraph" in capsys.readouterr().out
    assert main(["completion", "zhs"]) == 1
    assert "did you mean 'zsh'" in capsys.readouterr().err


def test_no_other_command_waits_for_it():
    code = "import sys; from archgraph.cli import main; main(['cost', 'lenet5'])\n"
    code += "sys.exit('shtab' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
