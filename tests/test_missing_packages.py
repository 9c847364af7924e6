"""Where a package is missing, every command says in one sentence what to install."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from fresh import PROJECT, sentence

import archgraph as ag
from archgraph.optional import EXTRAS, PACKAGES

BARE = ("torch", "onnx", "onnxruntime", "onnxscript", "numpy", "safetensors")
"""What ``pip install .`` in an empty environment does not bring."""

BLOCKED = """
import sys
missing = set(sys.argv[1].split(","))
class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in missing:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Blocker())
"""


def without(missing: str, code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run code in a process of its own in which these packages cannot be imported."""
    command = [sys.executable, "-c", BLOCKED + code, missing, *arguments]
    return subprocess.run(command, capture_output=True, encoding="utf-8", check=False)


def command_without(missing: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    code = "from archgraph.cli import main\nsys.exit(main(sys.argv[2:]))"
    return without(missing, code, *map(str, arguments))


@pytest.fixture(scope="module")
def onnx_file(tmp_path_factory) -> Path:
    pytest.importorskip("onnx")
    target = tmp_path_factory.mktemp("onnx") / "net.onnx"
    return ag.export_onnx(ag.load("lenet5"), target, structure_only=True)


@pytest.mark.parametrize("missing", [",".join(BARE), *BARE[:2], "numpy"])
@pytest.mark.parametrize(
    "arguments",
    [
        ["export", "lenet5", "-o", "x.onnx"],
        ["export", "lenet5", "-o", "x.onnx", "--check"],
        ["export", "lenet5", "-o", "x.onnx", "--structure-only"],
        ["gallery", "lenet5", "-o", "site", "--onnx"],
    ],
    ids=" ".join,
)
def test_an_onnx_file_needs_the_extra_onnx(tmp_path, monkeypatch, arguments, missing):
    monkeypatch.chdir(tmp_path)
    if missing in BARE[1:]:
        pytest.importorskip("torch")  # which is named first where it is missing, too
    said = sentence(command_without(missing, *arguments))
    assert 'pip install "archgraph[onnx]"' in said
    assert any(f"needs {each}," in said for each in missing.split(","))
    assert not list(tmp_path.glob("*.onnx"))


@pytest.mark.parametrize(
    "arguments",
    [["cost"], ["draw", "-o", "x.svg"], ["export", "-o", "x.json"], ["compare"]],
    ids=lambda arguments: arguments[0],
)
def test_reading_an_onnx_file_says_what_to_install(tmp_path, monkeypatch, onnx_file, arguments):
    monkeypatch.chdir(tmp_path)
    command, *rest = arguments
    said = sentence(command_without(",".join(BARE), command, onnx_file, *rest))
    assert re.search(r"needs onnx\b.*pip install", said)


@pytest.mark.parametrize(
    ("missing", "arguments", "remedy"),
    [
        ("resvg_py", ["draw", "lenet5", "-o", "x.png"], "pip install resvg-py"),
        ("reportlab", ["draw", "lenet5", "-o", "x.pdf"], "pip install reportlab"),
        ("pptx", ["draw", "lenet5", "-o", "x.pptx"], "pip install python-pptx"),
        ("pptx", ["compare", "lenet5", "vgg16", "-o", "x.pptx"], "pip install python-pptx"),
        ("reportlab", ["gallery", "lenet5", "-o", "site"], "pip install reportlab"),
        ("networkx", ["cost", "lenet5"], "pip install networkx"),
        ("networkx", ["draw", "lenet5", "-o", "x.svg"], "pip install networkx"),
        ("networkx", ["draw", "--help"], "pip install networkx"),
    ],
)
def test_a_package_that_always_belongs_to_archgraph_is_named(
    tmp_path, monkeypatch, missing, arguments, remedy
):
    monkeypatch.chdir(tmp_path)
    assert remedy in sentence(command_without(missing, *arguments))


@pytest.mark.parametrize(
    ("missing", "call", "remedy"),
    [
        ("torch", "ag.to_torch(net)", '"archgraph[torch]"'),
        ("torch", "ag.export_onnx(net, 'x.onnx')", '"archgraph[onnx]"'),
        ("numpy", "ag.export(net, 'x.onnx')", '"archgraph[onnx]"'),
        ("pptx", "ag.draw(net, 'x.pptx')", "python-pptx"),
        ("reportlab", "ag.chart([net], 'x.pdf')", "reportlab"),
        (
            "safetensors",
            "ag.export_onnx(net, 'x.onnx', weights='w.safetensors')",
            '"archgraph[torch]"',
        ),
    ],
)
def test_python_gets_an_error_of_the_library(tmp_path, monkeypatch, missing, call, remedy):
    monkeypatch.chdir(tmp_path)
    if missing in ("numpy", "safetensors"):
        pytest.importorskip("onnx")
    (tmp_path / "w.safetensors").write_bytes(b"")
    code = (
        "import archgraph as ag\n"
        "from archgraph.errors import MissingDependencyError\n"
        "net = ag.load('lenet5')\n"
        f"try: {call}\n"
        "except MissingDependencyError as error: print(error)"
    )
    done = without(missing, code)
    assert done.returncode == 0, done.stderr
    assert f"needs {missing}, which is not installed: pip install {remedy}." in done.stdout


def test_another_packages_format_may_lack_a_package_too(monkeypatch):
    from importlib.metadata import EntryPoint

    from archgraph import exporting, plugins
    from archgraph.errors import MissingDependencyError

    point = EntryPoint("odd", "no_such_package_at_all:write", "archgraph.exporters")
    net = ag.load("lenet5")  # what it is found by is remembered
    monkeypatch.setattr(exporting, "offers", lambda _: {"odd": point})
    monkeypatch.setattr(plugins, "offers", lambda _: {"odd": point})
    with pytest.raises(MissingDependencyError) as error:
        ag.export(net, "x.odd")
    needs = "a .odd file needs no_such_package_at_all, which is not installed."
    assert str(error.value) == needs


def test_our_own_bugs_are_not_called_missing_packages():
    from archgraph.optional import needing

    with pytest.raises(ModuleNotFoundError), needing("this"):
        import archgraph.no_such_module  # noqa: F401


def test_every_dependency_has_its_remedy():
    def names(requirements: list[str]) -> set[str]:
        return {re.split(r"[<>=\[; ]", each)[0] for each in requirements}

    assert names(PROJECT["project"]["dependencies"]) <= set(PACKAGES.values())
    assert PROJECT["project"]["optional-dependencies"].keys() == EXTRAS.keys()
    for extra, requirements in PROJECT["project"]["optional-dependencies"].items():
        assert {each.replace("-", "_") for each in names(requirements)} <= set(EXTRAS[extra])
