"""`make faults` in short: what it judges, and a few strikes against commands that are light."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("bench.faults", reason="not in a checkout")
if os.name == "nt":
    pytest.skip("it forks", allow_module_level=True)

from bench.faults.writing_commands import COMMANDS, judged

ROOT = Path(__file__).parents[1]
OLD, NEW = {"x.onnx": b"1", "x.onnx.data": b"1d"}, {"x.onnx": b"2", "x.onnx.data": b"2d"}
BRIDGE = {"x.onnx": b"2 whole"}


@pytest.mark.parametrize(
    ("found", "wrong"),
    [
        (OLD, {}),
        (NEW, {}),
        ({"x.onnx": b"2 whole", "x.onnx.data": b"1d"}, {}),
        ({"x.onnx": b"2", "x.onnx.data": b"1d"}, {"mixed": 1}),
        ({"x.onnx": b"1", "x.onnx.data": b"2d"}, {"mixed": 1}),
        ({"x.onnx": b"2"}, {"lost": 1}),
        ({}, {"lost": 2}),
        ({**NEW, ".x.partial/new/x.onnx": b"2"}, {"litter": 1}),
        ({**NEW, ".x.partial/": b""}, {"litter": 1}),
        ({"x.onnx": b"", "x.onnx.data": b"1d"}, {"half-written": 1, "mixed": 1}),
    ],
)
def test_what_is_left_is_judged(found, wrong):
    counts = judged(COMMANDS["export .onnx --external"], found, OLD, NEW, BRIDGE)
    assert {key: int(count) for key, count in counts.items() if count} == wrong


def test_a_few_strikes_leave_nothing_wrong():
    command = [sys.executable, "-m", "bench.faults", "--kills", "10", "cost"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    rows = re.findall(r"^\| ([^|]+) \|(.*)\|$", done.stdout, re.MULTILINE)[1:]
    runs = {fault: int(counts.split("|")[0]) for fault, counts in rows}
    assert len(runs) == 8
    assert all(runs.values())
