"""What the README and the docs show works, and their links lead somewhere."""

from __future__ import annotations

import contextlib
import io
import re
import shlex
from pathlib import Path

import pytest

from archgraph.cli import main
from archgraph.cli.app import parser

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]


def blocks(language: str) -> list[str]:
    found = re.findall(r"^```(\w*)\n(.*?)^```$", README, re.M | re.S)
    return [text for kind, text in found if kind == language]


def test_the_python_examples_run_and_give_what_they_say(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    for block in blocks("python"):
        exec(block, names)
        for line, wanted in re.findall(r"^(\S.*?) +# (\(.*\))$", block, re.M):
            assert eval(line, names) == eval(wanted)
    assert (tmp_path / "googlenet.svg").stat().st_size > 1000
    assert main(["cost", "tiny.json"]) == 0


def test_the_commands_parse():
    lines = [
        line for block in blocks("") for line in re.findall(r"^archgraph [^#\n]*", block, re.M)
    ]
    assert len(lines) >= 8
    for line in lines:
        parser().parse_args(shlex.split(line)[1:])


def test_the_output_shown_is_what_the_command_prints():
    (block,) = (each for each in blocks("") if each.startswith("$ archgraph "))
    command, _, shown = block.removeprefix("$ archgraph ").partition("\n")
    with contextlib.redirect_stdout(io.StringIO()) as caught:
        assert main(shlex.split(command)) == 0
    assert caught.getvalue().startswith(shown)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_and_pictures_exist(page):
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text):
        if not target.startswith("https://"):
            assert (page.parent / target).exists(), target


def test_every_make_target_that_is_named_exists():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.M))
    for page in PAGES:
        named = re.findall(r"`make ([a-z]+)`", page.read_text(encoding="utf-8"))
        assert set(named) <= targets
