"""What is installed is what is in the repository."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import archgraph

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def test_every_package_is_installed():
    homes = {"archgraph": "archgraph", "exporters": "archgraph.exporters"}
    homes["gallery"] = "archgraph.gallery"
    found = {
        ".".join([name, *file.parent.relative_to(ROOT / folder).parts])
        for folder, name in homes.items()
        for file in (ROOT / folder).rglob("__init__.py")
    }
    assert found == set(PROJECT["tool"]["setuptools"]["packages"])


def test_the_version_is_the_packages():
    assert archgraph.__version__ == PROJECT["project"]["version"]
    command = [sys.executable, "-m", "archgraph.cli", "--version"]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=True)
    assert done.stdout == f"archgraph {PROJECT['project']['version']}\n"


def test_the_change_log_names_the_version():
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"## {PROJECT['project']['version']}" in text
