"""``archgraph cost`` prints the published numbers, exactly, in every convention and format."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from facts import ALEXNET_LAYERS, GOOGLENET_MODULES, TOTALS, TRAINING_TOTALS

from archgraph.cli import main


def cost(capsys, *arguments: str) -> dict:
    assert main(["cost", *arguments, "--format", "json"]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("name", TOTALS)
def test_totals_are_the_published_ones(capsys, name):
    shape, params, macs = TOTALS[name][:3]
    found = cost(capsys, name)
    assert found["name"] == name
    assert found["input"] == list(shape)
    assert found["batch"] == 1
    assert found["convention"] == "macs"
    assert found["totals"]["macs"] == macs
    assert found["totals"]["params"] == params
    assert all(type(value) is int for value in found["totals"].values())


@pytest.mark.parametrize("name", ["alexnet", "googlenet", "alexnet_two_gpu", "resnet20_cifar"])
@pytest.mark.parametrize("extra", [(), ("--training",), ("--batch", "7")])
def test_totals_are_the_sums_of_the_nodes_listed(capsys, name, extra):
    found = cost(capsys, name, *extra)
    for metric, total in found["totals"].items():
        assert total == sum(node[metric] for node in found["nodes"])


@pytest.mark.parametrize("name", TRAINING_TOTALS)
def test_auxiliary_heads_are_listed_and_counted_in_training_only(capsys, name):
    assert not [n for n in cost(capsys, name)["nodes"] if n["name"].startswith("aux")]
    found = cost(capsys, name, "--training")
    assert found["totals"]["params"] == TRAINING_TOTALS[name].params
    assert all(node["training_only"] for node in found["nodes"] if node["name"].startswith("aux"))


def test_alexnet_layers_are_those_of_the_lectures_table(capsys):
    found = cost(capsys, "alexnet", "--input", "3x227x227", "--convention", "lecture")
    rows = {node["label"]: node for node in found["nodes"]}
    for label, shape, kib, params, count in ALEXNET_LAYERS:
        row = rows[label]
        assert row["output"] == list(shape)
        assert row["activation_kib"] == kib
        assert row["params"] == params
        assert row["lecture"] == count
    assert found["totals"]["params"] == 61_100_840
    assert found["totals"]["macs"] == 716_767_232


@pytest.mark.parametrize("row", GOOGLENET_MODULES, ids=lambda row: row[0])
def test_inception_modules_are_those_of_the_papers_table(capsys, row):
    name, widths, shape, params, macs = row
    found = cost(capsys, "googlenet", "--by", "block")
    group = {each["label"]: each for each in found["groups"]}[f"Inception {name}"]
    assert group["output"] == list(shape)
    assert group["params"] == params
    assert group["macs"] == macs
    members = [node for node in found["nodes"] if node["name"] in group["nodes"]]
    convolutions = [node["output"][0] for node in members if node["op"] == "Conv2d"]
    assert convolutions == list(widths)


@pytest.mark.parametrize("by", ["block", "stage", "device"])
@pytest.mark.parametrize("name", ["googlenet", "resnet50", "alexnet_two_gpu", "lenet5"])
def test_groups_hold_every_node_once(capsys, name, by):
    found = cost(capsys, name, "--by", by)
    members = [member for group in found["groups"] for member in group["nodes"]]
    assert sorted(members) == sorted(node["name"] for node in found["nodes"])
    for metric, total in found["totals"].items():
        assert total == sum(group[metric] for group in found["groups"])


def test_devices_share_the_two_gpu_network(capsys):
    groups = {g["name"]: g for g in cost(capsys, "alexnet_two_gpu", "--by", "device")["groups"]}
    assert set(groups) == {"none", "0", "1"}
    # fc8 with its 4,096 × 1,000 weights and 1,000 biases stands whole on the first device.
    assert groups["0"]["params"] - groups["1"]["params"] == 4096 * 1000 + 1000
    assert groups["none"]["nodes"] == ["input"]


def test_the_batch_scales_what_each_image_costs_and_no_weights(capsys):
    one, many = cost(capsys, "resnet18"), cost(capsys, "resnet18", "--batch", "32")
    assert many["batch"] == 32
    assert many["totals"]["params"] == one["totals"]["params"] == 11_689_512
    for metric in ("macs", "flops", "activation_bytes"):
        assert many["totals"][metric] == 32 * one["totals"][metric]


def test_nodes_say_what_they_read_and_where_they_run(capsys):
    found = cost(capsys, "alexnet_two_gpu")
    rows = {node["name"]: node for node in found["nodes"]}
    assert rows["gather3.gpu1"]["inputs"] == ["pool2.gpu0", "pool2.gpu1"]
    assert rows["conv2.gpu1"]["device"] == 1
    assert rows["input"]["device"] is None


def test_csv_is_exact_and_has_no_row_that_adds_up_others(capsys):
    assert main(["cost", "vgg16", "--format", "csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert sum(int(row["macs"]) for row in rows) == 15_470_264_320
    assert sum(int(row["params"]) for row in rows) == 138_357_544
    assert rows[1]["output"] == "64x224x224"


def test_a_module_is_costed_alone(capsys):
    found = cost(capsys, "googlenet/inception3a")
    assert found["totals"]["params"] == 163_696
    assert found["totals"]["macs"] == 128_049_152


def test_the_suffix_of_the_output_says_the_format(tmp_path: Path, capsys):
    for suffix, start in (("json", "{"), ("csv", "name,"), ("md", "**"), ("tex", "%")):
        target = tmp_path / f"cost.{suffix}"
        assert main(["cost", "lenet5", "-o", str(target)]) == 0
        assert target.read_text(encoding="utf-8").startswith(start)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    "command", [["list"], ["cost", "lenet5"], ["cost", "lenet5", "--format", "json"]]
)
def test_light_commands_import_neither_torch_nor_onnx(command):
    code = (
        "import sys; from archgraph.cli import main\n"
        f"status = main({command!r})\n"
        "heavy = {'torch', 'onnx', 'onnx_ir', 'onnxruntime', 'numpy', 'rich', 'pygraphviz'}\n"
        "sys.exit(status or ' '.join(sorted(heavy & set(sys.modules))) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_reader_that_stops_early_is_no_error():
    command = f"{sys.executable} -m archgraph cost resnet152 --format json | head -1"
    done = subprocess.run(command, shell=True, capture_output=True, encoding="utf-8", check=False)
    assert (done.stdout, done.stderr) == ("{\n", "")
