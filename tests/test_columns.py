"""Columns, units and order of tables are the user's choice."""

import csv
import io
import json

import pytest

import archgraph as ag
from archgraph.answers.footprint.report import peak_at_inference
from archgraph.cli.main import main


def rows(capsys, command):
    assert main(command.split()) == 0
    return list(csv.DictReader(io.StringIO(capsys.readouterr().out)))


def test_columns_stand_in_the_order_chosen(capsys):
    found = rows(capsys, "compare alexnet vgg16 --columns macs,depth,params --format csv")
    assert [*found[0]] == ["name", "macs", "depth", "params"]
    assert found[0] == {"name": "alexnet", "macs": "714188480", "depth": "8", "params": "61100840"}


def test_units_change_the_figures_and_not_what_is_unknown(capsys, tmp_path):
    found = rows(capsys, "compare vgg16 --columns params,peak_memory,macs --unit M,MB --format csv")
    net = ag.load("vgg16")
    assert float(found[0]["params"]) == net.total("params") / 1e6
    assert float(found[0]["peak_memory"]) == peak_at_inference(net) / 1e6
    net.attach("watts", {"features.0": 3.5})
    net.save(tmp_path / "net.json")
    (found,) = rows(
        capsys, f"compare {tmp_path}/net.json --columns watts,macs --unit k --format csv"
    )
    assert found["watts"] == ">=3.5"


def test_a_metric_of_a_device_is_a_column_too(capsys):
    found = rows(capsys, "compare lenet5 alexnet --columns time@A100,params --format csv")
    assert float(found[1]["time@A100"]) == pytest.approx(ag.load("alexnet").total("time@A100"))


def test_a_unit_of_counts_brings_that_of_bytes(capsys):
    columns = "params,peak_memory,receptive_field"
    assert main(["cost", "vgg16", "--by", "stage", "--columns", columns, "--unit", "M"]) == 0
    text = capsys.readouterr().out
    head = text.splitlines()[3].split()
    assert head == ["M", "MiB", "px"]
    assert "138.36" in text


def test_rows_stand_by_a_column(capsys):
    found = rows(capsys, "cost googlenet --columns macs --sort macs --format csv")
    macs = [int(row["macs"]) for row in found]
    assert macs == sorted(macs, reverse=True)
    assert sum(macs) == ag.load("googlenet").total("macs")
    found = rows(capsys, "compare vgg16 alexnet resnet18 --sort params --format csv")
    assert [row["name"] for row in found] == ["vgg16", "alexnet", "resnet18"]


def test_a_share_is_that_of_the_column_before_it(capsys):
    found = rows(capsys, "cost alexnet --by stage --columns macs,params,share --format csv")
    shares = [float(row["share"] or 0) for row in found]
    assert sum(shares) == pytest.approx(100)
    classifier = next(row for row in found if row["name"] == "classifier")
    assert float(classifier["share"]) == pytest.approx(100 * 58_631_144 / 61_100_840)


def test_live_memory_is_that_of_the_batch(capsys):
    words = "cost resnet18 --columns peak_memory --batch 8 --format json"
    assert main(words.split()) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["totals"]["peak_memory"] == peak_at_inference(ag.load("resnet18"), batch=8)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("cost lenet5 --columns memory", "there is no metric 'memory'"),
        ("cost lenet5 --columns macs,macs", "'macs' is named twice"),
        ("cost lenet5 --columns share,macs", "cannot be the first"),
        ("cost lenet5 --columns receptive_field,share", "does not add up"),
        ("compare lenet5 --columns time@A101", "A101"),
        ("cost lenet5 --unit Mb", "there is no unit 'Mb'; there are k, M, G, T, B, KiB"),
        ("cost lenet5 --columns macs --sort params", "rows cannot stand by 'params'"),
        ("compare lenet5 --columns deep", "there is no column 'deep' (did you mean 'depth'?)"),
        ("compare lenet5 --columns input,input", "'input' is named twice"),
    ],
)
def test_a_wrong_column_gets_one_sentence(capsys, words, said):
    assert main(words.split()) == 1
    assert said in capsys.readouterr().err
