"""What another package brings is treated as our own; without it each file ends in one sentence.

The package is the one that CONTRIBUTING.md shows, in ``tests/data/layerscale``.
"""

from __future__ import annotations

import json
import re
import shutil

import pytest
from fresh import ROOT, Environment, sentence

SOURCE = ROOT / "tests" / "data" / "layerscale"
PICTURES = ("svg", "pdf", "png", "pptx", "html", "tex", "dot", "flow")

PYTHON = """
import importlib.util, json, sys, torch
import archgraph as ag
import layerscale.operator

net = ag.load("scaled_net")
module = ag.to_torch(net)
spec = importlib.util.spec_from_file_location("written", "s.py")
written = importlib.util.module_from_spec(spec)
spec.loader.exec_module(written)
other = written.ScaledNet()
other.load_state_dict(module.state_dict())
x = torch.rand(2, 3, 32, 32)
assert torch.equal(module.eval()(x), other.eval()(x))

import onnxruntime
session = onnxruntime.InferenceSession("s.onnx")
(there,) = session.run(None, {"input": x.numpy()})
assert torch.allclose(torch.from_numpy(there), module(x), atol=1e-5)

for again in (ag.load("s.json"), ag.load("s.onnx")):
    assert [again.op(n) for n in again] == [net.op(n) for n in net]
    assert again.total("params") == net.total("params") == sum(
        p.numel() for p in module.parameters()
    )
assert dict(net.values("distance"))["block1.add"] == 7
assert net.op("block0.scale") == layerscale.operator.LayerScale(16)
assert "layer scale" in str(ag.to_graphviz(net, level="layer"))
print("all of it")
"""


@pytest.fixture(scope="module")
def home(built, tmp_path_factory):
    """Make an environment with archgraph, PyTorch and ONNX, and the package beside them."""
    folder = tmp_path_factory.mktemp("beside")
    made = Environment.make(folder / "venv", built[1])
    made.link("torch", "safetensors", "onnx", "onnxruntime")
    package = shutil.copytree(SOURCE, folder / "source")
    made.install(package)
    return made


@pytest.fixture(scope="module")
def files(home, tmp_path_factory):
    """Write every kind of file that the package has a part in."""
    folder = tmp_path_factory.mktemp("files")
    (folder / "small.layers").write_text("conv 8\nscale\nfc 10\n", encoding="utf-8")
    for suffix in (*PICTURES, "json", "py"):
        command = "draw" if suffix in PICTURES else "export"
        more = ["--level", "layer"] if suffix in PICTURES else []
        done = home.run(folder, "archgraph", command, "scaled_net", "-o", f"s.{suffix}", *more)
        assert done.returncode == 0, done.stderr
    check = ["-o", "s.onnx", "--check", "--runtime", "onnxruntime"]
    done = home.run(folder, "archgraph", "export", "scaled_net", *check)
    assert done.returncode == 0, done.stderr
    assert "agrees" in done.stdout
    return folder


def said(home, folder, *arguments):
    done = home.run(folder, "archgraph", *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_contributing_shows_the_files_of_the_package():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    shown = dict(re.findall(r"```(?:python|toml)\n# (\S+)\n(.*?)```", text, re.S))
    names = [file.relative_to(SOURCE).as_posix() for file in SOURCE.rglob("*.py")]
    wanted = {name for name in names if not name.endswith("__init__.py")}
    assert shown.keys() == {*wanted, "pyproject.toml"}
    for name, content in shown.items():
        assert content in (SOURCE / name).read_text(encoding="utf-8"), name


def test_its_architecture_is_listed_and_costed(home, files):
    assert "scaled_net" in said(home, files, "list")
    cost = json.loads(said(home, files, "cost", "scaled_net", "--format", "json"))
    rows = {row["name"]: row for row in cost["nodes"]}
    assert rows["block0.scale"]["op"] == "LayerScale"
    assert rows["block0.scale"]["params"] == 16
    assert rows["block0.scale"]["flops"] == 16 * 32 * 32
    assert cost["totals"]["params"] == 448 + 2 * (2320 + 16) + 170
    assert "scaled_net" in said(home, files, "compare", "scaled_net", "lenet5")


def test_its_files_are_read(home, files):
    cost = json.loads(said(home, files, "cost", "small.layers", "--format", "json"))
    assert [row["op"] for row in cost["nodes"]][1:3] == ["Conv2d", "LayerScale"]
    part = said(home, files, "cost", "small.layers/layer2", "--input", "3x8x8")
    assert "8 × 8 × 8" in part


def test_its_operator_is_drawn_in_every_format(files):
    for suffix in ("svg", "html", "tex", "dot", "flow"):
        assert "layer scale" in (files / f"s.{suffix}").read_text(encoding="utf-8"), suffix
    for suffix in ("pdf", "png", "pptx"):
        assert (files / f"s.{suffix}").stat().st_size > 5000


def test_its_metric_colours_a_picture(home, files):
    said(home, files, "draw", "scaled_net", "-o", "colour.svg", "--color", "distance")
    assert "Distance from the input" in (files / "colour.svg").read_text(encoding="utf-8")


def test_its_format_draws_our_networks(home, files):
    said(home, files, "draw", "googlenet", "-o", "googlenet.flow")
    lines = (files / "googlenet.flow").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "flowchart TB"
    assert sum(" --> " in line for line in lines) > 10


def test_its_network_has_a_page_with_all_downloads(home, files):
    said(home, files, "gallery", "scaled_net", "-o", "site", "--onnx")
    page = (files / "site" / "scaled_net" / "index.html").read_text(encoding="utf-8")
    assert "scaled_net.onnx" in page
    assert "LayerScale" in page


def test_python_computes_saves_and_reads_it(home, files):
    done = home.run(files, "python", "-c", PYTHON)
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("all of it\n")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["cost", "scaled_net"], "no network named 'scaled_net'"),
        (["cost", "s.json"], "'LayerScale'.*comes with the package 'archgraph-layerscale'"),
        (["draw", "s.json", "-o", "x.svg"], "comes with the package 'archgraph-layerscale'"),
        (["cost", "small.layers"], "'small.layers' cannot be read"),
        (["draw", "lenet5", "-o", "x.flow"], "no format 'flow'"),
        (["draw", "lenet5", "-o", "x.svg", "--color", "distance"], "distance"),
    ],
)
def test_without_the_package_each_file_ends_in_one_sentence(files, fresh, arguments, words):
    assert re.search(words, sentence(fresh.run(files, "archgraph", *arguments)))
    assert not (files / arguments[-1]).exists() or arguments[-1] in ("s.json", "small.layers")


def test_without_the_package_its_onnx_files_are_read_as_what_they_compute(built, files):
    home = Environment.make(files.parent / "bare" / "venv", built[1])
    home.link("onnx")
    cost = json.loads(said(home, files, "cost", "s.onnx", "--format", "json"))
    rows = {row["name"]: row["op"] for row in cost["nodes"]}
    assert rows["block0.scale"] == "Mul"
    assert cost["totals"]["params"] == 5290
