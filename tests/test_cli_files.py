"""Commands that write files: pictures, graph files, ONNX."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

import archgraph as ag
from archgraph.cli import main


def test_draw_writes_the_picture_and_says_so(capsys, tmp_path):
    target = tmp_path / "lenet5.svg"
    assert main(["draw", "lenet5", "-o", str(target)]) == 0
    assert target.read_text(encoding="utf-8").startswith(("<svg", "<?xml"))
    caught = capsys.readouterr()
    assert caught.out == ""
    assert caught.err.startswith(f"wrote {target} (")


def test_draw_passes_its_options_on(tmp_path):
    plain, dark = tmp_path / "plain.svg", tmp_path / "dark.svg"
    assert main(["draw", "resnet18", "-o", str(plain)]) == 0
    options = ["--level", "stage", "--theme", "dark", "--color", "macs", "--fit", "4:3"]
    assert main(["draw", "resnet18", "-o", str(dark), *options]) == 0
    assert 'width="720' in dark.read_text()[:600]
    assert plain.read_bytes() != dark.read_bytes()


@pytest.mark.parametrize(
    "option",
    [
        ("--level", "blok"),
        ("--fit", "3:7"),
        ("--theme", "blue"),
        ("--color", "joy"),
        ("--style", "oil"),
    ],
)
def test_a_wrong_value_of_an_option_is_named(capsys, tmp_path, option):
    assert main(["draw", "lenet5", "-o", str(tmp_path / "x.svg"), *option]) == 1
    said = capsys.readouterr().err
    assert option[1] in said
    assert said.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_draw_imports_neither_torch_nor_onnx(tmp_path):
    target = str(tmp_path / "x.svg")
    code = (
        "import sys; from archgraph.cli import main\n"
        f"status = main(['draw', 'googlenet', '-o', {target!r}])\n"
        "heavy = {'torch', 'onnx', 'onnx_ir', 'onnxruntime'} & set(sys.modules)\n"
        "sys.exit(status or ' '.join(heavy) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_hint_of_the_library_is_one_sentence(capsys, tmp_path):
    target = tmp_path / "x.svg"
    assert main(["draw", "resnet152", "--level", "layer", "-o", str(target)]) == 0
    hint, wrote = capsys.readouterr().err.splitlines()
    assert hint.startswith("archgraph: ")
    assert "layer" in hint
    assert wrote.startswith("wrote ")


def test_export_writes_a_graph_file_that_can_be_costed(capsys, tmp_path):
    target = tmp_path / "stage.json"
    assert main(["export", "resnet18/layer1", "-o", str(target)]) == 0
    assert main(["cost", str(target), "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    # Four 3×3 convolutions of 64 to 64 channels with a batch norm each (He et al., table 1).
    assert found["totals"]["params"] == 4 * (64 * 64 * 9 + 2 * 64)
    assert set(ag.load(target)) == set(ag.load("resnet18/layer1"))


def test_export_writes_a_checked_onnx_file(capsys, tmp_path):
    onnx = pytest.importorskip("onnx")
    target = tmp_path / "lenet5.onnx"
    command = ["export", "lenet5", "-o", str(target), "--check", "--batch", "4", "--softmax"]
    assert main(command) == 0
    model = onnx.load(target)
    assert model.graph.node[-1].op_type == "Softmax"
    assert model.graph.input[0].type.tensor_type.shape.dim[0].dim_value == 4
    assert f"wrote {target} (" in capsys.readouterr().err


@pytest.mark.parametrize("option", [("--batch", "many"), ("--opset", "3"), ("--precision", "int8")])
def test_a_wrong_export_option_is_named(capsys, tmp_path, option):
    pytest.importorskip("onnx")
    assert main(["export", "lenet5", "-o", str(tmp_path / "x.onnx"), *option]) == 1
    assert option[1] in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
