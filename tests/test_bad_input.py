"""What a user can do wrong gets one sentence and leaves nothing half-written."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

import archgraph as ag
from archgraph.cli import main

CONV = {"in_channels": 3, "out_channels": 8, "kernel_size": 3}


def refused(capsys, *arguments: str | Path) -> str:
    """Run a command that must fail; return its one sentence."""
    status = main([str(argument) for argument in arguments])
    caught = capsys.readouterr()
    assert status == 1
    assert caught.out == ""
    assert caught.err.count("\n") == 1
    assert caught.err.startswith("archgraph: ")
    assert caught.err.endswith(".\n")
    assert "Traceback" not in caught.err
    return caught.err


def graph_file(path: Path, *nodes: dict) -> Path:
    whole = {"format": "archgraph", "version": 1, "graph": {"name": "x"}, "nodes": list(nodes)}
    path.write_text(json.dumps(whole))
    return path


def test_an_unknown_network_gets_the_nearest_names(capsys):
    assert "did you mean 'googlenet'" in refused(capsys, "cost", "gogolenet")
    assert "'inception3a'" in refused(capsys, "cost", "googlenet/inception3x")


def test_an_input_too_small_for_the_pools_names_the_layer(capsys):
    said = refused(capsys, "cost", "vgg16", "--input", "3x16x16")
    assert "features.30" in said
    assert "larger network input is needed" in said


@pytest.mark.parametrize("text", ["3x", "227", "axbxc", "3x-1x4", "3x0x4", "", "3x2.5x4"])
def test_a_malformed_input_is_refused(capsys, text):
    said = refused(capsys, "cost", "alexnet", f"--input={text}")
    assert "3×224×224" in said or "3x224x224" in said or "C×H×W" in said


def test_a_files_input_of_other_channels_names_the_layer(capsys, tmp_path):
    file = ag.load("lenet5").save(tmp_path / "net.json")
    said = refused(capsys, "cost", file, "--input", "3x32x32")
    assert "'c1'" in said
    assert "3×32×32" in said


def test_a_cyclic_graph_names_its_cycle(capsys, tmp_path):
    file = graph_file(
        tmp_path / "cyclic.json",
        {"name": "a", "op": "ReLU", "args": {}, "inputs": ["b"]},
        {"name": "b", "op": "ReLU", "args": {}, "inputs": ["a"]},
    )
    assert "a → b → a" in refused(capsys, "cost", file)


@pytest.mark.parametrize("text", ["", "{", "[1, 2", '{"format": "other"}', "null", "\x00\xff"])
def test_a_broken_graph_file_is_named(capsys, tmp_path, text):
    file = tmp_path / "broken.json"
    file.write_text(text, encoding="latin-1")
    assert "broken.json" in refused(capsys, "draw", file, "-o", tmp_path / "x.svg")
    assert [each.name for each in tmp_path.iterdir()] == ["broken.json"]


def test_an_unknown_operator_gets_the_nearest(capsys, tmp_path):
    file = graph_file(
        tmp_path / "net.json",
        {"name": "input", "op": "Input", "args": {"shape": [3, 8, 8]}, "inputs": []},
        {"name": "conv", "op": "Conv2D", "args": CONV, "inputs": ["input"]},
    )
    assert "did you mean 'Conv2d'" in refused(capsys, "cost", file)


def test_a_missing_file_is_named(capsys, tmp_path):
    assert "nowhere.json" in refused(capsys, "cost", tmp_path / "nowhere.json")


def test_a_missing_folder_is_named(capsys, tmp_path):
    target = tmp_path / "missing" / "cost.json"
    assert "missing" in refused(capsys, "cost", "lenet5", "-o", target)
    assert not target.parent.exists()


@pytest.mark.parametrize("command", ["cost", "draw", "export"])
def test_a_folder_as_output_is_refused(capsys, tmp_path, command):
    target = tmp_path / "out.json"
    target.mkdir()
    suffix = {"cost": "json", "draw": "svg", "export": "json"}[command]
    folder = tmp_path / f"folder.{suffix}"
    folder.mkdir()
    refused(capsys, command, "lenet5", "-o", folder)
    assert not list(folder.iterdir())


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a folder nobody can write to")
def test_an_unwritable_output_is_refused(capsys):
    assert "cannot write" in refused(capsys, "cost", "lenet5", "-o", "/proc/self/cost.json")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a full disk to write to")
def test_output_into_a_full_disk_leaves_the_old_file(tmp_path):
    code = (
        "import os, sys; from archgraph.cli import main\n"
        "def full(handle): raise OSError(28, 'No space left on device')\n"
        "os.fsync = full\n"
        f"sys.exit(main(['cost', 'lenet5', '-o', {str(tmp_path / 'cost.csv')!r}]))"
    )
    (tmp_path / "cost.csv").write_text("old")
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 1
    assert "No space left on device" in done.stderr
    assert (tmp_path / "cost.csv").read_text() == "old"
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("name", ["picture.bmp", "picture.svgg", "picture"])
def test_an_unknown_suffix_names_the_formats(capsys, tmp_path, name):
    said = refused(capsys, "draw", "lenet5", "-o", tmp_path / name)
    assert "svg" in said
    assert not list(tmp_path.iterdir())


def test_an_unknown_table_format_gets_the_nearest(capsys):
    assert "did you mean 'markdown'" in refused(capsys, "cost", "lenet5", "--format", "markdwon")


def test_an_option_that_a_format_lacks_is_refused(capsys, tmp_path):
    said = refused(capsys, "export", "lenet5", "-o", tmp_path / "x.json", "--opset", "18")
    assert "--opset" in said


@pytest.mark.parametrize(
    "arguments",
    [
        ["cost"],
        ["draw", "lenet5"],
        ["paint", "lenet5"],
        [],
    ],
)
def test_wrong_usage_has_status_2(capsys, arguments):
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    assert "usage: archgraph" in capsys.readouterr().err


class TestCheckpoints:
    """Weights that are not this network's, or no weights at all."""

    torch = pytest.importorskip("torch")

    def exported(self, capsys, tmp_path: Path, weights: Path) -> str:
        said = refused(
            capsys, "export", "lenet5", "-o", tmp_path / "net.onnx", "--weights", weights
        )
        assert not (tmp_path / "net.onnx").exists()
        return said

    def test_missing_keys_are_named(self, capsys, tmp_path):
        state = ag.to_torch(ag.load("lenet5")).state_dict()
        del state["c3.weight"]
        self.torch.save(state, tmp_path / "w.pth")
        assert "c3.weight" in self.exported(capsys, tmp_path, tmp_path / "w.pth")

    def test_another_networks_weights_are_refused(self, capsys, tmp_path):
        state = ag.to_torch(ag.load("resnet20_cifar")).state_dict()
        self.torch.save(state, tmp_path / "w.pth")
        assert "w.pth" in self.exported(capsys, tmp_path, tmp_path / "w.pth")

    def test_weights_of_another_shape_are_named(self, capsys, tmp_path):
        state = ag.to_torch(ag.load("lenet5", num_classes=7)).state_dict()
        self.torch.save(state, tmp_path / "w.pth")
        assert "output.weight" in self.exported(capsys, tmp_path, tmp_path / "w.pth")

    def test_a_pickle_with_code_is_never_run(self, capsys, tmp_path):
        trap = tmp_path / "sprung"

        class Code:
            def __reduce__(self):
                return (os.mkdir, (str(trap),))

        (tmp_path / "w.pth").write_bytes(pickle.dumps({"c1.weight": Code()}))
        self.exported(capsys, tmp_path, tmp_path / "w.pth")
        self.torch.save({"c1.weight": Code()}, tmp_path / "w2.pth")
        self.exported(capsys, tmp_path, tmp_path / "w2.pth")
        assert not trap.exists()

    @pytest.mark.parametrize("content", [b"", b"hello", b"PK\x03\x04broken", b"\x80\x02]q\x00."])
    def test_a_file_without_weights_is_named(self, capsys, tmp_path, content):
        (tmp_path / "w.pth").write_bytes(content)
        assert "w.pth" in self.exported(capsys, tmp_path, tmp_path / "w.pth")

    def test_a_missing_weight_file_is_named(self, capsys, tmp_path):
        assert "none.pth" in self.exported(capsys, tmp_path, tmp_path / "none.pth")
