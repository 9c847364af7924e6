"""The command line tells what to type where a file leaves sizes open; that is typed as it is."""

from __future__ import annotations

import json
import shlex

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from archgraph.cli import main

NAMES = ("model.onnx", "a b's $HOME.onnx")


def written(path, dims, name="x", second=None):
    """Write a convolution, its input of these extents: -1 and 0 are Paddle's open sizes."""
    weight = numpy_helper.from_array(np.zeros((8, 3, 3, 3), np.float32), "w")
    nodes = [helper.make_node("Conv", [name, "w"], ["y"], pads=[1, 1, 1, 1])]
    infos = [helper.make_tensor_value_info(name, 1, dims)]
    if second is not None:
        nodes.append(helper.make_node("Relu", [second[0]], ["z"]))
        infos.append(helper.make_tensor_value_info(second[0], 1, second[1]))
    result = [helper.make_tensor_value_info(n.output[0], TensorProto.FLOAT, None) for n in nodes]
    graph = helper.make_graph(nodes, "g", infos, result, [weight])
    opsets = [helper.make_opsetid("", 17)]
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=8), path)
    return str(path)


def told(text):
    """Return the words of the command that a text says to type."""
    words = shlex.split(text.partition("type: ")[2].splitlines()[0])
    assert words[0] == "archgraph"
    return words[1:]


@pytest.mark.parametrize("file", NAMES)
@pytest.mark.parametrize("dims", [[-1, 3, -1, -1], [0, 3, 0, 0], ["n", 3, "H", "W"]])
def test_cost_says_the_command_and_it_gives_the_totals(tmp_path, capsys, file, dims):
    path = written(tmp_path / file, dims)
    assert main(["cost", path, "--by", "block"]) == 0
    text = capsys.readouterr().out
    assert "MACs            ≥ 0" in text
    assert "Sizes left open: H, W." in text
    command = told(text)
    assert command == ["cost", path, "--by", "block", "--input", "x:Nx3x224x224"]
    assert main(command) == 0
    text = capsys.readouterr().out
    assert "left open" not in text
    assert f"{224 * 224 * 8 * 27:,} (" in text


def test_names_that_a_shell_would_take_apart_are_quoted(tmp_path, capsys):
    path = written(tmp_path / "model.onnx", [-1, 3, 48, -1], "in put;0")
    assert main(["cost", path]) == 0
    text = capsys.readouterr().out
    assert "--input 'in_put;0:Nx3x48x224'" in text or "--input in_put_0:Nx3x48x224" in text
    assert main(told(text)) == 0
    assert "≥" not in capsys.readouterr().out


def test_what_was_said_already_stays(tmp_path, capsys):
    path = written(tmp_path / "m.onnx", [-1, 3, -1, -1], second=("other", [-1, 8, -1, -1]))
    assert main(["cost", path, "--input", "x:Nx3x32x32"]) == 0
    command = told(capsys.readouterr().out)
    assert command[2:4] == ["--input", "x:Nx3x32x32"]
    assert command[4:] == ["--input", "other:Nx8x224x224"]
    assert main(command) == 0
    assert "≥" not in capsys.readouterr().out
    assert main(["cost", path, "--input=3x32x32"]) == 0
    assert told(capsys.readouterr().out) == command


def test_of_a_part_the_sizes_of_the_whole_are_said(tmp_path, capsys):
    path = written(tmp_path / "model.onnx", [-1, 3, -1, -1])
    assert main(["cost", f"{path}/conv"]) == 0
    command = told(capsys.readouterr().out)
    assert command == ["cost", f"{path}/conv", "--input", "x:Nx3x224x224"]
    assert main(command) == 0
    assert "≥" not in capsys.readouterr().out


def test_json_stays_json_and_the_command_goes_to_standard_error(tmp_path, capsys):
    path = written(tmp_path / "model.onnx", [-1, 3, -1, -1])
    assert main(["cost", path, "--format", "json"]) == 0
    out, said = capsys.readouterr()
    assert json.loads(out)["totals"]["macs"] is None
    assert told(said) == ["cost", path, "--format", "json", "--input", "x:Nx3x224x224"]


def test_export_says_how_the_file_can_be_written(tmp_path, capsys):
    path = written(tmp_path / "model.onnx", [-1, 3, -1, -1])
    copy = str(tmp_path / "copy.onnx")
    assert main(["export", path, "-o", copy]) == 1
    command = told(capsys.readouterr().err)
    assert command == ["export", path, "-o", copy, "--input", "x:Nx3x224x224"]
    assert main(command) == 0


def test_compare_says_what_to_type_for_each(tmp_path, capsys):
    path = written(tmp_path / "model.onnx", [-1, 3, -1, -1])
    assert main(["compare", path, "lenet5"]) == 0
    assert told(capsys.readouterr().err) == ["cost", path, "--input", "x:Nx3x224x224"]


def test_nothing_is_said_where_nothing_is_open(tmp_path, capsys):
    path = written(tmp_path / "model.onnx", [-1, 3, 32, 32])
    assert main(["cost", path]) == 0
    out, said = capsys.readouterr()
    assert "open" not in out
    assert not said
