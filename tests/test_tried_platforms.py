"""What is tried on other Pythons follows from pyproject, and claims only what the page shows."""

from __future__ import annotations

import platform
import re
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement

interpreters = pytest.importorskip("bench.platforms.interpreters", reason="not in a checkout")
requirements = pytest.importorskip("bench.platforms.requirements")
table = pytest.importorskip("bench.platforms.__main__")
trying = pytest.importorskip("bench.platforms.trying")

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "platforms.md").read_text(encoding="utf-8")


def test_the_lowest_versions_are_those_that_are_allowed():
    pins = requirements.lowest(requirements.RUNTIME + requirements.EXTRAS)
    assert len(pins) == len(requirements.PROJECT["dependencies"]) + 4
    for each in requirements.RUNTIME:
        (pin,) = (Requirement(pin) for pin in pins if Requirement(pin).name == each.name)
        assert each.specifier.contains(str(pin.specifier).removeprefix("=="))


def test_the_pythons_that_are_named_are_those_that_are_tried(monkeypatch):
    monkeypatch.setenv("PYTHONS", sys.executable)
    (found,) = interpreters.found()
    assert (found.version, found.minor) == (platform.python_version(), sys.version_info[:2])
    monkeypatch.setenv("PYTHONS", f"{sys.executable} python3.0")
    with pytest.raises(SystemExit, match="no Python that runs: python3.0"):
        interpreters.found()


def test_every_command_of_readme_without_extras_is_run():
    light = trying._light()
    assert "cost resnet152" in light
    assert "gallery lenet5 alexnet resnet50 -o site" in light
    assert not any("onnx" in each for each in light)
    assert {f"{each}.{each}" for each in ("svg", "pdf", "png", "pptx", "html", "tex", "dot")} <= {
        each.split()[-1] for each in light
    }


def test_pyproject_claims_the_pythons_of_the_page():
    rows = re.findall(
        r"^\| (3\.\d+)\.\S+ \|.*\| (\d+) \|$", PAGE.partition("## The lowest")[0], re.M
    )
    claimed = [
        each.rpartition(" ")[2]
        for each in requirements.PROJECT["classifiers"]
        if re.fullmatch(r"Programming Language :: Python :: 3\.\d+", each)
    ]
    assert [version for version, failed in rows if failed == "0"] == claimed


def test_a_table_names_what_failed_and_which_versions_there_were():
    python = interpreters.Interpreter("python3.11", "3.11.9")
    row = trying.Tried(python, {"NetworkX": "3.4", "other": "1"}, ["numpy"], 3, 1000, ["this"])
    text = table.table([row])
    assert "| 3.11.9 | numpy | 3 | 1,000 | 1 |" in text
    assert text.endswith("Versions: networkx 3.4.")
