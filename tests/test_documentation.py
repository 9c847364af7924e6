"""What README and the docs show works, their links lead somewhere, and the site shows them all.

An example runs in an empty folder, after those above it on its page. What is not run says so: a
command for which a file of the reader's is needed says "your" behind it.
"""

from __future__ import annotations

import ast
import contextlib
import doctest
import importlib
import io
import re
import shlex
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

import archgraph as ag
from archgraph import ops
from archgraph.cli import main
from archgraph.cli.app import parser

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
SITE = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))


class Block(NamedTuple):
    """A fenced block of a page: what it is, where it begins, what it says."""

    kind: str
    line: int
    text: str


def blocks(page: Path) -> list[Block]:
    text = page.read_text(encoding="utf-8")
    found = re.finditer(r"^```(.*)\n((?s:.*?))^```$", text, re.M)
    return [Block(each[1], text.count("\n", 0, each.start()) + 1, each[2]) for each in found]


# ---- examples -------------------------------------------------------------------------------


def run(block: Block, page: Path, names: dict[str, object]) -> None:
    """Run a block as what it says that it is, with the names that those above it left."""
    match block.kind:
        case "python":
            exec(compile("\n" * block.line + block.text, str(page), "exec"), names)
            compare_comments(block, names)
        case "pycon":
            parse = doctest.DocTestParser().get_doctest
            test = parse(block.text, {}, page.name, str(page), block.line)
            test.globs = names
            told: list[str] = []
            doctest.DocTestRunner().run(test, out=told.append, clear_globs=False)
            assert not told, "".join(told)
        case "sh":
            for line in block.text.splitlines():
                run_command(line)
        case "console":
            command, _, shown = block.text.removeprefix("$ archgraph ").partition("\n")
            with contextlib.redirect_stdout(io.StringIO()) as caught:
                assert main(shlex.split(command)) == 0
            assert caught.getvalue().startswith(shown)
        case _:
            assert block.kind in ("text", "toml"), "say what it is, so that it is tried"


def compare_comments(block: Block, names: dict[str, object]) -> None:
    """Where the comment behind a line is a literal, it is what the line gives."""
    for line, said in re.findall(r"^(\S.*?) +# (.*)$", block.text, re.M):
        with contextlib.suppress(SyntaxError, ValueError):
            wanted = ast.literal_eval(said)
            assert eval(line, names) == wanted, line


def run_command(line: str) -> None:
    """Run a command of ours, unless it needs a file of the reader's."""
    command, _, comment = line.partition(" #")
    # What a shell is to take in, as "source <(archgraph …)" and "archgraph … | source".
    inside = re.search(r"\((archgraph [^)]*)\)", command)
    command = inside[1] if inside else command.strip().removesuffix(" | source")
    program, *arguments = shlex.split(command)
    assert program in ("archgraph", "make", "pip"), line
    if program == "archgraph":
        parser().parse_args(arguments)
        if not re.search(r"\byour\b", comment):
            assert main(arguments) == 0, line


@pytest.mark.parametrize(
    "page",
    [page for page in PAGES if page.name != "CONTRIBUTING.md" and blocks(page)],
    ids=lambda page: page.stem,
)
def test_the_examples_run_and_give_what_they_say(page, tmp_path, monkeypatch):
    pytest.importorskip("onnx")
    from archgraph.exporters.onnx.runtimes import RUNTIMES

    for runtime in {*RUNTIMES} - {"onnxruntime"}:  # other tests check in all
        monkeypatch.delitem(RUNTIMES, runtime)
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {"__name__": page.stem}
    for block in blocks(page):
        run(block, page, names)


def test_the_examples_of_docstrings_give_what_they_say():
    tried = 0
    for file in (ROOT / "archgraph").rglob("*.py"):
        if ">>> " in file.read_text(encoding="utf-8"):
            name = ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            failed, here = doctest.testmod(importlib.import_module(name))
            assert failed == 0
            tried += here
    assert tried >= 8


# ---- links and names ------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_and_pictures_exist(page):
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text):
        if not target.startswith("https://"):
            assert (page.parent / target).exists(), target


def test_every_make_target_that_is_named_exists():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
    for page in PAGES:
        named = re.findall(r"(?:`|^)make ([a-z-]+)", page.read_text(encoding="utf-8"), re.M)
        assert set(named) <= targets


def test_the_site_names_every_page_once():
    def pages(entry) -> list[str]:
        if isinstance(entry, str):
            return [entry]
        return [page for each in entry for page in pages(each.values() if is_map(each) else each)]

    def is_map(entry) -> bool:
        return isinstance(entry, dict)

    root = ["index.md", "CONTRIBUTING.md", "CHANGELOG.md"]
    written = [page.name for page in (ROOT / "docs").glob("*.md")]
    assert sorted(pages(SITE["nav"])) == sorted(root + written)


def named(page: str) -> list[str]:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    return re.findall(r"^::: ([\w.]+)$", text, re.M)


def test_the_reference_names_all_that_is_public():
    public = {f"archgraph.{name}" for name in ag.__all__}
    elsewhere = {"archgraph.__version__", "archgraph.ArchGraphError"}
    assert sorted(named("reference.md")) == sorted(public - elsewhere | {"archgraph.errors"})
    assert ag.ArchGraphError.__module__ == "archgraph.errors"


def test_the_reference_names_what_writers_are_made_of():
    home = importlib.import_module("archgraph.exporters.pictures")
    public = [f"{home.__name__}.{name}" for name in home.__all__]
    assert sorted(named("drawings.md")) == sorted(public)
    for name in home.__all__:
        assert hasattr(home, name)


def test_the_reference_names_every_operator():
    ops.load_all()
    ours = {
        f"archgraph.ops.{name}"
        for name, op in ops.DEFINED.items()
        if op.__module__.startswith("archgraph.ops.") and not name.startswith("_")
    }
    assert sorted(named("operators.md")) == sorted({*ours, "archgraph.ops.Op"})
