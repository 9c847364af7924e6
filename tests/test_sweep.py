"""Sweeps: every configuration once, whatever dies in between, and in a file that goes on."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from itertools import product
from pathlib import Path

import pytest

import archgraph as ag
from archgraph.answers.sweeping.configurations import Choices, input_choices, value_choices
from archgraph.answers.sweeping.results_file import ResultsFile
from archgraph.answers.sweeping.workers import KILLED, Processes, rows_of
from archgraph.cli.main import main
from archgraph.errors import FileError, FormatError, UnknownNameError

FACTORY = """
import os, pathlib, time
import archgraph as ag

def net(width=4, mark=None, slow=0.0, deadly=False):
    if mark is not None:
        with open(mark, "a") as file:
            file.write(f"{os.getpid()}\\n")
    time.sleep(slow)
    if deadly and width == 7:
        os.kill(os.getpid(), 9)
    b = ag.Builder("made", input=(3, 8, 8))
    return b.build(b.conv("conv", b.input, width, 3))
"""


@pytest.fixture
def factory(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(FACTORY)
    return f"{path}:net"


def widths(path: Path) -> list[int]:
    if path.suffix == ".csv":
        return [int(row["width"]) for row in csv.DictReader(path.read_text().splitlines())]
    return [json.loads(line)["width"] for line in path.read_text().splitlines()]


# ---- what is varied -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("1,2,4", (1, 2, 4)),
        ("8..32..8", (8, 16, 24, 32)),
        ("3..1..-1", (3, 2, 1)),
        ("Base,True,None,1e-3", ("Base", True, None, 0.001)),
        ("(3,4),(5,6)", ((3, 4), (5, 6))),
        ("'a,b',c", ("a,b", "c")),
        ("2..3,9", (2, 3, 9)),
    ],
)
def test_values_as_they_are_typed(text, values):
    assert value_choices(text) == values


@pytest.mark.parametrize(
    ("given", "shapes"),
    [
        (["3x224x224"], ((3, 224, 224),)),
        (["3x32..96..32"], ((3, 32, 32), (3, 64, 64), (3, 96, 96))),
        (["3x8x8,1x4x4"], ((3, 8, 8), (1, 4, 4))),
        (["16..17x5"], ((16, 5), (17, 5))),
        (["ids:Nx8..16..8"], ((("ids", ("N", 8)),), (("ids", ("N", 16)),))),
        (["a:Nx1..2", "b:Nx3,Nx4"], tuple(zip([("a", ("N", 1)), ("a", ("N", 2))],
                                              [("b", ("N", 3)), ("b", ("N", 4))], strict=True))),
    ],
)  # fmt: skip
def test_inputs_as_they_are_typed(given, shapes):
    assert input_choices(given) == shapes


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["lenet5", "--arg", "num_classes"], "must be NAME=VALUES"),
        (["lenet5", "--arg", "num_classes=1,,2"], "an empty value"),
        (["lenet5", "--arg", "num_classes=9..1"], "goes nowhere"),
        (["lenet5", "--arg", "num_classes=1..9999999"], "goes nowhere"),
        (["lenet5", "--input", "3xax3"], "is no shape"),
        (["lenet5", "--input", "x:Nx3", "--input", "y:Nx3,Nx4"], "grow together"),
        (["lenet5", "--batch", "0"], "whole numbers above zero"),
        (["lenet5", "--metrics", "mac"], "did you mean"),
        (["lenet6"], "did you mean"),
        (["lenet5", "-o", "x.txt"], "no file of results"),
        (["lenet5", "--scheduler", "tcp://127.0.0.1:1"], "no dask scheduler"),
    ],
)
def test_a_mistake_is_one_sentence_before_anything_is_counted(
    capsys, tmp_path, monkeypatch, command, said
):
    monkeypatch.chdir(tmp_path)
    if "--scheduler" in command:
        pytest.importorskip("distributed")
        monkeypatch.setattr("archgraph.answers.sweeping.workers.PATIENCE", 0.1)
    assert main(["sweep", *command]) == 1
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1


# ---- what is counted ------------------------------------------------------------------------


def test_each_line_is_what_loading_and_adding_up_gives():
    found = ag.sweep(
        "resnet20_cifar",
        arg={"depth": [20, 32], "shortcut": ["A", "B"]},
        input=[(3, 32, 32), (3, 48, 48)],
        batch=[1, 8],
        metrics=("params", "macs"),
    )
    wanted = product((20, 32), "AB", ((3, 32, 32), (3, 48, 48)), (1, 8))
    assert len(found.rows) == 16
    for row, (depth, shortcut, shape, batch) in zip(found.rows, wanted, strict=True):
        net = ag.load("resnet20_cifar", depth=depth, shortcut=shortcut, input=shape)
        assert row == {
            "net": "resnet20_cifar",
            "depth": depth,
            "shortcut": shortcut,
            "input": "x".join(map(str, shape)),
            "batch": batch,
            "params": net.total("params"),
            "macs": net.total("macs", batch=batch),
            "error": None,
        }


def test_what_is_refused_is_a_line_with_its_reason_and_what_is_unknown_is_none():
    found = ag.sweep("vit_b_16", input=[(3, 224, 224), (3, 225, 225)], metrics=["macs"])
    assert found.rows[0]["error"] is None
    assert found.rows[1]["macs"] is None
    assert "multiples of 16" in found.rows[1]["error"]
    assert found.refused == 1
    assert ag.sweep("resnet18", metrics=["receptive_field"]).rows[0]["receptive_field"] is None


@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
def test_processes_give_the_same_bytes_as_one(tmp_path, factory, suffix):
    args = {"width": range(1, 60)}
    one, two = tmp_path / f"one.{suffix}", tmp_path / f"two.{suffix}"
    ag.sweep(factory, one, arg=args)
    ag.sweep(factory, two, arg=args, workers=2)
    assert one.read_bytes() == two.read_bytes()
    assert widths(one) == [*range(1, 60)]


# ---- going on -------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
def test_the_same_command_goes_on_where_a_file_was_torn(tmp_path, factory, suffix):
    mark, path = tmp_path / "mark", tmp_path / f"r.{suffix}"
    args = {"width": range(1, 9), "mark": [str(mark)]}
    whole = ag.sweep(factory, path, arg=args)
    content = path.read_bytes()
    assert len(whole.rows) == 8
    for cut in (len(content) - 1, len(content) - 9, content.index(b"\n", 200) + 1, 3):
        path.write_bytes(content[:cut])
        kept = max(content[:cut].count(b"\n") - (suffix == "csv"), 0)
        mark.unlink()
        found = ag.sweep(factory, path, arg=args)
        assert path.read_bytes() == content
        assert (found.there, len(found.rows)) == (kept, 8 - kept)
        assert len(mark.read_text().splitlines()) == 8 - kept
    mark.unlink()
    assert ag.sweep(factory, path, arg=args).there == 8
    assert not mark.exists()


def test_a_file_of_something_else_is_left_alone(tmp_path, factory):
    path = tmp_path / "r.csv"
    for content in (b"a,b\n1,2\n", b"\xff\xfe\n"):
        path.write_bytes(content)
        with pytest.raises(FormatError, match="does not hold the results of this sweep"):
            ag.sweep(factory, path)
        assert path.read_bytes() == content
    other = tmp_path / "r.jsonl"
    other.write_text("[1]\n")
    with pytest.raises(FormatError, match="line 1 is no JSON object"):
        ag.sweep(factory, other)
    with pytest.raises(FileError, match="cannot be written"):
        ag.sweep(factory, tmp_path / "no" / "r.csv")
    with pytest.raises(UnknownNameError):
        ag.sweep(factory, other, metrics=["nothing"])


def test_two_sweeps_do_not_write_one_file(tmp_path, factory):
    path = tmp_path / "r.csv"
    columns = ("net", "input", "batch", "params", "macs", "flops", "activation_bytes", "error")
    held = ResultsFile(path, "csv", columns, columns[:3])
    with held.opened(), pytest.raises(FileError, match="being written by another sweep"):
        ag.sweep(factory, path)


# ---- what dies ------------------------------------------------------------------------------


def test_a_worker_that_is_killed_loses_and_repeats_nothing(factory, tmp_path):
    mark = tmp_path / "mark"
    choices = Choices((factory,), {"width": range(1, 60), "mark": (str(mark),)})
    workers, rows, killed = Processes(2), [], False
    for found in rows_of(iter(choices), ("params",), workers):
        rows += found
        if len(rows) > 10 and not killed:
            killed = True
            os.kill(int(mark.read_text().split()[-1]), signal.SIGKILL)
    assert killed
    assert [row["width"] for row in rows] == [*range(1, 60)]
    assert {row["error"] for row in rows} == {None}


def test_a_configuration_that_kills_its_worker_is_tried_once_more_then_told(factory, tmp_path):
    mark = tmp_path / "mark"
    found = ag.sweep(
        factory,
        arg={"width": range(1, 41), "deadly": [True], "mark": [str(mark)]},
        metrics=["params"],
        workers=2,
    )
    errors = {row["width"]: row["error"] for row in found.rows}
    assert [*errors] == [*range(1, 41)]
    assert errors.pop(7) == KILLED
    assert {*errors.values()} == {None}


def started(factory, path, *more):
    command = [sys.executable, "-m", "archgraph", "sweep", factory, "--arg", "width=1..400"]
    command += ["--arg", "slow=0.005", "-o", str(path), "--workers", "2", *more]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True)


def until_some_lines(path: Path, running: subprocess.Popen[str]) -> None:
    end = time.monotonic() + 60
    while not path.exists() or path.read_bytes().count(b"\n") < 20:
        assert running.poll() is None, running.communicate()[1]
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.mark.parametrize("how", ["SIGINT", "SIGKILL"])
def test_a_sweep_that_is_ended_goes_on_and_is_whole(tmp_path, factory, how):
    path = tmp_path / "r.csv"
    running = started(factory, path)
    until_some_lines(path, running)
    if how == "SIGINT":
        os.killpg(running.pid, signal.SIGINT)  # as Ctrl-C does: to all of them
    else:
        running.kill()
    error = running.communicate(timeout=60)[1]
    assert running.returncode == (130 if how == "SIGINT" else -9)
    if how == "SIGINT":
        assert error == "archgraph: interrupted; nothing was left half-written.\n"
    before = path.read_bytes()
    assert before.endswith(b"\n") or how == "SIGKILL"
    again = started(factory, path)
    assert again.wait(timeout=120) == 0, again.communicate()[1]
    assert path.read_bytes().startswith(before[: before.rindex(b"\n") + 1])
    assert widths(path) == [*range(1, 401)]


def test_a_dask_cluster_gives_the_same_lines(tmp_path, factory):
    distributed = pytest.importorskip("distributed")
    one, two = tmp_path / "one.jsonl", tmp_path / "two.jsonl"
    args = {"width": range(1, 50)}
    ag.sweep(factory, one, arg=args)
    with distributed.LocalCluster(
        n_workers=1, processes=False, dashboard_address=None, silence_logs=50
    ) as cluster:
        ag.sweep(factory, two, arg=args, scheduler=cluster.scheduler_address)
    assert one.read_bytes() == two.read_bytes()


def test_the_command_tells_what_it_did(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    command = ["sweep", "lenet5", "--input", "1x28..32..4", "-o", "r.csv", "--workers", "1"]
    assert main(command) == 0
    assert capsys.readouterr().err == "wrote 2 configurations to r.csv\n"
    assert main(command) == 0
    assert capsys.readouterr().err == "wrote 0 configurations, beside 2 that were there to r.csv\n"
    assert main(["sweep", "lenet5", "--input", "1x32x32", "--workers", "1"]) == 0
    assert "61,706" in capsys.readouterr().out
    assert main(["sweep", "lenet5", "--arg", "depth=3", "--workers", "1"]) == 1
    assert "does not take the option 'depth'" in capsys.readouterr().err
